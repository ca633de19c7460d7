import { CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';

/**
 * One timer for whatever is due next. It is set again only when it is to ring earlier: ringing too early costs one look,
 * while setting it anew with every event would cost two history events each.
 */
export class Alarm {
  #ringsAt = Number.POSITIVE_INFINITY;
  #rang = 0;
  readonly #onRing: (moment: number) => void;
  #scope: CancellationScope | undefined;

  /** `onRing` is told the moment that it rings for, in ms since the Unix epoch. */
  constructor(onRing: (moment: number) => void) {
    this.#onRing = onRing;
  }

  /** Waits until the moment (ms since the epoch) or until `woken`, whichever is first. */
  waitUntil(until: number, woken: () => boolean): Promise<void> {
    this.#set(until);
    const before = this.#rang;
    return condition(() => woken() || this.#rang > before);
  }

  #set(until: number): void {
    if (this.#ringsAt <= until) return;
    this.#scope?.cancel();
    this.#ringsAt = until;
    const scope = new CancellationScope();
    this.#scope = scope;
    const forMs = Math.max(until - Date.now(), 1);
    scope
      .run(() => sleep(forMs, { summary: 'Until the next reminder, reconcile or deadline' }))
      .then(
        () => {
          this.#ringsAt = Number.POSITIVE_INFINITY;
          this.#rang += 1;
          this.#onRing(until);
        },
        (error: unknown) => {
          if (!isCancellation(error)) throw error;
        },
      );
  }
}
