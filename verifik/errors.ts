import type { FieldError } from '../shared/decoding.js';

/** The names of the calls in errors, metrics and logs. */
export type Endpoint =
  | 'createAppRegistration'
  | 'getAppRegistration'
  | 'listAppRegistrations'
  | 'syncAppRegistration'
  | 'overrideAppRegistration'
  | 'resendLink'
  | 'refreshSession'
  | 'getProjectFlow'
  | 'deleteAppRegistration'
  | 'deleteDocumentValidation'
  | 'deleteBiometricValidation'
  | 'deletePerson'
  // Only the contract check makes these calls.
  | 'getOwnAppRegistration'
  | 'getStatistics'
  | 'overrideStatus';

interface ErrorBase {
  readonly endpoint: Endpoint;
  /** Verifik's code word, or a code of this client. Never free text. */
  readonly code: string;
  /** A sentence with the code and the HTTP status. Never contains data of the response body. */
  readonly message: string;
  readonly status?: number;
  readonly requestId: string;
}

export type VerifikError = ErrorBase &
  /** The request is invalid, according to Verifik or to the checks before sending. */
  (
    | {
        readonly type: 'InvalidRequest';
        /** The fields that are wrong, as far as they are known. */
        readonly fields: readonly FieldError[];
      }
    | { readonly type: 'Misconfigured' }
    | { readonly type: 'RefusedByPolicy' }
    | { readonly type: 'AlreadyRegistered' }
    /** The registration's status permits no new token. */
    | { readonly type: 'RegistrationClosed' }
    /** This API generation has no such endpoint. */
    | { readonly type: 'NotSupported' }
    | { readonly type: 'NotFound' }
    /** The applicant's attempt failed. It counts and must not be retried. */
    | { readonly type: 'AttemptFailed' }
    | { readonly type: 'Credentials' }
    /** The client's credits at Verifik are used up. */
    | { readonly type: 'InsufficientCredits' }
    | {
        readonly type: 'Transient';
        /** From `Retry-After`, at most an hour. */
        readonly retryAfterMs?: number;
        /** `unknown` if the call can have taken effect. */
        readonly effect: 'none' | 'unknown';
      }
    /** The response does not match the contract. Lists at most 20 paths. */
    | { readonly type: 'UnexpectedVendorResponse'; readonly paths: readonly string[] }
    | { readonly type: 'Cancelled' }
  );

export type VerifikErrorType = VerifikError['type'];

export type CodedErrorType = Exclude<
  VerifikErrorType,
  'Transient' | 'UnexpectedVendorResponse' | 'NotSupported' | 'Cancelled'
>;

/**
 * Verifik's code words in lower case. They take precedence over the HTTP status, which differs between API generations.
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
  projectflow_security_was_not_set: 'Misconfigured',
  plan_not_found: 'Misconfigured',
  clientsmartenrollplan_not_found: 'Misconfigured',
  insufficient_credits: 'InsufficientCredits',
  email_domain_not_allowed: 'RefusedByPolicy',
  'phone,_email,_projectflow_must_be_unique': 'AlreadyRegistered',
  email_is_registered_already: 'AlreadyRegistered',
  phone_is_registered_already: 'AlreadyRegistered',
  cannot_resend_link_for_this_status: 'RegistrationClosed',
  appregistration_not_found: 'NotFound',
  app_registration_not_found: 'NotFound',
  email_validation_not_found: 'NotFound',
  phone_validation_not_found: 'NotFound',
  document_validation_not_found: 'NotFound',
  documentvalidation_not_found: 'NotFound',
  biometric_validation_not_found: 'NotFound',
  biometricvalidation_not_found: 'NotFound',
  person_not_found: 'NotFound',
  otp_does_not_match: 'AttemptFailed',
  emailvalidation_has_expired: 'AttemptFailed',
  phonevalidation_has_expired: 'AttemptFailed',
  liveness_failed: 'AttemptFailed',
  already_exists: 'AttemptFailed',
  person_already_set: 'AttemptFailed',
  signupform_validation_not_passed: 'AttemptFailed',
  unauthorized: 'Credentials',
  forbidden: 'Credentials',
  access_denied: 'Credentials',
  token_expired: 'Credentials',
};

/** The meaning of each type and the advice. Together they form the message. */
export const ERROR_TYPES: Readonly<Record<VerifikErrorType, { readonly means: string; readonly whatToDo: string }>> = {
  InvalidRequest: {
    means: 'the request is invalid',
    whatToDo: 'correct it',
  },
  Misconfigured: {
    means: 'the project or its flow is misconfigured at Verifik',
    whatToDo: 'an operator has to correct it there',
  },
  RefusedByPolicy: {
    means: "the project's policy at Verifik rejects the applicant",
    whatToDo: 'reject the onboarding',
  },
  AlreadyRegistered: {
    means: 'Verifik already has a registration for this contact',
    whatToDo: 'resume that registration',
  },
  RegistrationClosed: {
    means: 'the registration is closed at Verifik',
    whatToDo: 'read it and decide by its status',
  },
  NotSupported: {
    means: "this generation of Verifik's API has no such call",
    whatToDo: 'use another call',
  },
  NotFound: {
    means: 'Verifik does not know the registration',
    whatToDo: 'register again',
  },
  AttemptFailed: {
    means: "the applicant's attempt failed",
    whatToDo: 'it counts, and only the applicant can try again',
  },
  Credentials: {
    means: 'Verifik rejected the token, or no token is available',
    whatToDo: 'an operator has to check the token',
  },
  InsufficientCredits: {
    means: "the client's credits at Verifik are used up",
    whatToDo: 'an operator has to buy credits',
  },
  Transient: {
    means: 'Verifik is temporarily unavailable',
    whatToDo: 'retry later',
  },
  UnexpectedVendorResponse: {
    means: "Verifik's response does not match its contract",
    whatToDo: 'retry a few times, then report it to Verifik',
  },
  Cancelled: {
    means: 'the call was cancelled',
    whatToDo: 'no action is needed',
  },
};

export interface CallIdentity {
  readonly endpoint: Endpoint;
  readonly requestId: string;
}

const sentence = (type: VerifikErrorType, endpoint: Endpoint, code: string, status: number | undefined): string => {
  const { means, whatToDo } = ERROR_TYPES[type];
  return `${means} (${endpoint}: ${code}${status === undefined ? '' : `, HTTP ${status}`}); ${whatToDo}`;
};

export const describeError = <T extends VerifikErrorType>(
  type: T,
  { endpoint, requestId }: CallIdentity,
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

/** Describes an invalid request. Names the fields and the expected values, never the given ones. */
export const invalidRequest = (
  identity: CallIdentity,
  code: string,
  fields: readonly FieldError[],
  status?: number,
): VerifikError => {
  const error = describeError('InvalidRequest', identity, code, status);
  const named = fields.map(({ field, expected }) => `${field} (expected ${expected})`).join(', ');
  return { ...error, message: named === '' ? error.message : `${error.message}: ${named}`, fields };
};

/** Limits the size of the error in failures and logs. Further paths are only counted. */
const MAX_PATHS = 20;

/** Describes a response that does not match the contract, with the paths of the mismatches. */
export const unexpectedVendorResponse = (
  identity: CallIdentity,
  code: string,
  paths: readonly string[],
  status?: number,
): VerifikError => {
  const error = describeError('UnexpectedVendorResponse', identity, code, status);
  const more = paths.length - MAX_PATHS;
  const listed = more > 0 ? [...paths.slice(0, MAX_PATHS), `and ${more} more`] : paths;
  const message = listed.length === 0 ? error.message : `${error.message}: ${listed.join(', ')}`;
  return { ...error, message, paths: listed };
};
