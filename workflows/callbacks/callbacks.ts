import {
  ActivityCancellationType,
  ApplicationFailure,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  type TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import * as t from 'io-ts';
import { type CallbackActivities, DELIVERY_RETRY, type DeliveryOutcome } from '../../contract/activities.js';
import { type DeliverArgs, deliverSignal } from '../../contract/messages.js';
import { backgroundTaskQueue } from '../../contract/task-queues.js';
import { matching } from '../../shared/decoding.js';
import { code } from '../../shared/markdown.js';
import { DAY_MS, SECOND_MS } from '../../shared/time.js';
import { formatUtc } from '../shared/format-utc.js';
import { activityFailureCause, type Interruptible, interruptible } from '../shared/interruptible.js';
import { countCallback } from '../shared/metrics.js';
import { abandon, type Deliveries, enqueue, markDelivered, NO_DELIVERIES, type PendingDelivery } from './deliveries.js';

/** The number of events of an onboarding that were delivered and abandoned. */
export interface CallbacksResult {
  readonly delivered: number;
  readonly abandoned: number;
}

const ABANDON_AFTER_MS = 5 * DAY_MS;

/** Longer than the timeout of the HTTP request, so that the activity can report why the request failed. */
const ATTEMPT_TIMEOUT_MS = 20 * SECOND_MS;

type Outcome = DeliveryOutcome | { readonly kind: 'interrupted' };

/**
 * Sends an onboarding's events to the service's callback URL, one at a time and in order, and completes when no event
 * is left. An event that cannot be delivered is retried for 5 days and then abandoned.
 */
export async function callbacks(carried: Deliveries = NO_DELIVERIES): Promise<CallbacksResult> {
  let deliveries = carried;
  let replays = 0;
  const update = (next: Deliveries): void => {
    deliveries = next;
    setCurrentDetails(details(deliveries));
  };
  setHandler(
    deliverSignal,
    (args: unknown) => {
      // A signal sent by hand may have any argument. An invalid one must not fail the workflow, which would block the
      // other events.
      if (!isDeliverArgs(args)) return;
      if (args.replay === true) replays += 1;
      update(enqueue(deliveries, args, Date.now()));
    },
    {
      description:
        'Adds events to send. Onboardings send this signal, and the client to send an event again: {"callbacks": {…}, "events": [{…}], "onboardingRunId": "…", "replay": true}.',
    },
  );
  for (;;) {
    const [next] = deliveries.pending;
    if (next === undefined) return { delivered: deliveries.delivered, abandoned: deliveries.abandoned };
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof callbacks>(deliveries);
    update(deliveries);
    const before = replays;
    const outcome = await deliver(next, () => replays !== before);
    if (outcome.kind !== 'interrupted') countCallback(outcome.kind);
    if (outcome.kind === 'delivered') update(markDelivered(deliveries, next));
    if (outcome.kind === 'abandoned') update(abandon(deliveries, next, outcome.problem));
  }
}

const DeliverArgsCodec = t.type({
  callbacks: t.type({ endpoint: t.string, id: t.string }),
  // A type is a part of summaries, which are Markdown.
  events: t.array(t.type({ type: matching(/^[a-zA-Z.]{1,64}$/, 'a type of event'), sequence: t.number, at: t.number })),
  onboardingRunId: t.string,
});

const isDeliverArgs = (args: unknown): args is DeliverArgs => DeliverArgsCodec.is(args);

const proxyFor = ({ event, since }: PendingDelivery) =>
  proxyActivities<CallbackActivities>({
    // A receiver that does not respond must not occupy the slots that applicants wait for.
    taskQueue: backgroundTaskQueue(workflowInfo().taskQueue),
    summary: `Send event ${event.sequence}: ${event.type}`,
    startToCloseTimeout: ATTEMPT_TIMEOUT_MS,
    // Leaves time for one attempt even if no worker was available for 5 days.
    scheduleToCloseTimeout: Math.max(since + ABANDON_AFTER_MS - Date.now(), ATTEMPT_TIMEOUT_MS),
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    retry: {
      initialInterval: DELIVERY_RETRY.initialMs,
      backoffCoefficient: DELIVERY_RETRY.coefficient,
      maximumInterval: DELIVERY_RETRY.maximumMs,
    },
  });

const problemOf = (cause: ApplicationFailure | TimeoutFailure): string =>
  cause instanceof ApplicationFailure ? cause.message : 'there was no response in time';

/** Delivers one event, with retries over days. A replay interrupts the wait for the next retry. */
const deliver = async (next: PendingDelivery, interrupted: () => boolean): Promise<Outcome> => {
  const { callbacks, event, onboardingRunId } = next;
  const send = () => proxyFor(next).deliverEvent({ callbacks, event, onboardingRunId });
  return outcomeOf(await interruptible(send, interrupted));
};

const outcomeOf = (end: Interruptible<DeliveryOutcome>): Outcome => {
  if (end.kind === 'answered') return end.answer;
  if (end.kind === 'interrupted') return end;
  const cause = activityFailureCause(end.error);
  if (cause === undefined) throw end.error;
  return { kind: 'abandoned', problem: `not delivered for days; the last attempt: ${problemOf(cause)}` };
};

/**
 * Returns the Markdown that the Temporal UI shows for the workflow. It omits the endpoint's URL, which only operators
 * may see.
 */
const details = ({ pending, recentlyAbandoned, delivered, abandoned }: Deliveries): string => {
  const [next, ...waiting] = pending;
  return [
    next === undefined
      ? '**Every event has been sent.**'
      : `**Sending event ${next.event.sequence} (${next.event.type}) to the endpoint ${code(next.callbacks.endpoint)}**. It is abandoned after ${formatUtc(next.since + ABANDON_AFTER_MS)}.`,
    `Waiting behind it: ${waiting.length}. Delivered: ${delivered}. Abandoned: ${abandoned}.`,
    recentlyAbandoned
      .map(({ event, problem }) => `- Abandoned: event ${event.sequence} (${event.type}): ${problem}`)
      .join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
};
