import { STATUS_CODES } from 'node:http';
import type { Stopped } from '../domain/outcomes.js';
import { describeFieldErrors, type FieldError } from '../shared/decoding.js';
import { defined } from '../shared/defined.js';

interface ProblemEntry {
  readonly status: number;
  readonly meaning: string;
  readonly retryAfterS?: number;
}

/**
 * Every error response with its status. docs/gateway.md and the OpenAPI document list them, too. `retryAfterS` is the
 * time after which a retry can succeed, in seconds.
 */
export const PROBLEMS = {
  malformed: {
    status: 400,
    meaning: 'The URL, the headers or the body is malformed. `errors` says which, where it can be read at all.',
  },
  unauthenticated: { status: 401, meaning: 'The API key or webhook secret is missing, invalid, expired or revoked.' },
  scope: { status: 403, meaning: 'The API key does not have the scope for this call.' },
  projectNotPermitted: { status: 403, meaning: 'The API key is for other projects or project flows.' },
  notFound: {
    status: 404,
    meaning: 'The onboarding does not exist in the tenant of the API key, or the path does not exist.',
  },
  noSuchEvent: {
    status: 404,
    meaning: 'The onboarding has no event with this sequence number, or no longer keeps it.',
  },
  methodNotAllowed: {
    status: 405,
    meaning: 'The path does not support this method. `Allow` lists the supported ones.',
  },
  requestTimeout: { status: 408, meaning: 'The request did not arrive completely in time.' },
  requestMismatch: {
    status: 409,
    meaning:
      'The reference or idempotency key was used for a different request, and `errors` names the fields that differ: repeat that request, or use another key or reference.',
  },
  alreadyRegistered: {
    status: 409,
    meaning: 'Verifik has a registration for this contact that could not be found: pass its `appRegistrationId`.',
  },
  registrationClosed: { status: 409, meaning: 'The registration has ended at Verifik, so that there is no token.' },
  alreadyEnded: { status: 409, meaning: 'The onboarding has ended. To start another one, set `restart`.' },
  nothingToReview: { status: 409, meaning: 'Neither the onboarding nor the named check is under review.' },
  reviewClaimed: {
    status: 409,
    meaning: 'Another reviewer has claimed the review: wait until the claim ends, or set `force`.',
  },
  reviewChanged: {
    status: 409,
    meaning: 'What is under review has changed since the named `version`: look at it again.',
  },
  legalHold: { status: 409, meaning: 'The customer is under a legal hold: lift it before erasing.' },
  notDecided: { status: 409, meaning: 'The onboarding has no decision yet.' },
  noCallbacks: {
    status: 409,
    meaning: 'The onboarding was started with an API key without `callbacks`, so that its events are not sent.',
  },
  closedWithoutOutcome: {
    status: 409,
    meaning:
      'The workflow failed or was stopped in Temporal without an outcome: `stopped` says why. Start the onboarding again.',
  },
  tooLarge: { status: 413, meaning: 'The body is larger than the configured limit.' },
  unsupportedMediaType: { status: 415, meaning: 'The body is not `application/json` in UTF-8, or it is compressed.' },
  invalidRequest: {
    status: 422,
    meaning: 'The request is invalid. `errors` names its wrong fields, if they are known.',
  },
  misconfigured: {
    status: 422,
    meaning: 'The project or project flow is misconfigured at Verifik: correct it there.',
  },
  refusedByPolicy: { status: 422, meaning: "Verifik rejects this applicant by the project's policy." },
  expectation: { status: 417, meaning: '`Expect` has another value than `100-continue`.' },
  tooManyRequests: {
    status: 429,
    meaning: 'The rate limit of the API key, or of unauthenticated clients, is exceeded.',
  },
  tooManyStreams: {
    status: 429,
    meaning: 'The API key has the maximum number of event streams and waiting requests open.',
    retryAfterS: 30,
  },
  headersTooLarge: { status: 431, meaning: 'The headers are larger than the limit.' },
  failed: { status: 500, meaning: 'The gateway failed; its log has the stack frames under the request id.' },
  encryptionKeys: {
    status: 500,
    meaning: 'The gateway lacks an encryption key: an operator must give it the keys of the workers.',
  },
  noEvidenceKeys: {
    status: 501,
    meaning:
      'The gateway has no keys that sign evidence: an operator must set `ONBOARDING_EVIDENCE_KEYS_FILE` (docs/evidence.md).',
  },
  unexpectedVendorResponse: {
    status: 502,
    meaning: "Verifik's response has an unexpected format: an operator must investigate.",
  },
  unavailable: {
    status: 503,
    meaning: 'Temporal, or the service that holds the encryption keys, is not reachable or rejects the call.',
    retryAfterS: 5,
  },
  noWorker: { status: 503, meaning: 'Temporal is reachable, but no worker answers.', retryAfterS: 5 },
  unreachable: { status: 503, meaning: 'Verifik did not answer in time.', retryAfterS: 10 },
  stopping: { status: 503, meaning: 'This gateway is shutting down: retry with another one.', retryAfterS: 1 },
  timedOut: {
    status: 504,
    meaning: 'There was no response in time. The call may still take effect; it is safe to retry.',
    retryAfterS: 5,
  },
} as const satisfies Record<string, ProblemEntry>;

export type ProblemCode = keyof typeof PROBLEMS;

/** The part of a request that has a field. */
export type Place = 'body' | 'query' | 'path' | 'header';

/** A wrong field of a request, without its value. */
export interface RequestFieldError extends FieldError {
  readonly in: Place;
}

export interface ProblemOptions {
  readonly errors?: readonly RequestFieldError[];
  /** The `Retry-After` in seconds, if it differs from the table. */
  readonly retryAfterS?: number;
  /** How, when and why an onboarding closed without an outcome. */
  readonly stopped?: Stopped;
  readonly allow?: string;
  readonly cause?: unknown;
}

/** Returns the sentence of an error. It names the wrong fields, for clients that show nothing else. */
const detailOf = (code: ProblemCode, errors: ProblemOptions['errors'] = []): string => {
  if (code !== 'invalidRequest') return PROBLEMS[code].meaning;
  if (errors.length === 0) return 'Verifik refuses the request, and names no field.';
  return `The request is invalid: ${describeFieldErrors(errors)}.`;
};

/** An error response. Its message never repeats a value of the request. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly status: number;
  readonly options: ProblemOptions;

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    const { meaning: _, status, ...entry }: ProblemEntry = PROBLEMS[code];
    super(detailOf(code, options.errors), options);
    this.code = code;
    this.status = status;
    this.options = { ...entry, ...options };
  }
}

/** Says which part of a request is malformed. */
export const malformed = (place: Place, expected: string, cause?: unknown): Problem =>
  new Problem('malformed', { errors: [{ field: '(root)', in: place, expected }], cause });

export const PERCENT_ENCODED = 'UTF-8 that is percent-encoded';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** The body of an error response: problem details (RFC 9457). */
export const problemDetails = (
  { code, status, message, options: { errors, stopped } }: Problem,
  requestId: string,
) => ({
  type: `urn:verifik-onboarding:problem:${code}`,
  title: STATUS_CODES[status] ?? 'Problem',
  status,
  detail: message,
  code,
  ...(errors?.length ? { errors } : {}),
  ...defined({ stopped }),
  requestId,
});
