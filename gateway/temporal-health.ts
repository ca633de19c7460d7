import type { Client } from '@temporalio/client';
import { SECOND_MS } from '../shared/time.js';

const ASK_EVERY_MS = 2 * SECOND_MS;

/** Longer than one question that went unanswered. */
const GOOD_FOR_MS = 10 * SECOND_MS;

/** Whether Temporal answers, without a question for each who wants to know. */
export class TemporalHealth {
  readonly #temporal: Client;
  readonly #timer: NodeJS.Timeout;
  #answeredAt = Date.now();
  #asking: Promise<void> = Promise.resolve();

  /** For a client that has just been connected. */
  constructor(temporal: Client) {
    this.#temporal = temporal;
    this.#timer = setInterval(() => {
      this.#asking = this.#ask();
    }, ASK_EVERY_MS);
    this.#timer.unref();
  }

  get answers(): boolean {
    return Date.now() - this.#answeredAt < GOOD_FOR_MS;
  }

  /** Asks no more, and ends when nothing is asked: the connection may be closed then. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#asking;
  }

  async #ask(): Promise<void> {
    const { workflowService } = this.#temporal;
    await this.#temporal
      .withDeadline(Date.now() + ASK_EVERY_MS, () => workflowService.getSystemInfo({}))
      .then(
        () => {
          this.#answeredAt = Date.now();
        },
        () => undefined,
      );
  }
}
