import {
  isGrpcCancelledError,
  isGrpcDeadlineError,
  QueryNotRegisteredError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import {
  ApplicationFailure,
  CancelledFailure,
  NamespaceNotFoundError,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { type Undecodable, undecodableIn } from '../codec/errors.js';
import { FAILURES, type FailureType } from '../contract/messages.js';
import { STOPS, type Stop, type Stopped } from '../domain/outcomes.js';
import type { ErasedAtVerifik } from '../domain/vendor-erasure.js';
import { describeFieldErrors, type FieldError } from '../shared/decoding.js';
import { grpcErrorOf, isClosed, isUnreachable } from './calls/grpc-errors.js';

/** The work of an erasure. Contains no personal data. */
export interface Erased {
  /** The number of deleted runs; 0 if none was left. */
  readonly runs: number;
  /** The app registrations of the deleted runs. Temporal no longer has these ids. */
  readonly appRegistrationIds: readonly string[];
  /** The answers of Verifik so far, if the data there was to be erased as well. */
  readonly atVerifik?: readonly ErasedAtVerifik[];
}

/** The errors of the client, each with its meaning and what to do. */
export const CLIENT_ERRORS = {
  ...FAILURES,
  RequestMismatch:
    'The reference, the id or the idempotency key was used for a different request: repeat that request, or use another reference, id or key.',
  LegalHold: 'The customer was not erased because a legal hold is set: lift the hold first.',
  NoLegalHold:
    'There is no legal hold on this reference, and no lifted one that Temporal still keeps: check the reference.',
  NoCallbacks: 'The onboarding was started without callbacks, so its events are not sent: read them with `events`.',
  NoSuchEvent:
    'The onboarding has no event with this sequence number, or no longer keeps it: read the events that it has.',
  NotDecided: 'The onboarding has no decision yet, and so no evidence: repeat the call after it has ended.',
  NotFound: 'There is no such onboarding, batch or schedule: check the id and the namespace.',
  TimedOut: 'The call timed out. It may still take effect: repeat it, which is safe.',
  NoWorker:
    'No worker answers the query, although Temporal does: start a worker, or see why workflow tasks fail (`verifik-onboarding doctor`).',
  Unavailable:
    'Temporal, or the service that holds the encryption keys, could not be reached or refused the call: check the address, the namespace, its search attributes (`verifik-onboarding setup`) and the credentials.',
  ClientClosed: 'The client was closed: create another one, and close it after the last call.',
  EncryptionKeys:
    'The encryption keys are missing or wrong, or a payload needs a key that this process does not have: give it the same keys as the workers.',
  ClosedWithoutOutcome:
    'The onboarding failed, or was cancelled, terminated or timed out in Temporal, and has no outcome: see `stopped`.',
  Unexpected: 'The client does not know this error: see its cause.',
} as const satisfies Record<FailureType, string> & Record<string, string>;

export type OnboardingErrorType = keyof typeof CLIENT_ERRORS;

/** The kinds of things that a `NotFound` can be about. */
export type NotFoundSubject = 'onboarding' | 'batch' | 'schedule';

/** The error that every method of the clients throws. `message` contains codes and field names, never personal data. */
export class OnboardingError extends Error {
  override readonly name = 'OnboardingError';
  readonly type: OnboardingErrorType;
  readonly advice: string;
  /**
   * The fields that are wrong, if `type` is `InvalidRequest` and the request was rejected before anything was created;
   * the fields that differ, if it is `RequestMismatch`.
   */
  readonly fields: readonly FieldError[];
  /** The work that `erase` had done when it failed. Keep the ids: a repeated `erase` only finds the rest. */
  readonly erased: Erased | undefined;
  /** The kind of thing that does not exist, if `type` is `NotFound`. */
  readonly subject: NotFoundSubject | undefined;
  /** How, when and why the workflow closed, if the call waited for its result and there will be none. */
  readonly stopped: Stopped | undefined;

  constructor(
    type: OnboardingErrorType,
    message: string,
    options: {
      cause?: unknown;
      fields?: readonly FieldError[];
      erased?: Erased;
      stopped?: Stopped;
      subject?: NotFoundSubject;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.type = type;
    this.advice = CLIENT_ERRORS[type];
    this.fields = options.fields ?? [];
    this.erased = options.erased;
    this.stopped = options.stopped;
    this.subject = options.subject ?? (type === 'NotFound' ? 'onboarding' : undefined);
  }
}

export const orThrow = <A>(decoded: E.Either<readonly FieldError[], A>): A => {
  if (E.isRight(decoded)) return decoded.right;
  throw new OnboardingError('InvalidRequest', describeFieldErrors(decoded.left), { fields: decoded.left });
};

/** Returns the failure with which a workflow rejected or ended an update. */
export const updateFailureOf = (error: unknown): ApplicationFailure | undefined =>
  error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure ? error.cause : undefined;

/** True if an update failed with the stored outcome of an earlier request with the same update id. */
export const isOutcomeOfAnotherRequest = (error: unknown, requestId: string): boolean => {
  const failure = updateFailureOf(error);
  return failure !== undefined && !JSON.stringify(failure.details ?? []).includes(requestId);
};

export const isFailureType = (type: unknown): type is FailureType => typeof type === 'string' && type in FAILURES;

const Field = t.type({ field: t.string, expected: t.string });

const fieldsOf = ({ type, details }: ApplicationFailure): readonly FieldError[] =>
  type === 'InvalidRequest' ? (details ?? []).filter(Field.is) : [];

/** The message of such a failure may be free text: the reason that an operator gave. */
const stopIn = (failure: Error | undefined): Stop | undefined => {
  if (failure instanceof CancelledFailure) return 'cancelled';
  if (failure instanceof TerminatedFailure) return 'terminated';
  return failure instanceof TimeoutFailure ? 'timedOut' : undefined;
};

const fromFailure = (failure: Error | undefined): OnboardingError => {
  if (failure instanceof ApplicationFailure && isFailureType(failure.type))
    return new OnboardingError(failure.type, failure.message, { cause: failure, fields: fieldsOf(failure) });
  const stop = stopIn(failure);
  if (stop !== undefined) return new OnboardingError('ClosedWithoutOutcome', STOPS[stop], { cause: failure });
  return new OnboardingError('Unexpected', failure?.message ?? 'the call failed without a cause', { cause: failure });
};

const UNDECODABLE = {
  missingKey: 'EncryptionKeys',
  unreadable: 'EncryptionKeys',
  keyService: 'Unavailable',
} as const satisfies Record<Undecodable, OnboardingErrorType>;

export const toOnboardingError = (error: unknown): OnboardingError => {
  const as = (type: OnboardingErrorType, message: string) => new OnboardingError(type, message, { cause: error });
  if (error instanceof OnboardingError) return error;
  if (isClosed(error)) return as('ClientClosed', 'the client was closed');
  const undecodable = undecodableIn(error);
  if (undecodable !== undefined) return as(UNDECODABLE[undecodable.why], undecodable.message);
  if (error instanceof WorkflowUpdateFailedError || error instanceof WorkflowFailedError)
    return fromFailure(error.cause);
  if (error instanceof WorkflowExecutionAlreadyStartedError)
    return as('AlreadyEnded', 'this onboarding has ended already');
  if (error instanceof WorkflowNotFoundError)
    return as('NotFound', 'there is no onboarding with this workflow id, or it is no longer running');
  if (
    error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
    isGrpcDeadlineError(error) ||
    isGrpcCancelledError(error)
  )
    return as('TimedOut', 'the call timed out');
  if (error instanceof QueryNotRegisteredError)
    return as('NoWorker', 'the workers reject the query, because the workflow task fails: see their logs');
  if (error instanceof NamespaceNotFoundError) return as('Unavailable', 'Temporal has no such namespace');
  const grpcError = grpcErrorOf(error);
  if (grpcError !== undefined && isUnreachable(grpcError))
    return as('Unavailable', `Temporal could not be reached: ${grpcError.details.replace(/ Resolution note: *$/, '')}`);
  if (grpcError !== undefined) return as('Unavailable', grpcError.message);
  return as('Unexpected', error instanceof Error ? error.message : 'a value that is not an Error was thrown');
};

export const withOnboardingErrors = async <A>(call: () => Promise<A>): Promise<A> => {
  try {
    return await call();
  } catch (error) {
    throw toOnboardingError(error);
  }
};

/** Passes on what is listed. Throws only `OnboardingError`. */
export const withListingErrors = async function* <A>(listed: AsyncIterable<A>): AsyncGenerator<A, void, undefined> {
  try {
    yield* listed;
  } catch (error) {
    throw toOnboardingError(error);
  }
};
