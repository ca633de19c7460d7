import * as t from 'io-ts';
import { closed, decodeFields, guarded, nameRoot, type Read, refined, textUpTo } from '../shared/decoding.js';
import { orThrow } from './errors.js';

/**
 * Returns a decoded argument of a call. Errors name its fields or, if it is wrong as a whole, the argument.
 *
 * @throws OnboardingError `InvalidRequest` if it is wrong.
 */
export const argumentOrThrow = <A>(name: string, decoded: Read<A>): A => orThrow(nameRoot(name)(decoded));

/** Decodes an argument of a call. @throws OnboardingError `InvalidRequest` if it is wrong. */
export const readArgument = <A>(name: string, codec: t.Decoder<unknown, A>, given: unknown): A =>
  argumentOrThrow(name, decodeFields(codec)(given));

/** The longest id that a Temporal server accepts by default. */
const MAX_ID = 1_000;

/** A codec for the id of an onboarding, a batch or a schedule. Ids of other forms than the product's do not exist. */
export const Id = refined(
  t.string,
  `an id of 1 to ${MAX_ID} characters`,
  ({ length }) => length >= 1 && length <= MAX_ID,
);

export const Timeout = refined(t.number, 'a number of milliseconds above 0', (ms) => ms > 0);

export interface CallOptions {
  /** The timeout of the call, in ms. Default: that of the client. */
  readonly timeoutMs?: number;
}

/** The options of a call that waits for an end. Default: without limit. */
export interface WaitOptions extends CallOptions {
  /** Ends the call with `TimedOut`, as `timeoutMs` does. */
  readonly signal?: AbortSignal;
}

export interface OnceOptions extends CallOptions {
  /**
   * Your own key for the call, 1 to 255 characters. A repeated call with the same key and content has no further effect
   * and returns the same result.
   */
  readonly idempotencyKey?: string;
}

/** The options of every call. */
export const CALL_PROPS = { timeoutMs: Timeout };

export const ONCE_PROPS = { ...CALL_PROPS, idempotencyKey: textUpTo(255) };

export const CallFields = closed(t.partial(CALL_PROPS));

export const OnceFields = closed(t.partial(ONCE_PROPS));

export const WaitFields = closed(
  t.partial({
    ...CALL_PROPS,
    signal: guarded('an AbortSignal', (u): u is AbortSignal => u instanceof AbortSignal),
  }),
);
