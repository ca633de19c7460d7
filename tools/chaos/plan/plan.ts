import { createRandom } from '../../sandbox/index.js';
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
  oneOf<A>(first: A, ...others: readonly A[]): A;
}

const diceOf = (seed: number): Dice => {
  const random = createRandom(seed);
  return {
    between: (least, most) => least + random.below(most - least + 1),
    oneOf: (first, ...others) => [first, ...others][random.below(others.length + 1)] ?? first,
  };
};

const isLink = (name: string): name is Link => Object.hasOwn(LINKS, name);

const linksWith = ({ database }: PlanOptions): readonly Link[] =>
  Object.keys(LINKS)
    .filter(isLink)
    .filter((link) => database || link !== 'temporalToDatabase');

/** The kinds that are drawn at random. The steps of a deployment have a fixed order. */
type DrawnKind = Exclude<FaultKind, 'deploy'>;

/** Returns a generator of random faults for each kind. */
const generatorsOf = (options: PlanOptions): Readonly<Record<DrawnKind, (dice: Dice) => Fault>> => {
  const [first = 'workersToTemporal', ...others] = linksWith(options);
  return {
    killWorker: ({ oneOf, between }) => ({ kind: 'killWorker', worker: oneOf(1, 2), forMs: between(0, 5_000) }),
    restartWorker: ({ oneOf, between }) => ({ kind: 'restartWorker', worker: oneOf(1, 2), forMs: between(0, 3_000) }),
    killGateway: ({ oneOf, between }) => ({ kind: 'killGateway', gateway: oneOf(1, 2), forMs: between(0, 4_000) }),
    killService: ({ between }) => ({ kind: 'killService', forMs: between(500, 8_000) }),
    killServer: ({ between }) => ({ kind: 'killServer', forMs: between(0, 5_000) }),
    killDatabase: ({ between }) => ({ kind: 'killDatabase', forMs: between(0, 5_000) }),
    cut: ({ oneOf, between }) => ({
      kind: 'cut',
      link: oneOf(first, ...others),
      mode: oneOf(...CUT_MODES),
      forMs: between(300, 8_000),
    }),
    delay: ({ oneOf, between }) => ({
      kind: 'delay',
      link: oneOf(first, ...others),
      ms: between(20, 600),
      forMs: between(1_000, MAX_FAULT_MS),
    }),
    rotateKeys: ({ oneOf, between }) => ({ kind: 'rotateKeys', hasty: oneOf(false, true), forMs: between(500, 4_000) }),
    vendorFaults: ({ between }) => ({ kind: 'vendorFaults', profile: 'storm', forMs: between(2_000, MAX_FAULT_MS) }),
    vendorChanges: ({ between }) => ({
      kind: 'vendorChanges',
      reRegistration: 'resume',
      forMs: between(2_000, MAX_FAULT_MS),
    }),
  };
};

/** The relative frequency of each kind. */
const FREQUENCIES: Readonly<Record<DrawnKind, number>> = {
  killWorker: 4,
  restartWorker: 2,
  killGateway: 3,
  killService: 2,
  killServer: 2,
  killDatabase: 2,
  cut: 6,
  delay: 3,
  rotateKeys: 1,
  vendorFaults: 2,
  vendorChanges: 1,
};

const isDrawn = (name: string): name is DrawnKind => Object.hasOwn(FREQUENCIES, name);

const drawnKinds = ({ database, only }: PlanOptions): readonly DrawnKind[] =>
  Object.keys(FREQUENCIES)
    .filter(isDrawn)
    .filter((kind) => only?.includes(kind) ?? (database || kind !== 'killDatabase'));

const shuffled = <A>(dice: Dice, list: readonly A[]): readonly A[] => {
  const left = [...list];
  return list.flatMap(() => left.splice(dice.between(0, left.length - 1), 1));
};

/** Draws the faults in order, with the steps of the deployment spread evenly among them. */
const drawFaults = (dice: Dice, options: PlanOptions): readonly Fault[] => {
  const kinds = drawnKinds(options);
  const steps: readonly DeployStep[] = (options.only?.includes('deploy') ?? true) ? DEPLOY_STEPS : [];
  const wanted = options.faultCount ?? Math.round(options.onboardings / ONBOARDINGS_PER_FAULT);
  const extra = Math.max(0, wanted - kinds.length - steps.length);
  const [first, ...others] = kinds.flatMap((kind) => Array.from({ length: FREQUENCIES[kind] }, () => kind));
  const drawn = first === undefined ? [] : Array.from({ length: extra }, () => dice.oneOf(first, ...others));
  const generators = generatorsOf(options);
  const faults = shuffled(dice, [...kinds, ...drawn]).map((kind) => generators[kind](dice));
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
