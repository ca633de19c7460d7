/** Names of the calls, as they appear in errors, metrics and logs. */
export type Endpoint =
  | 'createAppRegistration'
  | 'getAppRegistration'
  | 'listAppRegistrations'
  | 'me'
  | 'updateAppRegistration'
  | 'syncAppRegistration'
  | 'resendLink'
  | 'createEmailValidation'
  | 'validateEmail'
  | 'createPhoneValidation'
  | 'validatePhone'
  | 'createDocumentValidation'
  | 'getDocumentValidation'
  | 'createBiometricValidation'
  | 'compareFace'
  | 'refreshSession';

interface ErrorBase {
  readonly endpoint: Endpoint;
  /** The vendor's code word, or a word of ours where it gave none. Never free text. */
  readonly code: string;
  /** A plain sentence of our own words, the code and the HTTP status. Never anything of the body. */
  readonly message: string;
  /** The HTTP status, where there was an answer. */
  readonly status?: number;
  /** The id that the request carried in `X-Request-Id`. */
  readonly requestId: string;
}

/** Everything that asking Verifik can come to, but for an answer. */
export type VerifikError = ErrorBase &
  (
    | { readonly type: 'InvalidRequest' }
    /** The project or its flow is set up wrongly: an operator must act. */
    | { readonly type: 'Misconfigured' }
    /** The applicant is refused by the project's policy. */
    | { readonly type: 'RefusedByPolicy' }
    | { readonly type: 'AlreadyRegistered' }
    /** The registration's status allows no new token. */
    | { readonly type: 'RegistrationOver' }
    /** This generation of the API has no such endpoint. */
    | { readonly type: 'NotOffered' }
    | { readonly type: 'Gone' }
    /** The applicant's own attempt failed: it counts, and is never repeated by us. */
    | { readonly type: 'AttemptFailed' }
    | { readonly type: 'Credentials' }
    | {
        readonly type: 'Transient';
        /** As the vendor asked for by `Retry-After`. */
        readonly retryAfterMs?: number;
        /** Whether the call may have taken effect all the same. */
        readonly effect: 'none' | 'unknown';
      }
    /** An answer that is not what the contract says: the paths of what is wrong in it. */
    | { readonly type: 'ContractBroken'; readonly paths: readonly string[] }
    /** The caller's signal ended the call. */
    | { readonly type: 'Cancelled' }
  );

export type VerifikErrorType = VerifikError['type'];

/** The types that a code word alone decides. */
export type CodedErrorType = Exclude<VerifikErrorType, 'Transient' | 'ContractBroken' | 'NotOffered' | 'Cancelled'>;

/**
 * Verifik's code words. The HTTP status for one word differs between generations of its documentation, so the word goes first.
 * Keys are in lower case.
 */
export const CODE_WORDS: Readonly<Record<string, CodedErrorType>> = {
  missingparameter: 'InvalidRequest',
  missing_contact_info: 'InvalidRequest',
  missing_countrycode: 'InvalidRequest',
  invalid_countrycode_format: 'InvalidRequest',
  invalid_email_format: 'InvalidRequest',
  needs_an_email_or_a_phone_at_least: 'InvalidRequest',
  step_not_supported: 'InvalidRequest',
  invalid_project_flow: 'Misconfigured',
  project_not_found: 'Misconfigured',
  projectflow_not_found: 'Misconfigured',
  security_not_set: 'Misconfigured',
  document_settings_not_set: 'Misconfigured',
  collection_not_set: 'Misconfigured',
  preconditionfailed: 'RefusedByPolicy',
  email_domain_not_allowed: 'RefusedByPolicy',
  email_is_registered_already: 'AlreadyRegistered',
  phone_is_registered_already: 'AlreadyRegistered',
  cannot_resend_link_for_this_status: 'RegistrationOver',
  appregistration_not_found: 'Gone',
  otp_does_not_match: 'AttemptFailed',
  emailvalidation_has_expired: 'AttemptFailed',
  phonevalidation_has_expired: 'AttemptFailed',
  liveness_failed: 'AttemptFailed',
  already_exists: 'AttemptFailed',
  person_already_set: 'AttemptFailed',
  unauthorized: 'Credentials',
  forbidden: 'Credentials',
  access_denied: 'Credentials',
};

/** What each type means, for the sentence in the error. */
export const MEANINGS: Readonly<Record<VerifikErrorType, string>> = {
  InvalidRequest: 'Verifik refused the request as invalid',
  Misconfigured: 'the project or its flow is set up wrongly at Verifik',
  RefusedByPolicy: "Verifik refused the applicant by the project's policy",
  AlreadyRegistered: 'Verifik has a registration for this contact already',
  RegistrationOver: 'the registration is over at Verifik',
  NotOffered: "this generation of Verifik's API has no such call",
  Gone: 'Verifik knows no such registration',
  AttemptFailed: "the applicant's attempt failed",
  Credentials: 'Verifik refused the token',
  Transient: 'Verifik could not answer now',
  ContractBroken: "Verifik's answer is not what its contract says",
  Cancelled: 'the call was cancelled',
};

/** Says an error in a sentence: what it means, the call, the code and the status. */
export const sentence = (type: VerifikErrorType, endpoint: Endpoint, code: string, status?: number): string =>
  `${MEANINGS[type]} (${endpoint}: ${code}${status === undefined ? '' : `, HTTP ${status}`})`;
