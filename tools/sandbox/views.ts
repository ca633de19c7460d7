import { createHash } from 'node:crypto';
import { KINDS, type Kind, type Registration, type Validation } from './model.js';
import type { World } from './world.js';

type Json = Readonly<Record<string, unknown>>;

/** Attempts that an applicant has at a code. */
export const MAX_ATTEMPTS = 3;

/** The least score at which two faces are the same. */
const COMPARE_MIN_SCORE = 0.85;

const iso = (at: number): string => new Date(at).toISOString();

/** Looks like bcrypt, as the vendor's does, and is none: the code stands in the outbox anyway. */
const hashOf = (validationId: string, code: string): string => {
  const digest = createHash('sha512').update(`${validationId} ${code}`).digest('base64');
  return `$2b$10$${digest.replaceAll('+', '.').slice(0, 53)}`;
};

const viewContact = (validation: Validation, registration: Registration | undefined): Json =>
  validation.kind === 'email'
    ? { email: registration?.email }
    : { phone: registration?.phone, countryCode: registration?.countryCode, phoneGateway: 'sms' };

export const viewValidation = (world: World, validation: Validation): Json => {
  const { _id, kind, status, otp, appRegistrationId } = validation;
  const registration = world.registrations.peek(appRegistrationId);
  const base = {
    _id,
    status,
    type: 'onboarding',
    project: registration?.project,
    projectFlow: registration?.projectFlow,
    createdAt: iso(validation.createdAt),
  };
  switch (kind) {
    case 'email':
    case 'phone':
      return {
        ...base,
        ...viewContact(validation, registration),
        ...(otp === undefined ? {} : { otp: hashOf(_id, otp.code), expiresAt: iso(otp.expiresAt) }),
        attempts: otp?.attempts ?? 0,
        maxAttempts: MAX_ATTEMPTS,
      };
    case 'document':
      return {
        ...base,
        appRegistration: appRegistrationId,
        documentType: 'ID',
        namesMatch: true,
        fullNameMatchPercentage: 100,
      };
    case 'biometric':
      return { ...base, appRegistration: appRegistrationId, livenessScore: status === 'failed' ? 0.45 : 0.93 };
  }
};

/** A validation as a webhook shows it: without its code, not even hashed. */
export const viewEvent = (world: World, validation: Validation): Json => {
  const { otp, ...event } = viewValidation(world, validation);
  return event;
};

/** How the comparison of the faces went. */
export const viewCompareResult = ({ compare }: Registration): Json | null =>
  compare === undefined ? null : { score: compare.score, passed: compare.passed, compare_min_score: COMPARE_MIN_SCORE };

const viewCompare = (registration: Registration): Json | null =>
  registration.compare === undefined
    ? null
    : {
        _id: registration.compare._id,
        result: viewCompareResult(registration),
        comparedAt: iso(registration.compare.at),
      };

/** The names of the applicant: the first word, and the others. */
export const viewNames = ({ fullName = '' }: Registration): Json => {
  const [firstName = '', ...lastNames] = fullName.split(' ');
  return { fullName, firstName, lastName: lastNames.join(' ') };
};

/** What the flow asks for, step by step. */
export const viewSteps = ({ settings: { mandatory } }: World): Json => {
  const asked = (...kinds: readonly Kind[]) =>
    kinds.some((kind) => mandatory.includes(kind)) ? 'mandatory' : 'optional';
  return {
    signUpForm: asked('email', 'phone'),
    basicInformation: 'optional',
    document: asked('document'),
    liveness: asked('biometric'),
    form: 'skip',
  };
};

const viewFlow = (world: World, { projectFlow, project }: Registration): Json => ({
  _id: projectFlow,
  project,
  type: 'onboarding',
  onboardingSettings: {
    signUpForm: { emailGateway: 'mailgun', phoneGateway: 'sms' },
    steps: viewSteps(world),
  },
});

interface Reference {
  readonly name: string;
  readonly id: string;
  readonly full: () => Json;
}

/** What the registration refers to. */
const references = (world: World, registration: Registration): readonly Reference[] => {
  const { project, projectFlow, informationValidationId, personId, validations, compare } = registration;
  const named = () => viewNames(registration);
  return [
    { name: 'project', id: project, full: () => ({ _id: project, name: 'A project of the sandbox' }) },
    { name: 'projectFlow', id: projectFlow, full: () => viewFlow(world, registration) },
    {
      name: 'informationValidation',
      id: informationValidationId,
      full: () => ({ _id: informationValidationId, ...named() }),
    },
    ...Object.values(validations).map((validation) => ({
      name: `${validation.kind}Validation`,
      id: validation._id,
      full: () => viewValidation(world, validation),
    })),
    ...(validations.biometric === undefined
      ? []
      : [{ name: 'person', id: personId, full: () => ({ _id: personId, ...named() }) }]),
    ...(compare === undefined
      ? []
      : [{ name: 'compareFaceVerification', id: compare._id, full: () => viewCompare(registration) ?? {} }]),
  ];
};

const NULL_REFERENCES = Object.fromEntries(
  [...KINDS.map((kind) => `${kind}Validation`), 'person', 'compareFaceVerification'].map((name) => [name, null]),
);

/** The registration, with the references populated that were asked for. */
export const viewRegistration = (world: World, registration: Registration, populates: readonly string[] = []): Json => {
  const { _id, email, phone, countryCode, fullName, language, currentStep, status } = registration;
  const honoured = world.settings.references === 'populated' ? populates : [];
  // A reference is an id unless it was populated, and null where there is nothing.
  const shown = references(world, registration).map(({ name, id, full }) => [
    name,
    honoured.includes(name) ? full() : id,
  ]);
  return {
    _id,
    client: 'client_of_the_sandbox',
    status,
    currentStep,
    email: email ?? null,
    phone: phone ?? null,
    countryCode: countryCode ?? null,
    fullName: fullName ?? null,
    language,
    ...NULL_REFERENCES,
    ...Object.fromEntries(shown),
    createdAt: iso(registration.createdAt),
    updatedAt: iso(registration.updatedAt),
  };
};

/** Where a registration was asked for from, as the answer of create repeats it. */
export interface Caller {
  readonly ipAddress: string;
  readonly userAgent: string;
}

/** The answer of create, in the generation that is set. */
export const viewCreated = (world: World, registration: Registration, token: string, caller: Caller): Json => {
  const view = viewRegistration(world, registration);
  if (world.settings.createAnswer === 'flat') return { success: true, data: { ...view, token, ...caller } };
  const { fullName, ...appRegistration } = view;
  const informationValidation = { _id: registration.informationValidationId, ...viewNames(registration) };
  return { data: { appRegistration, informationValidation, token } };
};
