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
 * Returns a controller that aborts when one of the signals does, and a function that ends this. Not by
 * `AbortSignal.any`: Node can collect a source, whose abort is then lost (nodejs/node#57736, #65995).
 */
export const following = (...signals: readonly AbortSignal[]) => {
  const controller = new AbortController();
  const abort = () => controller.abort();
  for (const signal of signals) {
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
  }
  const stop = () => {
    for (const signal of signals) signal.removeEventListener('abort', abort);
  };
  return { controller, stop };
};

/** Limits a call to a time, in ms, and to the time until one of the other signals aborts. */
export const timeLimit = (ms: number, ...others: readonly AbortSignal[]): TimeLimit => {
  const { controller, stop } = following(...others);
  const timer = setTimeout(() => controller.abort(), Math.min(ms, LONGEST_TIMER_MS));
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer);
      stop();
    },
  };
};
