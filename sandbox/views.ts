import { createHash } from 'node:crypto';
import { KINDS, type Registration, type Validation } from './model.js';
import type { World } from './world.js';

type Json = Readonly<Record<string, unknown>>;

/** The words of the two generations, where they differ. Words that were forced stay as they are. */
const LOWER: Readonly<Record<string, string>> = {
  STARTED: 'new',
  COMPLETED: 'completed',
  ASSESSING: 'pending',
  VALIDATED: 'completed',
};

const worded = (world: World, word: string): string =>
  world.settings.statusWords === 'lower' ? (LOWER[word] ?? word) : word;

/** The status now: a code that has not been used in time has expired. */
export const statusOf = (world: World, { status, otp }: Validation): string =>
  status === 'sent' && otp !== undefined && otp.expiresAt <= world.now() ? 'expired' : status;

const iso = (at: number): string => new Date(at).toISOString();

export const viewValidation = (world: World, validation: Validation): Json => {
  const registration = world.registrations.get(validation.appRegistrationId);
  const status = statusOf(world, validation);
  const base = {
    _id: validation._id,
    status: validation.kind === 'document' ? worded(world, status) : status,
    type: 'onboarding',
    createdAt: iso(validation.createdAt),
  };
  switch (validation.kind) {
    case 'email':
    case 'phone':
      return {
        ...base,
        ...(validation.kind === 'email'
          ? { email: registration?.email }
          : { phone: registration?.phone, countryCode: registration?.countryCode, phoneGateway: 'sms' }),
        otp: `$2b$10$${createHash('sha256')
          .update(validation.otp?.code ?? '')
          .digest('base64url')}`,
        attempts: validation.otp?.attempts ?? 0,
        maxAttempts: 3,
        expiresAt: validation.otp === undefined ? null : iso(validation.otp.expiresAt),
      };
    case 'document':
      return {
        ...base,
        appRegistration: validation.appRegistrationId,
        documentType: 'ID',
        namesMatch: true,
        fullNameMatchPercentage: 100,
      };
    case 'biometric':
      return { ...base, appRegistration: validation.appRegistrationId, livenessScore: 0.93 };
  }
};

const viewCompare = ({ compare }: Registration): Json | null =>
  compare === undefined
    ? null
    : { result: { score: compare.score, passed: compare.passed, compare_min_score: 0.85 }, comparedAt: iso(0) };

/** The registration, with the references populated that were asked for. */
export const viewRegistration = (world: World, registration: Registration, populates: readonly string[] = []): Json => {
  const { _id, project, projectFlow, email, phone, countryCode, fullName, language, currentStep } = registration;
  const honoured = world.settings.references === 'populated' ? populates : [];
  const references = KINDS.map((kind) => {
    const name = `${kind}Validation`;
    const validation = registration.validations[kind];
    if (validation === undefined) return [name, null];
    return [name, honoured.includes(name) ? viewValidation(world, validation) : validation._id];
  });
  return {
    _id,
    client: 'client_of_the_sandbox',
    project,
    projectFlow,
    status: worded(world, registration.status),
    currentStep,
    email: email ?? null,
    phone: phone ?? null,
    countryCode: countryCode ?? null,
    fullName: fullName ?? null,
    language,
    ...Object.fromEntries(references),
    compareFaceVerification: honoured.includes('compareFaceVerification') ? viewCompare(registration) : null,
    createdAt: iso(registration.createdAt),
    updatedAt: iso(registration.updatedAt),
  };
};

/** The answer of create, in the generation that is set. */
export const viewCreated = (world: World, registration: Registration, token: string): Json => {
  const view = viewRegistration(world, registration);
  if (world.settings.createAnswer === 'flat')
    return { success: true, data: { ...view, token, ipAddress: '127.0.0.1', userAgent: 'sandbox' } };
  const { fullName, ...appRegistration } = view;
  return { data: { appRegistration, informationValidation: { _id: registration._id, fullName }, token } };
};
