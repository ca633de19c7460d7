import { createRandom } from '../../sandbox/index.js';
import {
  type Act,
  DEPLOY_STEPS,
  type DeployStep,
  type Harm,
  type HarmKind,
  LINKS,
  type Link,
  WAYS_TO_CUT,
} from './acts.js';

export interface PlanOptions {
  readonly onboardings: number;
  /** Whether Temporal's database is a process of its own. */
  readonly database: boolean;
  /** How many acts. Default one for each dozen of onboardings, and never fewer than there are kinds. */
  readonly acts?: number;
  /** Only harm of these kinds. Default all that are possible. */
  readonly only?: readonly HarmKind[];
}

/** The longest that a harm lasts, in ms. */
export const LONGEST_MS = 9_000;

/** The part of a run, by how many applicants have done their part, in which harm is done: the very last are left in peace. */
const [FIRST, LAST] = [0, 0.9];

const ONBOARDINGS_PER_ACT = 12;

interface Dice {
  /** A whole number of ms between the two. */
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

/** The kinds of harm of which nothing but the kind is drawn by chance: each has its own place in the plan. */
type DrawnKind = Exclude<HarmKind, 'deploy'>;

/** How each kind of harm is drawn. */
const drawsOf = (options: PlanOptions): Readonly<Record<DrawnKind, (dice: Dice) => Harm>> => {
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
      way: oneOf(...WAYS_TO_CUT),
      forMs: between(300, 8_000),
    }),
    delay: ({ oneOf, between }) => ({
      kind: 'delay',
      link: oneOf(first, ...others),
      ms: between(20, 600),
      forMs: between(1_000, LONGEST_MS),
    }),
    rotateKeys: ({ oneOf, between }) => ({ kind: 'rotateKeys', hasty: oneOf(false, true), forMs: between(500, 4_000) }),
    vendorFaults: ({ between }) => ({ kind: 'vendorFaults', profile: 'storm', forMs: between(2_000, LONGEST_MS) }),
    vendorChanges: ({ between }) => ({
      kind: 'vendorChanges',
      reRegistration: 'resume',
      forMs: between(2_000, LONGEST_MS),
    }),
  };
};

/** The kinds of harm that a plan is made of, each as often as its chance in a draw. */
const CHANCES: Readonly<Record<DrawnKind, number>> = {
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

const isDrawn = (name: string): name is DrawnKind => Object.hasOwn(CHANCES, name);

const drawnKinds = ({ database, only }: PlanOptions): readonly DrawnKind[] =>
  Object.keys(CHANCES)
    .filter(isDrawn)
    .filter((kind) => only?.includes(kind) ?? (database || kind !== 'killDatabase'));

const shuffled = <A>(dice: Dice, list: readonly A[]): readonly A[] => {
  const left = [...list];
  return list.flatMap(() => left.splice(dice.between(0, left.length - 1), 1));
};

/** What is done, without the moment: the new build takes over step by step, with other harm between the steps. */
const harmOf = (dice: Dice, options: PlanOptions): readonly Harm[] => {
  const kinds = drawnKinds(options);
  const steps: readonly DeployStep[] = (options.only?.includes('deploy') ?? true) ? DEPLOY_STEPS : [];
  const wanted = options.acts ?? Math.round(options.onboardings / ONBOARDINGS_PER_ACT);
  const others = Math.max(0, wanted - kinds.length - steps.length);
  const [lot, ...lots] = kinds.flatMap((kind) => Array.from({ length: CHANCES[kind] }, () => kind));
  const drawn = lot === undefined ? [] : Array.from({ length: others }, () => dice.oneOf(lot, ...lots));
  const draws = drawsOf(options);
  const harm = shuffled(dice, [...kinds, ...drawn]).map((kind) => draws[kind](dice));
  const placed = steps.map((step, index) => ({
    before: Math.round((harm.length * (index + 1)) / (steps.length + 1)),
    act: { kind: 'deploy', step, forMs: 0 } as const,
  }));
  return [...harm, undefined].flatMap((one, index) => [
    ...placed.filter(({ before }) => before === index).map(({ act }) => act),
    ...(one === undefined ? [] : [one]),
  ]);
};

/**
 * The harm that is done in the course of a run, in order: always the same for the same seed and options. Every kind that is possible
 * occurs, each harm ends by itself within `LONGEST_MS`, and what befalls the same is done one after the other.
 */
export const planOf = (seed: number, options: PlanOptions): readonly Act[] => {
  // Not the numbers that draw the applicants.
  const dice = diceOf(seed ^ 0x5eed);
  const harm = harmOf(dice, options);
  const stretch = ((LAST - FIRST) * options.onboardings) / harm.length;
  return harm.map((one, index) => {
    const from = FIRST * options.onboardings + index * stretch;
    return { ...one, at: Math.floor(from + (dice.between(0, 999) / 1_000) * stretch) };
  });
};
