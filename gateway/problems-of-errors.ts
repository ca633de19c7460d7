import type { FastifyError } from 'fastify';
import { OnboardingError, type OnboardingErrorType } from '../client/index.js';
import { Problem, type ProblemCode, type RequestFieldError } from './problems.js';

/** What the errors of the client come to. */
const OF_ERRORS: Readonly<Record<OnboardingErrorType, ProblemCode>> = {
  InvalidRequest: 'invalidRequest',
  Misconfigured: 'misconfigured',
  RefusedByPolicy: 'refusedByPolicy',
  AlreadyRegistered: 'alreadyRegistered',
  RegistrationOver: 'registrationOver',
  NotOffered: 'contractBroken',
  Unreachable: 'unreachable',
  ContractBroken: 'contractBroken',
  Ended: 'ended',
  NothingToReview: 'nothingToReview',
  OtherRequest: 'otherRequest',
  LegalHold: 'legalHold',
  NoLegalHold: 'notFound',
  NoCallbacks: 'noCallbacks',
  NoSuchEvent: 'noSuchEvent',
  NotFound: 'notFound',
  TimedOut: 'timedOut',
  Unavailable: 'unavailable',
  EncryptionKeys: 'encryptionKeys',
  Stopped: 'stopped',
  Unexpected: 'failed',
};

/** The options of client calls that are no fields of a body, and what they are called in a request. */
const ELSEWHERE: Readonly<Record<string, Pick<RequestFieldError, 'field' | 'in'>>> = {
  idempotencyKey: { field: 'idempotency-key', in: 'header' },
  cursor: { field: 'cursor', in: 'query' },
  limit: { field: 'limit', in: 'query' },
  after: { field: 'after', in: 'query' },
  sequence: { field: 'sequence', in: 'path' },
};

const fieldsOf = ({ fields }: OnboardingError): readonly RequestFieldError[] =>
  fields.map(({ field, expected }) => ({ field, in: 'body', expected, ...ELSEWHERE[field] }));

const codeOfStatus = (status: number): ProblemCode => {
  switch (status) {
    case 404:
      return 'notFound';
    case 408:
      return 'requestTimeout';
    case 413:
      return 'tooLarge';
    case 415:
      return 'unsupportedMediaType';
    default:
      return status < 500 ? 'malformed' : 'failed';
  }
};

/** What an error comes to for the caller. The framework's own messages may repeat what was sent, so they are not passed on. */
export const toProblem = (error: FastifyError | Error): Problem => {
  if (error instanceof Problem) return error;
  if (error instanceof OnboardingError)
    return new Problem(OF_ERRORS[error.type], { errors: fieldsOf(error), cause: error });
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  return new Problem(codeOfStatus(status), { cause: error });
};
