import { CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';

/**
 * One timer for the next thing that is due. It is rescheduled only to an earlier time: firing too early costs a
 * decision, while a new timer at every event would cost two history events each.
 */
export class ReschedulableTimer {
  #dueAt = Number.POSITIVE_INFINITY;
  #firedCount = 0;
  readonly #onFired: (dueAt: number) => void;
  #scope: CancellationScope | undefined;

  /** Calls `onFired` with the time that the timer was scheduled for, in ms since the Unix epoch. */
  constructor(onFired: (dueAt: number) => void) {
    this.#onFired = onFired;
  }

  /** Waits until the time (in ms since the Unix epoch) or until `isWoken`, whichever is first. */
  waitUntil(until: number, isWoken: () => boolean): Promise<void> {
    this.#schedule(until);
    const before = this.#firedCount;
    return condition(() => isWoken() || this.#firedCount > before);
  }

  #schedule(until: number): void {
    if (this.#dueAt <= until) return;
    this.#scope?.cancel();
    this.#dueAt = until;
    const scope = new CancellationScope();
    this.#scope = scope;
    const forMs = Math.max(until - Date.now(), 1);
    scope
      .run(() => sleep(forMs, { summary: 'Until the next reminder, reconcile or deadline' }))
      .then(
        () => {
          this.#dueAt = Number.POSITIVE_INFINITY;
          this.#firedCount += 1;
          this.#onFired(until);
        },
        (error: unknown) => {
          if (!isCancellation(error)) throw error;
        },
      );
  }
}
