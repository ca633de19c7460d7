import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../shared/time.js';
import { type CheckName, type PerCheck, perCheck } from './checks.js';

/** Names the rules in this folder. A decision carries it, so that an auditor knows which rules it was made under. */
export const POLICY_VERSION = '2026-11';

/** What one onboarding asks of its applicant, and how patient it is. */
export interface Policy {
  /** The checks that must pass. Never empty. */
  readonly required: readonly CheckName[];
  /** How many validations of a check may fail before the onboarding is rejected. */
  readonly attemptLimits: PerCheck<number>;
  /** From the start to `expired`, in ms. */
  readonly deadlineMs: number;
  /** A reminder goes out when the applicant has done nothing for `afterMs`, at most `max` times. */
  readonly reminders: { readonly afterMs: number; readonly max: number };
  /** When nothing is heard, the vendor is read after `firstMs`, then at doubled distances up to `maxMs`. */
  readonly reconcile: { readonly firstMs: number; readonly maxMs: number };
  /** For how long a `verified` holds, in ms; absent where the flow asks for no re-verification. */
  readonly verifiedForMs?: number;
}

/** A token with less than this left is renewed rather than handed out. */
export const TOKEN_MARGIN_MS = MINUTE_MS;

/** Reports cannot make the vendor be read more often than this, however many arrive. */
export const READ_GAP_MS = 2 * SECOND_MS;

/** Every choice but `required`, as it stands when a request says nothing. Three attempts are the vendor's own `maxAttempts`. */
export const DEFAULT_POLICY: Omit<Policy, 'required'> = {
  attemptLimits: perCheck(() => 3),
  deadlineMs: 7 * DAY_MS,
  reminders: { afterMs: DAY_MS, max: 2 },
  reconcile: { firstMs: 5 * MINUTE_MS, maxMs: 6 * HOUR_MS },
};
