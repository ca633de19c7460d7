import { createHash } from 'node:crypto';
import { KINDS, type Kind, type Registration, type Validation } from './model.js';
import type { SandboxState } from './state.js';

type Json = Readonly<Record<string, unknown>>;

export const MAX_ATTEMPTS = 3;

const COMPARE_MIN_SCORE = 0.85;

export const iso = (at: number): string => new Date(at).toISOString();

/** Imitates Verifik's bcrypt hashes cheaply. It need not be secure: the outbox contains the code. */
const hashOf = (validationId: string, code: string): string => {
  const digest = createHash('sha512').update(`${validationId} ${code}`).digest('base64');
  return `$2b$10$${digest.replaceAll('+', '.').slice(0, 53)}`;
};

const viewContact = (validation: Validation, registration: Registration | undefined): Json =>
  validation.kind === 'email'
    ? { email: registration?.email }
    : { phone: registration?.phone, countryCode: registration?.countryCode, phoneGateway: 'sms' };

export const viewValidation = (state: SandboxState, validation: Validation): Json => {
  const { _id, kind, status, otp, appRegistrationId } = validation;
  const registration = state.registrations.peek(appRegistrationId);
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

/** Formats a validation for a webhook, without the hash of its code. */
export const viewEvent = (state: SandboxState, validation: Validation): Json => {
  const { otp, ...event } = viewValidation(state, validation);
  return event;
};

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

/** The first word is the first name, the rest is the last name. */
export const viewNames = ({ fullName = '' }: Registration): Json => {
  const [firstName = '', ...lastNames] = fullName.split(' ');
  return { fullName, firstName, lastName: lastNames.join(' ') };
};

export const viewSteps = ({ settings: { mandatory } }: SandboxState): Json => {
  const requirement = (...kinds: readonly Kind[]) =>
    kinds.some((kind) => mandatory.includes(kind)) ? 'mandatory' : 'optional';
  return {
    signUpForm: requirement('email', 'phone'),
    basicInformation: 'optional',
    document: requirement('document'),
    liveness: requirement('biometric'),
    form: 'skip',
  };
};

const viewFlow = (state: SandboxState, { projectFlow, project }: Registration): Json => ({
  _id: projectFlow,
  project,
  type: 'onboarding',
  onboardingSettings: {
    signUpForm: { emailGateway: 'mailgun', phoneGateway: 'sms' },
    steps: viewSteps(state),
  },
});

interface ReferenceView {
  readonly name: string;
  readonly id: string;
  readonly full: () => Json;
}

const references = (state: SandboxState, registration: Registration): readonly ReferenceView[] => {
  const { project, projectFlow, informationValidationId, personId, validations, compare } = registration;
  const named = () => viewNames(registration);
  return [
    { name: 'project', id: project, full: () => ({ _id: project, name: 'A project of the sandbox' }) },
    { name: 'projectFlow', id: projectFlow, full: () => viewFlow(state, registration) },
    {
      name: 'informationValidation',
      id: informationValidationId,
      full: () => ({ _id: informationValidationId, ...named() }),
    },
    ...Object.values(validations).map((validation) => ({
      name: `${validation.kind}Validation`,
      id: validation._id,
      full: () => viewValidation(state, validation),
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

/** Formats a registration. `populates` names the references to include in full. */
export const viewRegistration = (
  state: SandboxState,
  registration: Registration,
  populates: readonly string[] = [],
): Json => {
  const { _id, email, phone, countryCode, fullName, language, currentStep, status } = registration;
  const honoured = state.settings.references === 'populated' ? populates : [];
  // A reference is an id, an object if populated, or null if it does not exist.
  const shown = references(state, registration).map(({ name, id, full }) => [
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

/** The caller of create, which the response repeats. */
export interface Caller {
  readonly ipAddress: string;
  readonly userAgent: string;
}

export const viewCreated = (state: SandboxState, registration: Registration, token: string, caller: Caller): Json => {
  const view = viewRegistration(state, registration);
  if (state.settings.createAnswer === 'flat') return { success: true, data: { ...view, token, ...caller } };
  const { fullName, ...appRegistration } = view;
  const informationValidation = { _id: registration.informationValidationId, ...viewNames(registration) };
  return { data: { appRegistration, informationValidation, token } };
};
