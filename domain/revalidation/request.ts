import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import {
  closed,
  decodeFields,
  documented,
  type FieldError,
  matching,
  oneOf,
  refined,
  wholeNumber,
} from '../../shared/decoding.js';
import { DAY_MS, type EpochMs, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import { CHECK_NAMES, type CheckName, type PerCheck, perCheck } from '../checks.js';
import { OUTCOMES, type Outcome } from '../outcomes.js';
import { type RegistrationStanding, STANDINGS } from '../reading.js';
import { CheckNameCodec, VendorId } from '../request.js';

/** `audit` compares the vendor's truth with what is known; `reverify` asks each applicant for the chosen checks again. */
export const BATCH_MODES = ['audit', 'reverify'] as const;

export type BatchMode = (typeof BATCH_MODES)[number];

/** Which registrations a batch is about. */
export type BatchSource =
  /** The vendor's list. Times are ms since the Unix epoch; a registration that the vendor gives without a date fits no time. */
  | {
      readonly kind: 'list';
      readonly project: string;
      readonly projectFlow?: string;
      readonly standings?: readonly RegistrationStanding[];
      readonly createdBefore?: EpochMs;
      readonly createdAfter?: EpochMs;
      readonly updatedBefore?: EpochMs;
      readonly updatedAfter?: EpochMs;
    }
  /** Registration ids, given with the request. */
  | { readonly kind: 'ids'; readonly ids: readonly string[] }
  /** A file of registration ids that has been put among the files of the batch. CSV has them in its first column, or in one called `appRegistrationId`. */
  | { readonly kind: 'file'; readonly format: 'csv' | 'ndjson' };

/** What a new validation of each check costs, in the vendor's credits. */
export type Tariff = PerCheck<number>;

/** What a batch is asked to do. */
export interface BatchRequest {
  readonly mode: BatchMode;
  readonly source: BatchSource;
  /**
   * `audit`: what is taken for known where nothing is known here, such as `verified` of customers who were verified so long ago that
   * Temporal keeps their onboardings no more. Absent: there is nothing to compare these with.
   */
  readonly assume?: Outcome;
  /** `reverify`: the checks that each applicant is asked for again. */
  readonly checks?: readonly CheckName[];
  /** How many calls a second the batch may make to the vendor, one a minute at least. The fleet's limit is shared by all batches that run. */
  readonly callsPerSecond: number;
  /** `reverify`: no applicant is begun beyond so many credits. */
  readonly creditBudget?: number;
  /** What a validation is taken to cost. */
  readonly tariff: Tariff;
  /** Count and price only: nothing is begun. */
  readonly dryRun: boolean;
  /** `reverify`: how long each applicant has, in ms. */
  readonly deadlineMs: number;
  /** `reverify`: have Verifik send each applicant a link as soon as they are registered again. Costs one more call. */
  readonly invite: boolean;
}

/** A request as it is given: what is left out stands as by default. */
export type BatchRequestInput = Pick<BatchRequest, 'mode' | 'source'> &
  Partial<Omit<BatchRequest, 'mode' | 'source' | 'tariff'>> & { readonly tariff?: Partial<Tariff> };

/** As many as fit into what a workflow is started with. */
export const MAX_IDS = 10_000;

export const MAX_CALLS_PER_SECOND = 1_000;

/** One a minute: a leg of the walk is a minute long, and makes a call at least. */
export const MIN_CALLS_PER_SECOND = SECOND_MS / MINUTE_MS;

/** Names a batch: it is shown unencrypted. */
export const BatchId = matching(
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/,
  'an id of letters, digits and . _ - (80 at most)',
  {
    examples: ['2026-06-audit'],
  },
);

const Moment = documented(wholeNumber(0, Number.MAX_SAFE_INTEGER), { description: 'ms since the Unix epoch.' });
const Credits = wholeNumber(0, 1_000_000_000);
const Rate = refined(
  t.number,
  `a number from 0.017 (one call a minute) to ${MAX_CALLS_PER_SECOND}`,
  (n) => n >= MIN_CALLS_PER_SECOND && n <= MAX_CALLS_PER_SECOND,
);

const tagged = <T extends string>(tag: T) => t.literal(tag, `"${tag}"`);

const ListFields = closed(
  t.intersection([
    t.type({ kind: tagged('list'), project: VendorId }),
    t.partial({
      projectFlow: VendorId,
      standings: t.array(oneOf(STANDINGS)),
      createdBefore: Moment,
      createdAfter: Moment,
      updatedBefore: Moment,
      updatedAfter: Moment,
    }),
  ]),
);

const IdsFields = closed(t.type({ kind: tagged('ids'), ids: t.array(VendorId) }));

const FileFields = closed(t.type({ kind: tagged('file'), format: oneOf(['csv', 'ndjson']) }));

const SOURCES = { list: ListFields, ids: IdsFields, file: FileFields } as const;
const SourceKind = t.type({ kind: oneOf(['list', 'ids', 'file']) });

/** By its kind, so that an error names the field that is wrong and not every way there is. */
const Source = new t.Type<BatchSource, BatchSource, unknown>(
  'a source',
  (u): u is BatchSource => Object.values(SOURCES).some((codec) => codec.is(u)),
  (u, context) => {
    const kind = SourceKind.validate(u, context);
    if (E.isLeft(kind)) return kind;
    const read: t.Validation<BatchSource> = SOURCES[kind.right.kind].validate(u, context);
    return read;
  },
  t.identity,
);

const RequestFields = closed(
  t.intersection([
    t.type({ mode: oneOf(BATCH_MODES), source: Source }),
    t.partial({
      assume: oneOf(OUTCOMES),
      checks: t.array(CheckNameCodec),
      callsPerSecond: Rate,
      creditBudget: Credits,
      tariff: closed(t.partial(perCheck(() => Credits))),
      dryRun: t.boolean,
      deadlineMs: wholeNumber(MINUTE_MS, 365 * DAY_MS),
      invite: t.boolean,
    }),
  ]),
);

export const DEFAULT_BATCH = {
  callsPerSecond: 10,
  tariff: perCheck(() => 1),
  dryRun: false,
  deadlineMs: 30 * DAY_MS,
  invite: true,
} as const satisfies Partial<BatchRequest>;

const tooManyOrNone = (source: BatchSource): boolean =>
  source.kind === 'ids' && (source.ids.length === 0 || source.ids.length > MAX_IDS);

const wrongTogether = ({
  mode,
  source,
  assume,
  checks,
  creditBudget,
}: t.TypeOf<typeof RequestFields>): readonly FieldError[] => {
  const isReverify = mode === 'reverify';
  return [
    ...(tooManyOrNone(source) ? [{ field: 'source.ids', expected: `1 to ${MAX_IDS} ids; more go into a file` }] : []),
    ...(isReverify && (checks === undefined || checks.length === 0)
      ? [{ field: 'checks', expected: `at least one of ${CHECK_NAMES.join(', ')}` }]
      : []),
    ...(!isReverify && checks !== undefined ? [{ field: 'checks', expected: 'nothing, as an audit asks nobody' }] : []),
    ...(isReverify && assume !== undefined
      ? [{ field: 'assume', expected: 'nothing, as only an audit compares' }]
      : []),
    ...(!isReverify && creditBudget !== undefined
      ? [{ field: 'creditBudget', expected: 'nothing, as an audit costs no credits' }]
      : []),
  ];
};

/** Reads a request, fills in what it leaves out and says every field that is wrong. */
export const decodeBatchRequest = (input: unknown): E.Either<readonly FieldError[], BatchRequest> =>
  pipe(
    decodeFields(RequestFields)(input),
    E.chain((fields) => {
      const errors = wrongTogether(fields);
      if (errors.length > 0) return E.left(errors);
      const { tariff, checks, ...rest } = fields;
      return E.right<readonly FieldError[], BatchRequest>({
        ...DEFAULT_BATCH,
        ...rest,
        tariff: { ...DEFAULT_BATCH.tariff, ...tariff },
        ...(checks === undefined ? {} : { checks: CHECK_NAMES.filter((check) => checks.includes(check)) }),
      });
    }),
  );

/** Reads a rate, as an operator may give another one. */
export const decodeRate = (input: unknown): E.Either<readonly FieldError[], number> =>
  pipe(
    decodeFields(t.type({ callsPerSecond: Rate }))({ callsPerSecond: input }),
    E.map(({ callsPerSecond }) => callsPerSecond),
  );

/** Reads a batch's id. */
export const decodeBatchId = (input: unknown): E.Either<readonly FieldError[], string> =>
  pipe(
    decodeFields(t.type({ batch: BatchId }))({ batch: input }),
    E.map(({ batch }) => batch),
  );
