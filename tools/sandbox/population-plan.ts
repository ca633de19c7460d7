import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { Count, decodeOnly, oneOf, problems } from './decoding.js';
import { type Drift, driftingIn, readDrift } from './drift.js';
import { KINDS, type Kind } from './model.js';

/** Seven digits of a phone number tell the members of a population apart. */
export const MAX_MEMBERS = 10_000_000;

const Members = t.refinement(Count, (n) => n >= 1 && n <= MAX_MEMBERS, `a whole number from 1 to ${MAX_MEMBERS}`);
const Word = t.refinement(t.string, (word) => word.trim() !== '', 'a status word');
const Days = t.refinement(t.number, (days) => days >= 0, 'a number of days from 0');
const Ages = t.readonly(
  t.refinement(t.tuple([Days, Days]), ([least, most]) => least <= most, 'the least and the most days'),
  'the least and the most days',
);

const OPTIONAL = {
  /** Default: the sandbox's own. */
  seed: Count,
  /** The status word of all that do not drift. Default `COMPLETED`. */
  status: Word,
  /** How many days ago the youngest and the oldest came in. Default 30 and 730. */
  ageDays: Ages,
  /** Which validations are there, and have passed. Default all. */
  checks: t.readonlyArray(oneOf(...KINDS)),
  /** One of the known project flows. Default the first. */
  projectFlow: t.string,
};

const PlanCodec = t.intersection([t.type({ count: Members }), t.partial(OPTIONAL)]);

/** What a population is to be like. */
export type PopulationOptions = Readonly<t.TypeOf<typeof PlanCodec>> & {
  /** How many of them have gone another way since. Default none. */
  readonly drift?: Drift;
};

/** The same with nothing left open but what the sandbox decides. */
export interface PopulationPlan {
  readonly count: number;
  readonly seed: number | undefined;
  readonly status: string;
  readonly ageDays: readonly [number, number];
  readonly checks: readonly Kind[];
  readonly drift: Drift;
  readonly projectFlow: string | undefined;
}

const planOf = (options: t.TypeOf<typeof PlanCodec>, drift: Drift): E.Either<string, PopulationPlan> => {
  const { count, seed, status = 'COMPLETED', ageDays = [30, 730], checks = KINDS, projectFlow } = options;
  if (driftingIn(drift) > count) return E.left('drift: expected no more than there are in all');
  return E.right({ count, seed, status, ageDays, checks, drift, projectFlow });
};

/** Reads what a population is to be like, or says which field is wrong. */
export const readPlan = (input: unknown): E.Either<string, PopulationPlan> => {
  const fields = ['count', ...Object.keys(OPTIONAL), 'drift'];
  const options = E.chain((known: unknown) => E.mapLeft(problems)(PlanCodec.decode(known)))(
    decodeOnly(t.UnknownRecord, fields, input),
  );
  if (E.isLeft(options)) return options;
  const drift = readDrift(t.UnknownRecord.is(input) ? (input['drift'] ?? {}) : {});
  return E.chain((read: Drift) => planOf(options.right, read))(drift);
};
