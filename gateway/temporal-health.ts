import type { Client } from '@temporalio/client';
import { SECOND_MS } from '../shared/time.js';

const CHECK_EVERY_MS = 2 * SECOND_MS;

/** Several failed checks in a row are needed to report Temporal as down. */
const HEALTHY_FOR_MS = 10 * SECOND_MS;

/** Checks at intervals that Temporal answers, so that readiness probes cause no calls. */
export class TemporalHealth {
  readonly #temporal: Client;
  readonly #timer: NodeJS.Timeout;
  #answeredAt = Date.now();
  #checking: Promise<void> = Promise.resolve();

  /** The client must have just connected: Temporal counts as healthy at first. */
  constructor(temporal: Client) {
    this.#temporal = temporal;
    this.#timer = setInterval(() => {
      this.#checking = this.#check();
    }, CHECK_EVERY_MS);
    this.#timer.unref();
  }

  get answers(): boolean {
    return Date.now() - this.#answeredAt < HEALTHY_FOR_MS;
  }

  /** Stops checking and waits for a check in progress, so that the connection can be closed. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#checking;
  }

  async #check(): Promise<void> {
    const { workflowService } = this.#temporal;
    await this.#temporal
      .withDeadline(Date.now() + CHECK_EVERY_MS, () => workflowService.getSystemInfo({}))
      .then(
        () => {
          this.#answeredAt = Date.now();
        },
        () => undefined,
      );
  }
}
