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
import { DAY_MS, SECOND_MS } from '../../shared/time.js';
import { activityFailureCause } from '../shared/activity-failures.js';
import { moment } from '../shared/format-utc.js';
import { type Interruptible, interruptible } from '../shared/interruptible.js';
import { countCallback } from '../shared/metrics.js';
import { type Deliveries, delivered, givenUp, NO_DELIVERIES, taken, type Unsent } from './deliveries.js';

/** What became of the events of one onboarding, since the sending of them began. */
export interface CallbacksResult {
  readonly delivered: number;
  readonly givenUp: number;
}

/** An event is given up when its receiver has not taken it for so long. */
const GIVE_UP_AFTER_MS = 5 * DAY_MS;

/** Above the total timeout of the request, so that the activity tells what went wrong. */
const TRY_MS = 20 * SECOND_MS;

type Outcome = DeliveryOutcome | { readonly kind: 'interrupted' };

/**
 * Sends an onboarding's events to the service's callback URL, one after the other and in their order, and ends when none is left. One
 * that cannot be delivered is tried again for days, and then given up.
 */
export async function callbacks(carried: Deliveries = NO_DELIVERIES): Promise<CallbacksResult> {
  let deliveries = carried;
  let replays = 0;
  const turnTo = (next: Deliveries): void => {
    deliveries = next;
    setCurrentDetails(details(deliveries));
  };
  setHandler(
    deliverSignal,
    (args: unknown) => {
      // What people send by hand may be anything, and must not hold up what is waiting.
      if (!isDeliverArgs(args)) return;
      if (args.replay === true) replays += 1;
      turnTo(taken(deliveries, args, Date.now()));
    },
    {
      description:
        'Takes events that are to be sent. Onboardings send it, and the client does to have an event sent again: {"callbacks": {…}, "events": [{…}], "onboardingRunId": "…", "replay": true}.',
    },
  );
  for (;;) {
    const [next] = deliveries.unsent;
    if (next === undefined) return { delivered: deliveries.delivered, givenUp: deliveries.givenUp };
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof callbacks>(deliveries);
    turnTo(deliveries);
    const before = replays;
    const outcome = await deliver(next, () => replays !== before);
    if (outcome.kind !== 'interrupted') countCallback(outcome.kind);
    if (outcome.kind === 'delivered') turnTo(delivered(deliveries, next));
    if (outcome.kind === 'givenUp') turnTo(givenUp(deliveries, next, outcome.problem));
  }
}

const Shape = t.type({
  callbacks: t.type({ endpoint: t.string, id: t.string }),
  events: t.array(t.type({ type: t.string, sequence: t.number, at: t.number })),
  onboardingRunId: t.string,
});

const isDeliverArgs = (args: unknown): args is DeliverArgs => Shape.is(args);

const summaryOf = ({ event }: Unsent): string => `Send event ${event.sequence}: ${event.type}`;

const proxyFor = (unsent: Unsent) =>
  proxyActivities<CallbackActivities>({
    summary: summaryOf(unsent),
    startToCloseTimeout: TRY_MS,
    // One that has waited for too long, as there was no worker, is tried once all the same.
    scheduleToCloseTimeout: Math.max(unsent.since + GIVE_UP_AFTER_MS - Date.now(), TRY_MS),
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    retry: {
      initialInterval: DELIVERY_RETRY.initialMs,
      backoffCoefficient: DELIVERY_RETRY.coefficient,
      maximumInterval: DELIVERY_RETRY.maximumMs,
    },
  });

const problemOf = (fault: ApplicationFailure | TimeoutFailure): string =>
  fault instanceof ApplicationFailure ? fault.message : 'there was no answer in time';

/** Delivers one event by tries over days, which a replay interrupts. */
const deliver = async (next: Unsent, interrupted: () => boolean): Promise<Outcome> => {
  const { callbacks, event, onboardingRunId } = next;
  const send = () => proxyFor(next).deliverEvent({ callbacks, event, onboardingRunId });
  return outcomeOf(await interruptible(send, interrupted));
};

const lost = (problem: string): Outcome => ({ kind: 'givenUp', problem: `not taken for days; in the end ${problem}` });

const outcomeOf = (end: Interruptible<DeliveryOutcome>): Outcome => {
  if (end.kind === 'answered') return end.answer;
  if (end.kind === 'interrupted') return end;
  const fault = activityFailureCause(end.error);
  if (fault === undefined) throw end.error;
  return lost(problemOf(fault));
};

/** What is being sent, as the Markdown that the Temporal UI shows for a workflow. Without the address, which is the operators' own. */
const details = ({ unsent, lost, ...counts }: Deliveries): string => {
  const [next, ...waiting] = unsent;
  return [
    next === undefined
      ? '**Everything has been sent.**'
      : `**Sending event ${next.event.sequence} (${next.event.type}) to the endpoint ${next.callbacks.endpoint}**, until it is taken, or given up after ${moment(next.since + GIVE_UP_AFTER_MS)}.`,
    `Waiting behind it: ${waiting.length}. Delivered: ${counts.delivered}. Given up: ${counts.givenUp}.`,
    lost.map(({ event, problem }) => `- Given up: event ${event.sequence} (${event.type}): ${problem}`).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
};
