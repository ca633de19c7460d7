import type { DeliverArgs } from '../../contract/messages.js';
import { identityOf, type OnboardingEvent } from '../../domain/changes.js';
import type { EpochMs } from '../../shared/time.js';

/** An event that has not been delivered. */
export interface PendingDelivery extends Pick<DeliverArgs, 'callbacks' | 'onboardingRunId'> {
  readonly event: OnboardingEvent;
  /** The time at which the event was enqueued, or last replayed. */
  readonly since: EpochMs;
}

/** The state of the `callbacks` workflow, which continue-as-new passes on: the queue of events and the counts. */
export interface Deliveries {
  /** In the order of delivery. */
  readonly pending: readonly PendingDelivery[];
  /** Keys of the last events that were delivered or abandoned: a repeated signal does not enqueue them again. */
  readonly done: readonly string[];
  readonly delivered: number;
  readonly abandoned: number;
  /** The last abandoned events, for the Temporal UI. */
  readonly recentlyAbandoned: readonly {
    readonly event: Pick<OnboardingEvent, 'sequence' | 'type'>;
    readonly problem: string;
  }[];
}

export const NO_DELIVERIES: Deliveries = { pending: [], done: [], delivered: 0, abandoned: 0, recentlyAbandoned: [] };

/** More than the number of events that an onboarding keeps. */
const MAX_DONE = 200;

const MAX_RECENTLY_ABANDONED = 5;

const keyOf = ({ onboardingRunId, event }: Pick<PendingDelivery, 'onboardingRunId' | 'event'>): string =>
  `${onboardingRunId} ${identityOf(event)}`;

/** Inserts a delivery by the sequence of its onboarding's events, or at the end of the queue. */
const insert = (pending: readonly PendingDelivery[], delivery: PendingDelivery): readonly PendingDelivery[] => {
  const index = pending.findIndex(
    ({ onboardingRunId, event }) =>
      onboardingRunId === delivery.onboardingRunId && event.sequence > delivery.event.sequence,
  );
  const at = index === -1 ? pending.length : index;
  return [...pending.slice(0, at), delivery, ...pending.slice(at)];
};

const enqueueOne = (deliveries: Deliveries, delivery: PendingDelivery, replay: boolean): Deliveries => {
  const key = keyOf(delivery);
  const { pending, done } = deliveries;
  if (pending.some((other) => keyOf(other) === key))
    return replay
      ? {
          ...deliveries,
          pending: pending.map((other) => (keyOf(other) === key ? { ...other, since: delivery.since } : other)),
        }
      : deliveries;
  return done.includes(key) && !replay ? deliveries : { ...deliveries, pending: insert(pending, delivery) };
};

/** Enqueues events. Known events are ignored, unless the request is a replay. */
export const enqueue = (
  deliveries: Deliveries,
  { callbacks, onboardingRunId, events, replay }: DeliverArgs,
  at: EpochMs,
): Deliveries =>
  events.reduce(
    (queue, event) => enqueueOne(queue, { callbacks, onboardingRunId, event, since: at }, replay === true),
    deliveries,
  );

const dequeue = ({ pending, done, ...rest }: Deliveries, delivery: PendingDelivery): Deliveries => {
  const key = keyOf(delivery);
  return { ...rest, pending: pending.filter((other) => keyOf(other) !== key), done: [...done, key].slice(-MAX_DONE) };
};

export const markDelivered = (deliveries: Deliveries, delivery: PendingDelivery): Deliveries => ({
  ...dequeue(deliveries, delivery),
  delivered: deliveries.delivered + 1,
});

export const abandon = (deliveries: Deliveries, delivery: PendingDelivery, problem: string): Deliveries => {
  const { sequence, type } = delivery.event;
  return {
    ...dequeue(deliveries, delivery),
    abandoned: deliveries.abandoned + 1,
    recentlyAbandoned: [...deliveries.recentlyAbandoned, { event: { sequence, type }, problem }].slice(
      -MAX_RECENTLY_ABANDONED,
    ),
  };
};
