import { STATUS_CODES } from 'node:http';
import type { FieldError } from '../shared/decoding.js';

interface ProblemEntry {
  readonly status: number;
  readonly meaning: string;
  readonly retryAfterS?: number;
}

/**
 * Every way in which a request is refused, with its status. Read by code, documents and tests alike. `retryAfterS` is when to ask
 * again, in seconds, where that is worth it.
 */
export const PROBLEMS = {
  malformed: { status: 400, meaning: 'The request cannot be read: its address, its headers or its JSON.' },
  unauthenticated: { status: 401, meaning: 'There is no API key or webhook secret, or it is not good (any more).' },
  scope: { status: 403, meaning: 'The API key is good, and its scopes do not allow this call.' },
  notFound: { status: 404, meaning: 'There is no such onboarding for this API key, or nothing at this path.' },
  noSuchEvent: { status: 404, meaning: 'The onboarding has had no such event, or remembers it no more.' },
  methodNotAllowed: { status: 405, meaning: 'The path is called by other methods: see `Allow`.' },
  requestTimeout: { status: 408, meaning: 'The request did not come in whole in time.' },
  otherRequest: {
    status: 409,
    meaning:
      'The reference or the idempotency key was used before, for another request: repeat that one, or take another.',
  },
  alreadyRegistered: {
    status: 409,
    meaning: 'Verifik has a registration for this contact that could not be found: name its `appRegistrationId`.',
  },
  registrationOver: { status: 409, meaning: 'The registration is over at Verifik, so there is no token.' },
  ended: { status: 409, meaning: 'The onboarding has ended already; `again` starts another one.' },
  nothingToReview: { status: 409, meaning: 'Nothing (or not the named check) is under review.' },
  legalHold: { status: 409, meaning: 'A legal hold is set on the customer: nothing is erased until it is lifted.' },
  noCallbacks: {
    status: 409,
    meaning: 'The onboarding was started with a key without callbacks: its events are sent nowhere.',
  },
  stopped: {
    status: 409,
    meaning: 'The onboarding failed, or was stopped in Temporal, without an outcome: start it again.',
  },
  tooLarge: { status: 413, meaning: 'The body is larger than configured.' },
  unsupportedMediaType: { status: 415, meaning: 'The body is not `application/json`.' },
  invalidRequest: { status: 422, meaning: 'Something in the request is wrong: `errors` names each field.' },
  misconfigured: {
    status: 422,
    meaning: 'The project or its flow is set up wrongly at Verifik: it has to be mended there.',
  },
  refusedByPolicy: { status: 422, meaning: 'Verifik refuses this applicant by the policy of the project.' },
  expectation: { status: 417, meaning: '`Expect` asks for something else than `100-continue`.' },
  tooManyRequests: { status: 429, meaning: 'The API key, or the address without a good one, has asked too often.' },
  tooManyStreams: { status: 429, meaning: 'The API key has as many event streams open as it may.', retryAfterS: 30 },
  headersTooLarge: { status: 431, meaning: 'The headers are larger than can be taken.' },
  failed: { status: 500, meaning: 'The gateway failed; its log says where.' },
  encryptionKeys: {
    status: 500,
    meaning: 'The gateway lacks an encryption key: an operator has to give it the keys of the workers.',
  },
  contractBroken: { status: 502, meaning: "Verifik's answer could not be read: an operator has to look." },
  unavailable: { status: 503, meaning: 'Temporal cannot be reached, or refuses the call.', retryAfterS: 5 },
  unreachable: { status: 503, meaning: 'Verifik could not be asked for a token in time.', retryAfterS: 10 },
  stopping: { status: 503, meaning: 'This gateway is stopping: another one may take the call.', retryAfterS: 1 },
  timedOut: {
    status: 504,
    meaning: 'There was no answer in time. What was asked may still happen: it is safe to ask again.',
    retryAfterS: 5,
  },
} as const satisfies Record<string, ProblemEntry>;

export type ProblemCode = keyof typeof PROBLEMS;

/** Where in a request a field is. */
export type Place = 'body' | 'query' | 'path' | 'header';

/** One thing wrong with a request. Never the value itself. */
export interface RequestFieldError extends FieldError {
  readonly in: Place;
}

export interface ProblemOptions {
  readonly errors?: readonly RequestFieldError[];
  /** When to ask again, in seconds, where the table does not say. */
  readonly retryAfterS?: number;
  /** The methods that the path is called by. */
  readonly allow?: string;
  readonly cause?: unknown;
}

/** Ends a request with an answer that says why. It never repeats what was sent. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly errors: readonly RequestFieldError[];
  readonly retryAfterS: number | undefined;
  readonly allow: string | undefined;

  constructor(code: ProblemCode, { errors = [], retryAfterS, allow, cause }: ProblemOptions = {}) {
    super(PROBLEMS[code].meaning, cause === undefined ? undefined : { cause });
    const entry: ProblemEntry = PROBLEMS[code];
    this.code = code;
    this.errors = errors;
    this.retryAfterS = retryAfterS ?? entry.retryAfterS;
    this.allow = allow;
  }
}

/** The problem details of RFC 9457. */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly errors?: readonly RequestFieldError[];
  readonly requestId: string;
}

/** What every answer bears, good or not, but for its id. */
export const COMMON_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

export const problemDetails = ({ code, message, errors }: Problem, requestId: string): ProblemDetails => {
  const { status } = PROBLEMS[code];
  return {
    type: `urn:verifik-onboarding:problem:${code}`,
    title: STATUS_CODES[status] ?? 'Problem',
    status,
    detail: message,
    code,
    ...(errors.length === 0 ? {} : { errors }),
    requestId,
  };
};
