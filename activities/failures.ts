import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { VerifikError } from '../verifik/index.js';

/** An answer that breaks the contract may be a passing fault in between: this many in a row are taken for lasting. */
const CONTRACT_BROKEN_TRIES = 3;

/** An operator has to mend credentials: asking more often than this would not hasten it. */
const CREDENTIALS_RETRY_MS = 60_000;

interface Handling {
  /** Asking again would change nothing. */
  readonly final: boolean;
  /** Expected in daily work: no alert is to ring for it. */
  readonly benign: boolean;
  readonly retryAfterMs?: number;
}

const handlingOf = (error: VerifikError, brokenInARow: number): Handling => {
  switch (error.type) {
    case 'InvalidRequest':
    case 'Misconfigured':
      return { final: true, benign: false };
    case 'RefusedByPolicy':
    case 'AlreadyRegistered':
    case 'RegistrationOver':
    case 'AttemptFailed':
    case 'Gone':
      return { final: true, benign: true };
    case 'NotOffered':
    case 'Cancelled':
      return { final: true, benign: false };
    case 'ContractBroken':
      return { final: brokenInARow >= CONTRACT_BROKEN_TRIES, benign: false };
    case 'Credentials':
      return { final: false, benign: false, retryAfterMs: CREDENTIALS_RETRY_MS };
    case 'Transient':
      return {
        final: false,
        benign: true,
        ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
      };
  }
};

/**
 * The vendor's error as a failure of the activity: its `type` is the error's tag, its message holds codes and paths only.
 * `brokenInARow` counts the tries that ended with an answer out of contract, this one included.
 */
export const toFailure = (error: VerifikError, brokenInARow: number): ApplicationFailure => {
  const { final, benign, retryAfterMs } = handlingOf(error, brokenInARow);
  return ApplicationFailure.create({
    type: error.type,
    message: error.message,
    nonRetryable: final,
    details: [{ code: error.code, endpoint: error.endpoint, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }],
    ...(benign ? { category: ApplicationFailureCategory.BENIGN } : {}),
    ...(retryAfterMs === undefined ? {} : { nextRetryDelay: retryAfterMs }),
  });
};
