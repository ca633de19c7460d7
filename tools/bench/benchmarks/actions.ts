import type { temporal } from '@temporalio/proto';
import type { Counts } from '../results.js';

export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

const LOCAL_ACTIVITY = 'core_local_activity';

/** Returns the action that Temporal Cloud bills for an event (https://docs.temporal.io/cloud/actions), if any. */
const actionOf = (event: HistoryEvent): string | undefined => {
  if (event.workflowExecutionStartedEventAttributes) return 'workflow started';
  if (event.workflowExecutionUpdateAcceptedEventAttributes) return 'update';
  if (event.workflowExecutionSignaledEventAttributes) return 'signal';
  if (event.timerStartedEventAttributes) return 'timer started';
  if (event.activityTaskScheduledEventAttributes) return 'activity started';
  if (event.upsertWorkflowSearchAttributesEventAttributes) return 'search attributes upserted';
  if (event.markerRecordedEventAttributes)
    return event.markerRecordedEventAttributes.markerName === LOCAL_ACTIVITY
      ? 'local activities of a workflow task'
      : 'marker';
  return undefined;
};

/** Returns the workflow task of a local activity. All local activities of a task are billed as one action. */
const taskOf = ({ markerRecordedEventAttributes: marker }: HistoryEvent): string | undefined =>
  marker?.markerName === LOCAL_ACTIVITY ? String(marker.workflowTaskCompletedEventId) : undefined;

export const countBy = (words: readonly string[]): Counts => {
  const counts = new Map<string, number>();
  for (const what of words) counts.set(what, (counts.get(what) ?? 0) + 1);
  return [...counts].map(([what, count]) => ({ what, count }));
};

/** Counts the billed actions of a history. An update-with-start counts as two. */
export const billableActions = (events: readonly HistoryEvent[]): Counts => {
  const tasks = new Set<string>();
  return countBy(
    events.flatMap((event) => {
      const action = actionOf(event);
      const task = taskOf(event);
      if (action === undefined || (task !== undefined && tasks.has(task))) return [];
      if (task !== undefined) tasks.add(task);
      return [action];
    }),
  );
};
