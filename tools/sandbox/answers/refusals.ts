import type { FailedReason } from '../rules/reasons.js';
import type { Settings } from '../settings.js';
import { documentedError } from './documented-errors.js';

interface Entry {
  readonly status: number;
  readonly upper?: string;
}

/** All refusals of the sandbox, with the HTTP status that Verifik documents. */
export const REFUSALS = {
  MissingParameter: { status: 409 },
  BadRequest: { status: 400 },
  MISSING_CONTACT_INFO: { status: 400 },
  'missing countryCode': { status: 409 },
  'Invalid countryCode format': { status: 409 },
  'Invalid email format': { status: 409 },
  INVALID_PROJECT_FLOW: { status: 400 },
  project_not_found: { status: 404 },
  projectFlow_not_found: { status: 404 },
  security_not_set: { status: 404 },
  document_settings_not_set: { status: 404 },
  collection_not_set: { status: 409 },
  'email domain not allowed': { status: 412 },
  email_is_registered_already: { status: 409 },
  phone_is_registered_already: { status: 409 },
  'phone, email, projectFlow must be unique': { status: 409 },
  cannot_resend_link_for_this_status: { status: 409 },
  signUpForm_validation_not_passed: { status: 409 },
  appRegistration_not_found: { status: 404, upper: 'AppRegistration_not_found' },
  documentValidation_not_found: { status: 404 },
  biometricValidation_not_found: { status: 404 },
  informationValidation_not_found: { status: 404 },
  emailValidation_not_found: { status: 404 },
  phoneValidation_not_found: { status: 404 },
  webhookEvent_not_found: { status: 404 },
  person_not_found: { status: 404 },
  otp_does_not_match: { status: 403 },
  emailValidation_has_expired: { status: 412 },
  phoneValidation_has_expired: { status: 412 },
  attempts_limit_reached: { status: 409 },
  already_exists: { status: 409 },
  person_already_set: { status: 409 },
  Unauthorized: { status: 401 },
  access_denied: { status: 403 },
  step_not_supported: { status: 500 },
} as const satisfies Readonly<Record<string, Entry>>;

export type RefusalCode = keyof typeof REFUSALS;

/** The HTTP statuses of code words that only faults respond with. */
const FAULT_STATUSES: Readonly<Record<string, number>> = {
  insufficient_credits: 402,
  plan_not_found: 404,
  ClientSmartEnrollPlan_not_found: 404,
  ProjectFlow_security_was_not_set: 404,
  token_expired: 403,
  PreconditionFailed: 412,
  internal_error: 500,
};

/** The status with which Verifik documents a code word. Undefined for unknown ones. */
export const documentedStatus = (word: string): number | undefined =>
  FAULT_STATUSES[word] ?? Object.entries<Entry>(REFUSALS).find(([code]) => code === word)?.[1].status;

interface Explanation {
  /** Appended to the code in the message, such as `@0.45`. */
  readonly suffix?: string;
  readonly detail?: string;
  /** The message in the envelope `documented`. */
  readonly documented?: string;
}

/** An error that a route throws. The response uses the configured envelope. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode | FailedReason;
  readonly explanation: Explanation;

  constructor(code: RefusalCode | FailedReason, explanation: Explanation = {}) {
    super(code);
    this.code = code;
    this.explanation = explanation;
  }
}

interface ErrorContent {
  readonly status: number;
  readonly word: string;
  readonly suffix?: string | undefined;
  readonly detail?: string | undefined;
  /** The message instead of the word, in the envelopes that have a message. */
  readonly message?: string | undefined;
}

type Body = Readonly<Record<string, unknown>>;

export const envelope = (
  kind: Settings['errorEnvelope'],
  { status, word, suffix = '', detail, message }: ErrorContent,
): Body => {
  switch (kind) {
    case 'seed':
      return { error: detail ?? `The request was refused (${word})`, message: message ?? `${word}${suffix}` };
    case 'later':
      return { message: message ?? `${status}:${word}${suffix}`, code: word, status };
    case 'documented':
      return { code: word, message: message ?? `${status}:${word}${suffix}` };
    case 'successFalse':
      return { success: false, error: message ?? `${word}${suffix}`, code: word };
  }
};

/** Returns the response to a refused call, such as `GET /v2/app-registrations/:id`. */
export const refusalResponse = (
  { errorEnvelope, refusalStatuses, statusWords }: Settings,
  { code, explanation: { suffix, detail, documented } }: Refusal,
  call: string,
): { readonly status: number; readonly body: Body } => {
  const entries: Readonly<Record<string, Entry>> = REFUSALS;
  // The reasons of failed attempts are conflicts.
  const { status: usual, upper } = entries[code] ?? { status: 409 };
  if (errorEnvelope === 'documented') {
    const page = documentedError(code, call);
    const status = refusalStatuses[code] ?? page?.status ?? usual;
    const fallback = envelope('documented', { status, word: code, suffix, message: documented });
    return { status, body: page?.body ?? fallback };
  }
  const status = refusalStatuses[code] ?? usual;
  const word = (statusWords === 'upper' ? upper : undefined) ?? code;
  return { status, body: envelope(errorEnvelope, { status, word, suffix, detail }) };
};
