import { OnboardingError, type OnboardingErrorType } from '../client/index.js';
import { defined } from '../shared/defined.js';
import { statusOf } from '../shared/http.js';
import { MalformedBodyError } from '../shared/json-body.js';
import { malformed, Problem, type ProblemCode, type RequestFieldError } from './problems.js';

const CODES: Readonly<Record<OnboardingErrorType, ProblemCode>> = {
  InvalidRequest: 'invalidRequest',
  Misconfigured: 'misconfigured',
  RefusedByPolicy: 'refusedByPolicy',
  AlreadyRegistered: 'alreadyRegistered',
  RegistrationClosed: 'registrationClosed',
  NotSupported: 'unexpectedVendorResponse',
  Unreachable: 'unreachable',
  UnexpectedVendorResponse: 'unexpectedVendorResponse',
  AlreadyEnded: 'alreadyEnded',
  NothingToReview: 'nothingToReview',
  ReviewClaimed: 'reviewClaimed',
  ReviewChanged: 'reviewChanged',
  RequestMismatch: 'requestMismatch',
  LegalHold: 'legalHold',
  NoLegalHold: 'notFound',
  NoCallbacks: 'noCallbacks',
  NoSuchEvent: 'noSuchEvent',
  NotDecided: 'notDecided',
  NotFound: 'notFound',
  TimedOut: 'timedOut',
  NoWorker: 'noWorker',
  Unavailable: 'unavailable',
  ClientClosed: 'unavailable',
  EncryptionKeys: 'encryptionKeys',
  ClosedWithoutOutcome: 'closedWithoutOutcome',
  Unexpected: 'failed',
};

/** The place in the request of client options that are not in the body. */
const OPTIONS: Readonly<Record<string, Pick<RequestFieldError, 'field' | 'in'>>> = {
  idempotencyKey: { field: 'idempotency-key', in: 'header' },
  cursor: { field: 'cursor', in: 'query' },
  limit: { field: 'limit', in: 'query' },
  unclaimed: { field: 'unclaimed', in: 'query' },
  after: { field: 'after', in: 'query' },
  to: { field: 'to', in: 'query' },
  sequence: { field: 'sequence', in: 'path' },
};

const fieldsOf = ({ fields }: OnboardingError): readonly RequestFieldError[] =>
  fields.map(({ field, expected }) => ({ field, in: 'body', expected, ...OPTIONS[field] }));

const BY_STATUS: Readonly<Record<number, ProblemCode>> = {
  404: 'notFound',
  408: 'requestTimeout',
  413: 'tooLarge',
  415: 'unsupportedMediaType',
};

/** Converts an error to a problem, without the framework's messages, which may repeat parts of the request. */
export const toProblem = (error: Error): Problem => {
  if (error instanceof Problem) return error;
  if (error instanceof MalformedBodyError) return malformed('body', error.expected);
  if (error instanceof OnboardingError)
    return new Problem(CODES[error.type], {
      ...defined({ stopped: error.stopped }),
      ...{ errors: fieldsOf(error), cause: error },
    });
  const status = statusOf(error);
  return new Problem(status < 500 ? (BY_STATUS[status] ?? 'malformed') : 'failed', { cause: error });
};
