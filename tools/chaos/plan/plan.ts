import { createRandom } from '../../sandbox/index.js';
import { drawn } from '../personas.js';
import {
  CUT_MODES,
  DEPLOY_STEPS,
  type DeployStep,
  type Fault,
  type FaultKind,
  LINKS,
  type Link,
  type PlannedFault,
} from './faults.js';

export interface PlanOptions {
  readonly onboardings: number;
  /** True if Temporal's database is a separate process. */
  readonly database: boolean;
  /** The number of faults. By default one per dozen onboardings, and at least one of each kind. */
  readonly faultCount?: number;
  /** Restricts the faults to these kinds. By default all that are possible. */
  readonly only?: readonly FaultKind[];
}

/** The maximum duration of a fault, in ms. */
export const MAX_FAULT_MS = 9_000;

/** The part of a run, by the fraction of applicants that are done, in which faults are due. */
const [FIRST, LAST] = [0, 0.9];

const ONBOARDINGS_PER_FAULT = 12;

interface Dice {
  /** Returns an integer between the two, both included. */
  between(leastMs: number, mostMs: number): number;
  /** Throws an error if the list is empty. */
  oneOf<A>(list: readonly A[]): A;
}

const diceOf = (seed: number): Dice => {
  const random = createRandom(seed);
  return {
    between: (least, most) => least + random.below(most - least + 1),
    oneOf: (list) => drawn(random, list),
  };
};

/** The kinds that are drawn at random. The steps of a deployment have a fixed order. */
type DrawnKind = Exclude<FaultKind, 'deploy'>;

/** The relative frequency of each kind, and a generator of random faults. */
const DRAWN: Readonly<
  Record<DrawnKind, { readonly frequency: number; readonly draw: (dice: Dice, links: readonly Link[]) => Fault }>
> = {
  killWorker: {
    frequency: 4,
    draw: ({ oneOf, between }) => ({ kind: 'killWorker', worker: oneOf([1, 2]), forMs: between(0, 5_000) }),
  },
  restartWorker: {
    frequency: 2,
    draw: ({ oneOf, between }) => ({ kind: 'restartWorker', worker: oneOf([1, 2]), forMs: between(0, 3_000) }),
  },
  killGateway: {
    frequency: 3,
    draw: ({ oneOf, between }) => ({ kind: 'killGateway', gateway: oneOf([1, 2]), forMs: between(0, 4_000) }),
  },
  killService: { frequency: 2, draw: ({ between }) => ({ kind: 'killService', forMs: between(500, 8_000) }) },
  killServer: { frequency: 2, draw: ({ between }) => ({ kind: 'killServer', forMs: between(0, 5_000) }) },
  killDatabase: { frequency: 2, draw: ({ between }) => ({ kind: 'killDatabase', forMs: between(0, 5_000) }) },
  cut: {
    frequency: 6,
    draw: ({ oneOf, between }, links) => ({
      kind: 'cut',
      link: oneOf(links),
      mode: oneOf(CUT_MODES),
      forMs: between(300, 8_000),
    }),
  },
  delay: {
    frequency: 3,
    draw: ({ oneOf, between }, links) => ({
      kind: 'delay',
      link: oneOf(links),
      ms: between(20, 600),
      forMs: between(1_000, MAX_FAULT_MS),
    }),
  },
  rotateKeys: {
    frequency: 1,
    draw: ({ oneOf, between }) => ({ kind: 'rotateKeys', hasty: oneOf([false, true]), forMs: between(500, 4_000) }),
  },
  vendorFaults: {
    frequency: 2,
    draw: ({ between }) => ({ kind: 'vendorFaults', profile: 'storm', forMs: between(2_000, MAX_FAULT_MS) }),
  },
  vendorChanges: {
    frequency: 1,
    draw: ({ between }) => ({ kind: 'vendorChanges', reRegistration: 'resume', forMs: between(2_000, MAX_FAULT_MS) }),
  },
};

const shuffled = <A>(dice: Dice, list: readonly A[]): readonly A[] => {
  const left = [...list];
  return list.flatMap(() => left.splice(dice.between(0, left.length - 1), 1));
};

/** Draws the faults in order, with the steps of the deployment spread evenly among them. */
const drawFaults = (dice: Dice, { onboardings, database, faultCount, only }: PlanOptions): readonly Fault[] => {
  const kinds = Object.keys(DRAWN).filter(
    (kind): kind is DrawnKind => only?.some((one) => one === kind) ?? (database || kind !== 'killDatabase'),
  );
  const links = Object.keys(LINKS).filter((link): link is Link => database || link !== 'temporalToDatabase');
  const steps: readonly DeployStep[] = (only?.includes('deploy') ?? true) ? DEPLOY_STEPS : [];
  const extra = (faultCount ?? Math.round(onboardings / ONBOARDINGS_PER_FAULT)) - kinds.length - steps.length;
  const lots = kinds.flatMap((kind) => Array.from({ length: DRAWN[kind].frequency }, () => kind));
  const extras = lots.length === 0 ? [] : Array.from({ length: Math.max(0, extra) }, () => dice.oneOf(lots));
  const faults = shuffled(dice, [...kinds, ...extras]).map((kind) => DRAWN[kind].draw(dice, links));
  const placed = steps.map((step, index) => ({
    before: Math.round((faults.length * (index + 1)) / (steps.length + 1)),
    step: { kind: 'deploy', step, forMs: 0 } as const,
  }));
  return [...faults, undefined].flatMap((fault, index) => [
    ...placed.filter(({ before }) => before === index).map(({ step }) => step),
    ...(fault === undefined ? [] : [fault]),
  ]);
};

/**
 * Plans the faults of a run, in order. Deterministic for a seed and options, with at least one fault of each possible
 * kind.
 */
export const planOf = (seed: number, options: PlanOptions): readonly PlannedFault[] => {
  // Another sequence of random numbers than the one that draws the applicants.
  const dice = diceOf(seed ^ 0x5eed);
  const faults = drawFaults(dice, options);
  const interval = ((LAST - FIRST) * options.onboardings) / faults.length;
  return faults.map((fault, index) => {
    const from = FIRST * options.onboardings + index * interval;
    return { ...fault, at: Math.floor(from + (dice.between(0, 999) / 1_000) * interval) };
  });
};
