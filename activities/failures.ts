import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { describeFieldErrors, type FieldError } from '../shared/decoding.js';
import type { VerifikError } from '../verifik/index.js';

/** An unexpected response may come from a proxy: only this many in a row are non-retryable. */
const UNEXPECTED_RESPONSE_TRIES = 3;

/** Rejected credentials and missing credits need an operator, so that frequent retries are of no use. */
const OPERATOR_RETRY_MS = 60_000;

interface Handling {
  readonly final: boolean;
  /** Expected in normal operation: triggers no alert. */
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
    case 'RegistrationClosed':
    case 'AttemptFailed':
    case 'NotFound':
      return { final: true, benign: true };
    case 'NotSupported':
    case 'Cancelled':
      return { final: true, benign: false };
    case 'UnexpectedVendorResponse':
      return { final: brokenInARow >= UNEXPECTED_RESPONSE_TRIES, benign: false };
    case 'Credentials':
    case 'InsufficientCredits':
      return { final: false, benign: false, retryAfterMs: OPERATOR_RETRY_MS };
    case 'Transient':
      return {
        final: false,
        benign: true,
        ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
      };
  }
};

/**
 * Converts the vendor's error to an activity failure. The failure's type is the error's tag; its message contains only
 * codes and field paths. `brokenInARow` is the number of consecutive attempts with an unexpected response, including
 * this one.
 */
export const toFailure = (error: VerifikError, brokenInARow: number): ApplicationFailure => {
  const { final, benign, retryAfterMs } = handlingOf(error, brokenInARow);
  return ApplicationFailure.create({
    type: error.type,
    message: error.message,
    nonRetryable: final,
    details: [
      { code: error.code, endpoint: error.endpoint, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
      // The client passes them on to its caller.
      ...(error.type === 'InvalidRequest' ? error.fields : []),
    ],
    ...(benign ? { category: ApplicationFailureCategory.BENIGN } : {}),
    ...(retryAfterMs === undefined ? {} : { nextRetryDelay: retryAfterMs }),
  });
};

/** Creates the failure of a request with a wrong field, which the caller has to correct. */
export const invalidRequest = (error: FieldError): ApplicationFailure =>
  ApplicationFailure.create({
    type: 'InvalidRequest',
    message: describeFieldErrors([error]),
    nonRetryable: true,
    details: [error],
  });
