import type { Client } from '@temporalio/client';
import { SECOND_MS } from '../shared/time.js';

const CHECK_EVERY_MS = 2 * SECOND_MS;

/** Several failed checks in a row are needed to report Temporal as down. */
const HEALTHY_FOR_MS = 10 * SECOND_MS;

/**
 * Checks at intervals that Temporal answers and has the namespace, so that readiness probes cause no calls. The client
 * must have just connected: Temporal counts as healthy at first.
 */
export const watchTemporal = (temporal: Client) => {
  const { namespace } = temporal.options;
  let answeredAt = Date.now();
  const check = (): Promise<void> =>
    temporal
      .withDeadline(Date.now() + CHECK_EVERY_MS, () => temporal.workflowService.describeNamespace({ namespace }))
      .then(
        () => {
          answeredAt = Date.now();
        },
        () => undefined,
      );
  let checking = Promise.resolve();
  const timer = setInterval(() => {
    checking = check();
  }, CHECK_EVERY_MS).unref();
  return {
    answers: () => Date.now() - answeredAt < HEALTHY_FOR_MS,
    /** Stops checking and waits for a check in progress, so that the connection can be closed. */
    close: async () => {
      clearInterval(timer);
      await checking;
    },
  };
};
