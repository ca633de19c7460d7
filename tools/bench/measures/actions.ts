import type { temporal } from '@temporalio/proto';

export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** How often something occurs. */
export interface Counted {
  readonly what: string;
  readonly count: number;
}

const LOCAL_ACTIVITY = 'core_local_activity';

/** What Temporal Cloud counts an event as (https://docs.temporal.io/cloud/actions); undefined for those that cost nothing of their own. */
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

/** The workflow task in which a local activity ran: those of one task are one action together. */
const taskOf = ({ markerRecordedEventAttributes: marker }: HistoryEvent): string | undefined =>
  marker?.markerName === LOCAL_ACTIVITY ? String(marker.workflowTaskCompletedEventId) : undefined;

const countBy = (words: readonly string[]): readonly Counted[] => {
  const counts = new Map<string, number>();
  for (const what of words) counts.set(what, (counts.get(what) ?? 0) + 1);
  return [...counts].map(([what, count]) => ({ what, count }));
};

/** What a history would be billed as. A workflow started with an update in one call is both. */
export const billableActions = (events: readonly HistoryEvent[]): readonly Counted[] => {
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

/** The events by their types, as the UI names them. */
export const eventTypes = (
  events: readonly HistoryEvent[],
  nameOf: (event: HistoryEvent) => string,
): readonly Counted[] => countBy(events.map(nameOf));
