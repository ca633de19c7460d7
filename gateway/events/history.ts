import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { withOwnSignal } from '../../client/calls/own-signal.js';
import { MINUTE_MS, SECOND_MS } from '../../shared/time.js';

/** Waits for changes of one onboarding. */
export interface Watch {
  /** Resolves once the onboarding may have changed since the last call, or since the watch was opened. */
  changed(): Promise<void>;
}

/** Watches an onboarding until the signal aborts. What happens before it resolves is not reported. */
export type OpenWatch = (workflowId: string, signal: AbortSignal) => Promise<Watch>;

/** Longer than the server holds a long poll: 20 s by default. */
const LONG_POLL_TIMEOUT_MS = MINUTE_MS;

const POLL_EVERY_MS = SECOND_MS;

/** For onboardings whose history cannot be watched. */
const everySecond: Watch = { changed: () => pause(POLL_EVERY_MS) };

const { EventType } = proto.temporal.api.enums.v1;

/**
 * The events that change nothing, or tell what a workflow task has done: the query that an earlier event caused was
 * answered after that task (https://docs.temporal.io/sending-messages#sending-queries).
 */
const WITHOUT_CHANGE: ReadonlySet<unknown> = new Set([
  EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
  EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
  EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
  EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
  EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED,
  EventType.EVENT_TYPE_TIMER_STARTED,
  EventType.EVENT_TYPE_TIMER_CANCELED,
  EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
  EventType.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED,
]);

/** Watches the history of the latest run by long polls, which cost no worker anything. */
const watchHistory = async (
  { connection, workflowService, options }: Client,
  workflowId: string,
  signal: AbortSignal,
) => {
  const { namespace } = options;
  /** Where the history continues. Empty before the first page and after the last event of a closed run. */
  let nextPageToken: Uint8Array = new Uint8Array();

  const nextPage = async () => {
    const request = { namespace, execution: { workflowId }, skipArchival: true, waitNewEvent: true, nextPageToken };
    const { history, ...page } = await withOwnSignal(connection, signal, () =>
      connection.withDeadline(Date.now() + LONG_POLL_TIMEOUT_MS, () =>
        workflowService.getWorkflowExecutionHistory(request),
      ),
    );
    nextPageToken = page.nextPageToken;
    return history?.events ?? [];
  };

  const nextChange = async (): Promise<void> => {
    // The run has closed, and another one may have started.
    if (nextPageToken.length === 0) {
      await pause(POLL_EVERY_MS);
      await nextPage();
      return;
    }
    for (;;) if ((await nextPage()).some(({ eventType }) => !WITHOUT_CHANGE.has(eventType))) return;
  };

  await nextPage();
  // An outage is the reader's to notice.
  return { changed: () => nextChange().catch(() => (signal.aborted ? undefined : pause(POLL_EVERY_MS))) };
};

export type LongPolls = ReturnType<typeof limitLongPolls>;

/**
 * Limits the calls that wait at the server, whose own limit includes the workers' polls (`frontend.namespaceCount`,
 * 1,200 for each frontend by default).
 */
export const limitLongPolls = (atMost: number) => {
  let open = 0;
  return {
    /** Takes one until the signal aborts. Returns false if all are taken. */
    take: (signal: AbortSignal): boolean => {
      if (open >= atMost || signal.aborted) return false;
      open += 1;
      signal.addEventListener('abort', () => (open -= 1), { once: true });
      return true;
    },
  };
};

/** Watches histories. While no long poll is left, onboardings count as changed once a second. */
export const watchHistories =
  (client: Client, longPolls: LongPolls): OpenWatch =>
  async (workflowId, signal) =>
    longPolls.take(signal) ? watchHistory(client, workflowId, signal).catch(() => everySecond) : everySecond;
