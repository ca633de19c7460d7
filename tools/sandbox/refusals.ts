import type { Settings } from './settings.js';

interface Entry {
  readonly status: number;
  readonly upper?: string;
}

/** All refusals of the sandbox, with the HTTP status that Verifik documents. */
export const REFUSALS = {
  MissingParameter: { status: 409 },
  MISSING_CONTACT_INFO: { status: 400 },
  'missing countryCode': { status: 409 },
  'Invalid countryCode format': { status: 409 },
  'Invalid email format': { status: 409 },
  INVALID_PROJECT_FLOW: { status: 400 },
  project_not_found: { status: 404 },
  'email domain not allowed': { status: 412 },
  email_is_registered_already: { status: 409 },
  phone_is_registered_already: { status: 409 },
  cannot_resend_link_for_this_status: { status: 409 },
  appRegistration_not_found: { status: 404, upper: 'AppRegistration_not_found' },
  documentValidation_not_found: { status: 404 },
  emailValidation_not_found: { status: 404 },
  phoneValidation_not_found: { status: 404 },
  otp_does_not_match: { status: 403 },
  emailValidation_has_expired: { status: 412 },
  phoneValidation_has_expired: { status: 412 },
  liveness_failed: { status: 409 },
  already_exists: { status: 409 },
  person_already_set: { status: 409 },
  Unauthorized: { status: 401 },
  access_denied: { status: 403 },
  step_not_supported: { status: 500 },
} as const satisfies Readonly<Record<string, Entry>>;

export type RefusalCode = keyof typeof REFUSALS;

/** An error that a route throws. The response uses the configured envelope. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  /** Appended to the code in the message, such as `@0.45`. */
  readonly suffix: string;
  readonly detail: string | undefined;

  constructor(code: RefusalCode, { suffix = '', detail }: { readonly suffix?: string; readonly detail?: string } = {}) {
    super(code);
    this.code = code;
    this.suffix = suffix;
    this.detail = detail;
  }
}

interface ErrorContent {
  readonly status: number;
  readonly word: string;
  readonly suffix?: string;
  readonly detail?: string | undefined;
}

export const envelope = (
  kind: Settings['errorEnvelope'],
  { status, word, suffix = '', detail }: ErrorContent,
): Readonly<Record<string, unknown>> => {
  switch (kind) {
    case 'seed':
      return { error: detail ?? `The request was refused (${word})`, message: `${word}${suffix}` };
    case 'later':
      return { message: `${status}:${word}${suffix}`, code: word, status };
    case 'successFalse':
      return { success: false, error: `${word}${suffix}`, code: word };
  }
};

export const refusalResponse = (
  { errorEnvelope, refusalStatuses, statusWords }: Settings,
  { code, suffix, detail }: Refusal,
): { readonly status: number; readonly body: Readonly<Record<string, unknown>> } => {
  const { status: documented, upper }: Entry = REFUSALS[code];
  const status = refusalStatuses[code] ?? documented;
  const word = (statusWords === 'upper' ? upper : undefined) ?? code;
  return { status, body: envelope(errorEnvelope, { status, word, suffix, detail }) };
};
