import type { DeliverArgs } from '../../contract/messages.js';
import { identityOf, type OnboardingEvent } from '../../domain/changes.js';
import type { EpochMs } from '../../shared/time.js';

/** An event that is still to be sent. */
export interface Unsent extends Pick<DeliverArgs, 'callbacks' | 'onboardingRunId'> {
  readonly event: OnboardingEvent;
  /** When it was asked for. */
  readonly since: EpochMs;
}

/** What the sending of an onboarding's events has come to. Plain data: it travels through continue-as-new as it is. */
export interface Deliveries {
  /** In the order in which they are sent. */
  readonly unsent: readonly Unsent[];
  /** What has been sent or given up: handed over again, it is not sent again. */
  readonly done: readonly string[];
  readonly delivered: number;
  readonly givenUp: number;
  /** The last ones that were given up, for people. */
  readonly lost: readonly { readonly event: Pick<OnboardingEvent, 'sequence' | 'type'>; readonly problem: string }[];
}

export const NO_DELIVERIES: Deliveries = { unsent: [], done: [], delivered: 0, givenUp: 0, lost: [] };

/** More than an onboarding keeps. */
const MAX_DONE = 200;

const MAX_LOST = 5;

const keyOf = ({ onboardingRunId, event }: Pick<Unsent, 'onboardingRunId' | 'event'>): string =>
  `${onboardingRunId} ${identityOf(event)}`;

/** Puts it before what comes after it among the events of its own onboarding; what is another onboarding's goes first. */
const insert = (unsent: readonly Unsent[], one: Unsent): readonly Unsent[] => {
  const index = unsent.findIndex(
    ({ onboardingRunId, event }) => onboardingRunId === one.onboardingRunId && event.sequence > one.event.sequence,
  );
  const at = index === -1 ? unsent.length : index;
  return [...unsent.slice(0, at), one, ...unsent.slice(at)];
};

const takenOne = (deliveries: Deliveries, one: Unsent, replay: boolean): Deliveries => {
  const key = keyOf(one);
  const { unsent, done } = deliveries;
  if (unsent.some((other) => keyOf(other) === key))
    return replay
      ? {
          ...deliveries,
          unsent: unsent.map((other) => (keyOf(other) === key ? { ...other, since: one.since } : other)),
        }
      : deliveries;
  return done.includes(key) && !replay ? deliveries : { ...deliveries, unsent: insert(unsent, one) };
};

/** Takes events to be sent: each once, unless it is to be sent again. */
export const taken = (
  deliveries: Deliveries,
  { callbacks, onboardingRunId, events, replay }: DeliverArgs,
  at: EpochMs,
): Deliveries =>
  events.reduce(
    (sofar, event) => takenOne(sofar, { callbacks, onboardingRunId, event, since: at }, replay === true),
    deliveries,
  );

const without = ({ unsent, done, ...rest }: Deliveries, one: Unsent): Deliveries => {
  const key = keyOf(one);
  return { ...rest, unsent: unsent.filter((other) => keyOf(other) !== key), done: [...done, key].slice(-MAX_DONE) };
};

export const delivered = (deliveries: Deliveries, one: Unsent): Deliveries => ({
  ...without(deliveries, one),
  delivered: deliveries.delivered + 1,
});

export const givenUp = (deliveries: Deliveries, one: Unsent, problem: string): Deliveries => {
  const { sequence, type } = one.event;
  return {
    ...without(deliveries, one),
    givenUp: deliveries.givenUp + 1,
    lost: [...deliveries.lost, { event: { sequence, type }, problem }].slice(-MAX_LOST),
  };
};
