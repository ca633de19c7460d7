import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { Count, decodeExact, oneOf, problems, StatusWord } from '../decoding.js';
import { type Drift, decodeDrift, driftCount } from '../faults/drift.js';
import { KINDS, type Kind } from '../model.js';

/** Phone numbers use seven digits to tell the members of a population apart. */
export const MAX_MEMBERS = 10_000_000;

const Members = t.refinement(Count, (n) => n >= 1 && n <= MAX_MEMBERS, `a whole number from 1 to ${MAX_MEMBERS}`);
const Days = t.refinement(t.number, (days) => days >= 0, 'a number of days from 0');
const Ages = t.readonly(
  t.refinement(t.tuple([Days, Days]), ([min, max]) => min <= max, 'the minimum and the maximum days'),
  'the minimum and the maximum days',
);

const OPTIONAL = {
  seed: Count,
  /** The status of the registrations that have not drifted. Default `COMPLETED`. */
  status: StatusWord,
  /** The age of the newest and the oldest registration. Default 30 and 730 days. */
  ageDays: Ages,
  /** The checks that have passed. Default all. */
  checks: t.readonlyArray(oneOf(...KINDS)),
  projectFlow: t.string,
};

const PlanCodec = t.intersection([t.type({ count: Members }), t.partial(OPTIONAL)]);

export type PopulationOptions = Readonly<t.TypeOf<typeof PlanCodec>> & {
  /** The registrations that have changed since their verification. Default none. */
  readonly drift?: Drift;
};

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
  if (driftCount(drift) > count) return E.left('drift: expected at most count registrations in all');
  return E.right({ count, seed, status, ageDays, checks, drift, projectFlow });
};

export const decodePlan = (input: unknown): E.Either<string, PopulationPlan> => {
  const fields = ['count', ...Object.keys(OPTIONAL), 'drift'];
  const options = E.chain((known: unknown) => E.mapLeft(problems)(PlanCodec.decode(known)))(
    decodeExact(t.UnknownRecord, fields, input),
  );
  if (E.isLeft(options)) return options;
  const drift = decodeDrift(t.UnknownRecord.is(input) ? (input['drift'] ?? {}) : {});
  return E.chain((read: Drift) => planOf(options.right, read))(drift);
};
