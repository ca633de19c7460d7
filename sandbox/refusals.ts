import type { Settings } from './settings.js';

/** Every refusal of the sandbox, with a status that Verifik's documents give it. Read by routes and faults alike. */
export const REFUSALS = {
  MissingParameter: 409,
  MISSING_CONTACT_INFO: 400,
  'missing countryCode': 409,
  'Invalid countryCode format': 409,
  'Invalid email format': 409,
  INVALID_PROJECT_FLOW: 400,
  project_not_found: 404,
  'email domain not allowed': 412,
  email_is_registered_already: 409,
  phone_is_registered_already: 409,
  cannot_resend_link_for_this_status: 409,
  appRegistration_not_found: 404,
  documentValidation_not_found: 404,
  emailValidation_not_found: 404,
  phoneValidation_not_found: 404,
  otp_does_not_match: 403,
  emailValidation_has_expired: 412,
  phoneValidation_has_expired: 412,
  liveness_failed: 409,
  Unauthorized: 401,
  access_denied: 403,
  step_not_supported: 500,
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/** Thrown by a route; answered in the envelope that is set. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  readonly suffix: string;

  constructor(code: RefusalCode, suffix = '') {
    super(code);
    this.code = code;
    this.suffix = suffix;
  }
}

/** An error in one of the three envelopes that Verifik uses. */
export const envelope = (kind: Settings['errorEnvelope'], status: number, code: string): Record<string, unknown> => {
  switch (kind) {
    case 'seed':
      return { error: `The request was refused (${code})`, message: code };
    case 'later':
      return { message: `${status}:${code}`, code: code.split('@')[0], status };
    case 'successFalse':
      return { success: false, error: code, code };
  }
};
