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
  /** Refused by Verifik, or by us before anything was sent. */
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
        /** As the vendor asked for by `Retry-After`, an hour at most. */
        readonly retryAfterMs?: number;
        /** Whether the call may have taken effect all the same. */
        readonly effect: 'none' | 'unknown';
      }
    /** An answer that is not what the contract says: the paths of what is wrong in it, at most 20. */
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

/** What each type means and what is to be done about it: the two halves of an error's sentence. */
export const ERROR_TYPES: Readonly<Record<VerifikErrorType, { readonly means: string; readonly whatToDo: string }>> = {
  InvalidRequest: {
    means: 'the request is invalid',
    whatToDo: 'correct it: asking the same again changes nothing',
  },
  Misconfigured: {
    means: 'the project or its flow is set up wrongly at Verifik',
    whatToDo: 'an operator has to mend it there',
  },
  RefusedByPolicy: {
    means: "Verifik refused the applicant by the project's policy",
    whatToDo: 'the onboarding is to be rejected',
  },
  AlreadyRegistered: {
    means: 'Verifik has a registration for this contact already',
    whatToDo: 'resume that one',
  },
  RegistrationOver: {
    means: 'the registration is over at Verifik',
    whatToDo: 'read it and settle from its status',
  },
  NotOffered: {
    means: "this generation of Verifik's API has no such call",
    whatToDo: 'go another way',
  },
  Gone: {
    means: 'Verifik knows no such registration',
    whatToDo: 'register again',
  },
  AttemptFailed: {
    means: "the applicant's attempt failed",
    whatToDo: 'it counts, and only the applicant tries again',
  },
  Credentials: {
    means: 'Verifik did not accept the token, or there is none',
    whatToDo: 'an operator has to look after the token',
  },
  Transient: {
    means: 'Verifik could not answer now',
    whatToDo: 'ask again later',
  },
  ContractBroken: {
    means: "Verifik's answer is not what its contract says",
    whatToDo: 'ask again a few times, then tell the vendor',
  },
  Cancelled: {
    means: 'the call was cancelled',
    whatToDo: 'nothing',
  },
};

/** Which call it was. */
export interface Asked {
  readonly endpoint: Endpoint;
  readonly requestId: string;
}

const sentence = (type: VerifikErrorType, endpoint: Endpoint, code: string, status: number | undefined): string => {
  const { means, whatToDo } = ERROR_TYPES[type];
  return `${means} (${endpoint}: ${code}${status === undefined ? '' : `, HTTP ${status}`}); ${whatToDo}`;
};

/** What all errors carry, with the sentence that belongs to the type. */
export const describeError = <T extends VerifikErrorType>(
  type: T,
  { endpoint, requestId }: Asked,
  code: string,
  status?: number,
) => ({
  type,
  endpoint,
  requestId,
  code,
  message: sentence(type, endpoint, code, status),
  ...(status === undefined ? {} : { status }),
});

/** A request that is refused here, before anything is sent: which field is wrong and what was expected there, never its value. */
export const invalidRequest = (asked: Asked, code: string, field: string, expected: string): VerifikError => {
  const error = describeError('InvalidRequest', asked, code);
  return { ...error, message: `${error.message}: ${field} (expected ${expected})` };
};

/** More wrong paths than this are counted, not listed: an error has to fit into a failure, a log line and a person's head. */
const MAX_PATHS = 20;

/** An answer that breaks the contract, by the paths of what is wrong in it. */
export const contractBroken = (asked: Asked, code: string, paths: readonly string[], status?: number): VerifikError => {
  const error = describeError('ContractBroken', asked, code, status);
  const more = paths.length - MAX_PATHS;
  const listed = more > 0 ? [...paths.slice(0, MAX_PATHS), `and ${more} more`] : paths;
  const message = listed.length === 0 ? error.message : `${error.message}: ${listed.join(', ')}`;
  return { ...error, message, paths: listed };
};
