import type { Client } from '@temporalio/client';
import { isEncrypting } from './encryption.js';
import { OnboardingError, told } from './errors.js';

export interface CallOptions {
  /** How long to wait for the answer, in ms. */
  readonly timeoutMs?: number;
}

export interface OnceOptions extends CallOptions {
  /** A key of the caller's own, 1 to 255 characters: repeated with the same content, the call is done once and has the same answer. */
  readonly idempotencyKey?: string;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** Runs a call within a time, in ms, and throws nothing but `OnboardingError`. Without one, as long as all calls have. */
export type Within = <A>(timeoutMs: number | undefined, call: () => Promise<A>) => Promise<A>;

/** Calls of this Temporal client, which have so long unless told otherwise. */
export const callsWithin =
  (temporal: Client, defaultMs: number = DEFAULT_TIMEOUT_MS): Within =>
  (timeoutMs, call) =>
    told(() => temporal.withDeadline(Date.now() + (timeoutMs ?? defaultMs), call));

/** @throws OnboardingError `EncryptionKeys` for a Temporal client that would send payloads in the clear. */
export const requireEncrypting = (temporal: Client): void => {
  if (!isEncrypting(temporal))
    throw new OnboardingError(
      'EncryptionKeys',
      'dataConverter of the Temporal client: expected onboardingDataConverter()',
    );
};
