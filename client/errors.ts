import {
  isGrpcCancelledError,
  isGrpcDeadlineError,
  isGrpcServiceError,
  ServiceError,
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
import { undecodableIn } from '../codec/index.js';
import { FAILURES, type FailureType } from '../contract/messages.js';
import { describeFieldErrors, type FieldError } from '../shared/decoding.js';
import type { Erased } from './erasure-receipt.js';

/** What can go wrong for a caller, each with what to do about it: the workflow's own failures and those of reaching it. */
export const CLIENT_ERRORS = {
  ...FAILURES,
  OtherRequest:
    'The reference, the id or the idempotency key was used before, for another request: repeat that one, or take another.',
  LegalHold: 'The customer was not erased, as a legal hold is set: lift it first.',
  NoLegalHold: 'There is no legal hold on this reference, and Temporal remembers none: look at the reference.',
  NoCallbacks: 'The onboarding was started without callbacks, so its events are sent nowhere: read them instead.',
  NoSuchEvent: 'The onboarding has had no such event, or remembers it no more: read which it has.',
  NotFound: 'There is no such onboarding, batch or schedule: look at the id, and at the namespace.',
  TimedOut: 'There was no answer in time. What was asked may still happen: ask again, it is safe to repeat.',
  Unavailable:
    'Temporal could not be reached, or refused the call: look at the address, the namespace, its search attributes (`npm run temporal:setup`) and the credentials.',
  EncryptionKeys:
    'The encryption keys are missing or wrong, or what was read needs one that this process does not have: give it the keys that the workers have.',
  Stopped: 'The onboarding was cancelled, terminated or timed out in Temporal, without an outcome.',
  Unexpected: 'Something failed that this client has no name for: see the cause.',
} as const satisfies Record<FailureType, string> & Record<string, string>;

export type OnboardingErrorType = keyof typeof CLIENT_ERRORS;

/**
 * Every error that `OnboardingClient` throws. `type` says what happened and `advice` what to do; `message` names codes and fields,
 * never personal data.
 */
export class OnboardingError extends Error {
  override readonly name = 'OnboardingError';
  readonly type: OnboardingErrorType;
  readonly advice: string;
  /** The fields that are wrong, where `type` is `InvalidRequest` and it was found out before the vendor was asked. */
  readonly fields: readonly FieldError[];
  /** What `erase` had done when it failed. Keep the ids: when it is repeated, it finds only what is left. */
  readonly erased: Erased | undefined;

  constructor(
    type: OnboardingErrorType,
    message: string,
    options: { cause?: unknown; fields?: readonly FieldError[]; erased?: Erased } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.type = type;
    this.advice = CLIENT_ERRORS[type];
    this.fields = options.fields ?? [];
    this.erased = options.erased;
  }
}

/** What was read, or an error of type `InvalidRequest` that says each field. */
export const orThrow = <A>(decoded: E.Either<readonly FieldError[], A>): A => {
  if (E.isRight(decoded)) return decoded.right;
  throw new OnboardingError('InvalidRequest', describeFieldErrors(decoded.left), { fields: decoded.left });
};

/** True where the failure of an update answers another request than this one: the server keeps outcomes by the update's id. */
export const isAnotherRequests = (error: unknown, requestId: string): boolean =>
  error instanceof WorkflowUpdateFailedError &&
  error.cause instanceof ApplicationFailure &&
  !JSON.stringify(error.cause.details ?? []).includes(requestId);

const isFailureType = (type: unknown): type is FailureType => typeof type === 'string' && type in FAILURES;

const Fields = t.array(t.type({ field: t.string, expected: t.string }));

/** The fields that the workflow found wrong, where it was this side's doing. */
const fieldsOf = ({ type, details }: ApplicationFailure): readonly FieldError[] =>
  type === 'InvalidRequest' && Fields.is(details) ? details : [];

const fromFailure = (failure: Error | undefined): OnboardingError => {
  if (failure instanceof ApplicationFailure && isFailureType(failure.type))
    return new OnboardingError(failure.type, failure.message, { cause: failure, fields: fieldsOf(failure) });
  if (failure instanceof CancelledFailure || failure instanceof TerminatedFailure || failure instanceof TimeoutFailure)
    return new OnboardingError('Stopped', failure.message, { cause: failure });
  return new OnboardingError('Unexpected', failure?.message ?? 'it failed without a cause', { cause: failure });
};

/** Turns what Temporal's client throws into the errors of this one. */
export const toOnboardingError = (error: unknown): OnboardingError => {
  if (error instanceof OnboardingError) return error;
  const undecodable = undecodableIn(error);
  if (undecodable !== undefined) return new OnboardingError('EncryptionKeys', undecodable.message, { cause: error });
  if (error instanceof WorkflowUpdateFailedError || error instanceof WorkflowFailedError)
    return fromFailure(error.cause);
  if (error instanceof WorkflowExecutionAlreadyStartedError)
    return new OnboardingError('Ended', 'this onboarding has ended already', { cause: error });
  if (error instanceof WorkflowNotFoundError)
    return new OnboardingError('NotFound', 'no onboarding with this workflow id is there, or it runs no more', {
      cause: error,
    });
  if (
    error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
    isGrpcDeadlineError(error) ||
    isGrpcCancelledError(error)
  )
    return new OnboardingError('TimedOut', 'no answer in time', { cause: error });
  if (error instanceof NamespaceNotFoundError)
    return new OnboardingError('Unavailable', 'Temporal has no such namespace', { cause: error });
  const refusal = error instanceof ServiceError ? error.cause : error;
  if (isGrpcServiceError(refusal)) return new OnboardingError('Unavailable', refusal.message, { cause: error });
  const message = error instanceof Error ? error.message : 'an error that is none';
  return new OnboardingError('Unexpected', message, { cause: error });
};

/** Runs a call to Temporal, and throws nothing but `OnboardingError`. */
export const told = async <A>(call: () => Promise<A>): Promise<A> => {
  try {
    return await call();
  } catch (error) {
    throw toOnboardingError(error);
  }
};
