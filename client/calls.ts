import type { Client } from '@temporalio/client';
import { isEncrypting } from './encryption.js';
import { OnboardingError, withOnboardingErrors } from './errors.js';

export interface CallOptions {
  /** The timeout of the call, in ms. Default: that of the client. */
  readonly timeoutMs?: number;
}

export interface OnceOptions extends CallOptions {
  /**
   * Your own key for the call, 1 to 255 characters. A repeated call with the same key and content has no further effect
   * and returns the same result.
   */
  readonly idempotencyKey?: string;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** Runs a call with a deadline, `timeoutMs` from now, or the client's default. Throws only `OnboardingError`. */
export type WithDeadline = <A>(timeoutMs: number | undefined, call: () => Promise<A>) => Promise<A>;

export const deadlinesOf =
  (temporal: Client, defaultMs: number = DEFAULT_TIMEOUT_MS): WithDeadline =>
  (timeoutMs, call) =>
    withOnboardingErrors(() => temporal.withDeadline(Date.now() + (timeoutMs ?? defaultMs), call));

/** @throws OnboardingError `EncryptionKeys` if the Temporal client would send payloads unencrypted. */
export const requireEncrypting = (temporal: Client): void => {
  if (!isEncrypting(temporal))
    throw new OnboardingError(
      'EncryptionKeys',
      'dataConverter of the Temporal client: expected onboardingDataConverter()',
    );
};
