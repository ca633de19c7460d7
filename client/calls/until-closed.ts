import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { OnboardingError } from '../errors.js';
import { withOwnSignal } from './own-signal.js';

const { HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT } = proto.temporal.api.enums.v1.HistoryEventFilterType;

const NONE = new Uint8Array();

/**
 * Waits by long polls until a workflow has closed, and with it every run that it continued as. The SDK's own `result`
 * (1.24) ends neither by a deadline, which the server answers a second before it, so that the SDK asks a thousand times
 * in that second, nor by a signal that aborts between two polls.
 *
 * @throws OnboardingError `TimedOut` once the signal has aborted.
 */
export const untilClosed = async (
  { connection, workflowService, options: { namespace } }: Client,
  workflowId: string,
  signal: AbortSignal,
): Promise<void> => {
  let runId = '';
  let nextPageToken: Uint8Array = NONE;
  for (;;) {
    if (signal.aborted) throw new OnboardingError('TimedOut', 'the call timed out');
    const request = {
      ...{ namespace, execution: { workflowId, runId }, nextPageToken, skipArchival: true, waitNewEvent: true },
      historyEventFilterType: HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT,
    };
    const { history, ...page } = await withOwnSignal(connection, signal, () =>
      workflowService.getWorkflowExecutionHistory(request),
    );
    const closed = history?.events?.[0];
    const next =
      closed?.workflowExecutionContinuedAsNewEventAttributes ??
      closed?.workflowExecutionCompletedEventAttributes ??
      closed?.workflowExecutionFailedEventAttributes ??
      closed?.workflowExecutionTimedOutEventAttributes;
    if (closed !== undefined && !next?.newExecutionRunId) return;
    runId = next?.newExecutionRunId ?? runId;
    nextPageToken = closed === undefined ? page.nextPageToken : NONE;
  }
};
