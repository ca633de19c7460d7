import { createHash } from 'node:crypto';
import type { Contact, Registration, Validation } from '../model.js';
import { flowOf } from '../rules/flow.js';
import type { SandboxState } from '../state.js';
import { isPassed } from './words.js';

type Json = Readonly<Record<string, unknown>>;

export const MAX_ATTEMPTS = 3;

export const CLIENT = 'client_of_the_sandbox';

export const iso = (at: number): string => new Date(at).toISOString();

/** Imitates Verifik's bcrypt hashes cheaply. It need not be secure: the outbox contains the code. */
const hashOf = (validationId: string, code: string): string => {
  const digest = createHash('sha512').update(`${validationId} ${code}`).digest('base64');
  return `$2b$10$${digest.replaceAll('+', '.').slice(0, 53)}`;
};

/** Formats a contact. A phone number can be a number without leading zeros, and a country code can lack its `+`. */
export const viewContact = ({ settings }: SandboxState, { email, phone, countryCode }: Contact) => {
  const none = settings.absentValues === 'empty' ? '' : null;
  const asNumber = settings.contactFormat === 'number';
  return {
    email: email ?? none,
    phone: phone === undefined ? none : asNumber ? Number(phone) : phone,
    countryCode: countryCode === undefined ? none : asNumber ? countryCode.replace('+', '') : countryCode,
  };
};

/** The first word is the first name, the rest is the last name. */
export const viewNames = ({ fullName = '' }: Pick<Registration, 'fullName'>) => {
  const [firstName = '', ...lastNames] = fullName.split(' ');
  return { fullName, firstName, lastName: lastNames.join(' ') };
};

const viewCode = (state: SandboxState, { _id, kind, status, otp, updatedAt, createdAt }: Validation): Json => ({
  validationMethod: 'verificationCode',
  requires2FA: false,
  ipAddress: '127.0.0.1',
  redirectUrl: 'https://example.com/success',
  ...(otp === undefined ? {} : { otp: hashOf(_id, otp.code), expiresAt: iso(otp.expiresAt) }),
  ...(otp !== undefined && state.settings.secretsInReads === 'present' ? { verificationCode: otp.code } : {}),
  ...(kind === 'phone' ? { phoneGateway: flowOf(state.settings).phoneGateway, phoneData: {}, language: 'en' } : {}),
  ...(isPassed(status) ? { validatedAt: iso(updatedAt ?? createdAt) } : {}),
  attempts: otp?.attempts ?? 0,
  maxAttempts: MAX_ATTEMPTS,
});

const documentPage = ({ fullName = '' }: Pick<Registration, 'fullName'>): Json => {
  const { firstName, lastName } = viewNames({ fullName });
  return {
    age: '34',
    frontUrl: 'https://example.com/front',
    backUrl: 'https://example.com/back',
    country: 'US',
    documentData: {
      firstName,
      lastName,
      middleName: '',
      documentNumber: '000000000',
      birthDate: '1990-01-15',
      expirationDate: '2030-01-15',
      issueDate: '2020-01-15',
      gender: 'M',
      nationality: 'US',
    },
    ocrResults: { confidence: 0.95, rawText: 'A document of the sandbox', fields: { firstName, lastName } },
    validationResults: {
      documentAuthenticity: 'passed',
      dataConsistency: 'passed',
      livenessDetection: 'passed',
      antiSpoofing: 'passed',
    },
    images: { frontImage: 'front', backImage: 'back', selfieImage: 'selfie' },
    riskScore: 0.05,
  };
};

const ASSESSED = { imageValidated: true, scoreValidated: true, namesMatch: true, fullNameMatchPercentage: 100 };
const UNASSESSED = { imageValidated: false, scoreValidated: false, namesMatch: false, fullNameMatchPercentage: 0 };

/** The liveness score of a selfie that has not failed. */
export const LIVE_SCORE = 0.93;

export const livenessScoreOf = ({ status }: Validation): number => (status === 'failed' ? 0.45 : LIVE_SCORE);

/** The reasons for which a document waits for people. */
const REVIEW_REASONS = {
  infoValidationSupportedReason: 'document_not_supported',
  manualVerificationReason: 'validation_timeout',
};

const viewDocument = (validation: Validation, registration: Registration | undefined): Json => {
  const { status, updatedAt, failedReason, hasNoPortrait, nameReview } = validation;
  const names = isPassed(status) ? ASSESSED : UNASSESSED;
  return {
    documentType: 'ID',
    documentCategory: 'ID',
    validationMethod: 'OCR',
    inputMethod: 'FILE_UPLOAD',
    ...names,
    firstNameMatchPercentage: names.fullNameMatchPercentage,
    lastNameMatchPercentage: names.fullNameMatchPercentage,
    ...(updatedAt === undefined ? {} : { ...documentPage(registration ?? {}), completedAt: iso(updatedAt) }),
    ...(failedReason === undefined ? {} : { failedReason }),
    ...(hasNoPortrait ? { documentFaceReason: 'document_face_not_provided' } : {}),
    ...(status === 'NEEDS_MANUAL_VERIFICATION' ? REVIEW_REASONS : {}),
    ...(nameReview === undefined ? {} : { manualNameReview: nameReview }),
  };
};

const viewSelfie = ({ settings }: SandboxState, validation: Validation): Json => ({
  livenessScore: livenessScoreOf(validation),
  livenessMinScore: flowOf(settings).minScore,
  ...(validation.failedReason === undefined ? {} : { failedReason: validation.failedReason }),
});

const viewOwn = (state: SandboxState, validation: Validation, registration: Registration | undefined): Json => {
  const { kind, appRegistrationId: appRegistration } = validation;
  const { email, ...phone } = viewContact(state, validation.contact ?? registration ?? {});
  switch (kind) {
    case 'email':
      return { email, ...viewCode(state, validation) };
    case 'phone':
      return { ...phone, ...viewCode(state, validation) };
    case 'document':
      return { appRegistration, ...viewDocument(validation, registration) };
    case 'biometric':
      return { appRegistration, ...viewSelfie(state, validation) };
  }
};

export const viewValidation = (state: SandboxState, validation: Validation): Json => {
  const { _id, kind, status, createdAt, updatedAt, appRegistrationId } = validation;
  const registration = state.registrations.peek(appRegistrationId);
  return {
    _id,
    client: CLIENT,
    project: registration?.project,
    projectFlow: registration?.projectFlow,
    status,
    type: kind === 'document' ? 'validation' : 'onboarding',
    ...viewOwn(state, validation, registration),
    createdAt: iso(createdAt),
    updatedAt: iso(updatedAt ?? createdAt),
  };
};

/** Formats a validation for a webhook, without its code. */
export const viewEvent = (state: SandboxState, validation: Validation): Json => {
  const { otp, verificationCode, ...event } = viewValidation(state, validation);
  if (validation.kind !== 'document') return event;
  const { email, phone } = viewContact(state, state.registrations.peek(validation.appRegistrationId) ?? {});
  return { ...event, email, phone };
};

/** The data of the email with the code, with a link that contains the registration token. */
export const viewEmailData = ({ project, token, fullName }: Registration): Json => ({
  emailData: {
    firstName: viewNames({ ...(fullName === undefined ? {} : { fullName }) }).firstName,
    title: 'The sandbox',
    projectName: 'The sandbox',
    contactEmail: 'support@example.com',
    logo: 'https://example.com/logo.png',
    authLink: signUpLink(project, token ?? ''),
  },
});

/** The link to the hosted page. */
export const signUpLink = (project: string, token: string): string =>
  `https://access.verifik.co/sign-up/${project}?token=${token}`;
