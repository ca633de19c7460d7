/** Node's timers end at once if they are to last longer: 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A signal for a call that may take a certain time. */
export interface TimeLimit {
  /** Aborts when the time has passed, or when another signal does. */
  readonly signal: AbortSignal;
  /** To be called when the call has ended. */
  readonly clear: () => void;
}

/**
 * Limits a call to a time, in ms, and to the time until one of the other signals aborts. Not by
 * `AbortSignal.any([AbortSignal.timeout(ms), …])`: Node can collect the timeout, which then never aborts
 * (nodejs/node#57736).
 */
export const timeLimit = (ms: number, ...others: readonly AbortSignal[]): TimeLimit => {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, Math.min(ms, LONGEST_TIMER_MS));
  for (const other of others) {
    if (other.aborted) abort();
    other.addEventListener('abort', abort, { once: true });
  }
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer);
      for (const other of others) other.removeEventListener('abort', abort);
    },
  };
};
