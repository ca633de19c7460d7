import { setTimeout as pause } from 'node:timers/promises';
import type { OnboardingClient } from '../client/index.js';
import type { Snapshot } from '../domain/snapshot.js';
import { SECOND_MS } from '../shared/time.js';

/** A query that a killed worker does not answer takes ten seconds: the next one may reach another worker. */
const QUEUE_FOR_MS = SECOND_MS;

export type ReadStatus = ReturnType<typeof shareStatusReads>;

/**
 * Reads the status of onboardings for callers that ask at the same time. While a read is in flight, further callers
 * share the next one. The result of a read is thus never older than the call, and a caller sees its own writes.
 */
export const shareStatusReads = (client: Pick<OnboardingClient, 'status'>) => {
  const inFlight = new Map<string, Promise<unknown>>();
  const queued = new Map<string, Promise<Snapshot>>();

  const send = (workflowId: string): Promise<Snapshot> => {
    const read = client.status(workflowId);
    const done: Promise<unknown> = read
      .catch(() => undefined)
      .finally(() => {
        if (inFlight.get(workflowId) === done) inFlight.delete(workflowId);
      });
    inFlight.set(workflowId, done);
    return read;
  };

  const enqueue = (workflowId: string, former: Promise<unknown>): Promise<Snapshot> => {
    const read = Promise.race([former, pause(QUEUE_FOR_MS, undefined, { ref: false })]).then(() => {
      queued.delete(workflowId);
      return send(workflowId);
    });
    queued.set(workflowId, read);
    return read;
  };

  return (workflowId: string): Promise<Snapshot> => {
    const former = inFlight.get(workflowId);
    return queued.get(workflowId) ?? (former === undefined ? send(workflowId) : enqueue(workflowId, former));
  };
};
