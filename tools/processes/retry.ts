import { setTimeout as pause } from 'node:timers/promises';

export interface RetryOptions {
  /** No attempt starts later than this after the first, in ms. Default: no limit. */
  readonly timeoutMs?: number;
  /** The maximum number of attempts. Default: no limit. */
  readonly attempts?: number;
  /** The delay between two attempts, in ms. Default 0. */
  readonly delayMs?: number;
  /** True for an error that another attempt would not change. */
  readonly isFinal?: (error: unknown) => boolean;
}

/** Repeats an attempt until it succeeds. Rejects with the last error if a limit is reached, or with a final error. */
export const retry = async <A>(
  attempt: () => Promise<A>,
  { timeoutMs = Infinity, attempts = Infinity, delayMs = 0, isFinal = () => false }: RetryOptions,
): Promise<A> => {
  const deadline = Date.now() + timeoutMs;
  for (let made = 1; ; made += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (isFinal(error) || made >= attempts || Date.now() >= deadline) throw error;
      await pause(delayMs);
    }
  }
};
