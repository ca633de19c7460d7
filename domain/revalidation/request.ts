import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import {
  closed,
  decodeFields,
  documented,
  eitherOf,
  type FieldError,
  matching,
  oneOf,
  refined,
  wholeNumber,
} from '../../shared/decoding.js';
import { DAY_MS, type EpochMs, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import { CHECK_NAMES, type CheckName, type PerCheck, perCheck } from '../checks.js';
import { CheckNameCodec, VendorId } from '../ids.js';
import { OUTCOMES, type Outcome } from '../outcomes.js';
import { REGISTRATION_STATUSES, type RegistrationStatus } from '../vendor-registration.js';

/**
 * `audit` compares each registration at the vendor with its known outcome; `reverify` repeats the chosen checks of each
 * applicant.
 */
export const BATCH_MODES = ['audit', 'reverify'] as const;

export type BatchMode = (typeof BATCH_MODES)[number];

/** The registrations of a batch. */
export type BatchSource =
  /** The vendor's list. Times are ms since the Unix epoch. A registration without a date matches no time filter. */
  | {
      readonly kind: 'list';
      readonly project: string;
      readonly projectFlow?: string;
      readonly statuses?: readonly RegistrationStatus[];
      readonly createdBefore?: EpochMs;
      readonly createdAfter?: EpochMs;
      readonly updatedBefore?: EpochMs;
      readonly updatedAfter?: EpochMs;
    }
  /**
   * The customers whose last outcome here is valid until less than `withinMs` after the start of the batch (0: no
   * longer valid), as far as Temporal keeps their onboardings.
   */
  | {
      readonly kind: 'dueBefore';
      readonly withinMs: number;
      readonly project?: string;
      readonly projectFlow?: string;
    }
  /** Registration ids, given with the request, and their project, if its account at Verifik is one of several. */
  | { readonly kind: 'ids'; readonly ids: readonly string[]; readonly project?: string }
  /**
   * A file of ids in the batch's folder. In CSV, the ids are in the column `appRegistrationId`, or in the first column.
   */
  | { readonly kind: 'file'; readonly format: 'csv' | 'ndjson'; readonly project?: string };

/** The price of a new validation of each check, in the vendor's credits. */
export type Tariff = PerCheck<number>;

export interface BatchRequest {
  readonly mode: BatchMode;
  readonly source: BatchSource;
  /**
   * `audit`: the outcome to compare with if no onboarding is known, such as `verified` for customers whose onboardings
   * are past the retention period. Absent: these registrations are `unknownHere`.
   */
  readonly assume?: Outcome;
  /** `reverify`: the checks to repeat. */
  readonly checks?: readonly CheckName[];
  /**
   * The maximum number of calls a second to the vendor, at least one a minute. All running batches share the workers'
   * limit.
   */
  readonly callsPerSecond: number;
  /** `reverify`: the maximum number of credits. No onboarding is started that would exceed it. */
  readonly creditBudget?: number;
  readonly tariff: Tariff;
  /** Count and price only: no onboarding is started. */
  readonly dryRun: boolean;
  /** `reverify`: the time that each applicant has, in ms. */
  readonly deadlineMs: number;
  /** `reverify`: Verifik sends each applicant a link after the new registration. Costs one more call. */
  readonly invite: boolean;
}

/** A request with optional fields, which have defaults. */
export type BatchRequestInput = Pick<BatchRequest, 'mode' | 'source'> &
  Partial<Omit<BatchRequest, 'mode' | 'source' | 'tariff'>> & { readonly tariff?: Partial<Tariff> };

/** The number of ids that fit into a workflow's input. */
export const MAX_IDS = 10_000;

export const MAX_CALLS_PER_SECOND = 1_000;

/** One a minute: a chunk lasts a minute, and must make at least one call. */
const MIN_CALLS_PER_SECOND = SECOND_MS / MINUTE_MS;

/** The id of a batch, which is not encrypted. */
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
      statuses: t.array(oneOf(REGISTRATION_STATUSES)),
      createdBefore: Moment,
      createdAfter: Moment,
      updatedBefore: Moment,
      updatedAfter: Moment,
    }),
  ]),
);

/** In ms. */
export const DueWithin = wholeNumber(0, 3650 * DAY_MS);

const DueFields = closed(
  t.intersection([
    t.type({ kind: tagged('dueBefore'), withinMs: DueWithin }),
    t.partial({ project: VendorId, projectFlow: VendorId }),
  ]),
);

const OfProject = t.partial({ project: VendorId });

const IdsFields = closed(t.intersection([t.type({ kind: tagged('ids'), ids: t.array(VendorId) }), OfProject]));

const FileFields = closed(
  t.intersection([t.type({ kind: tagged('file'), format: oneOf(['csv', 'ndjson']) }), OfProject]),
);

const SOURCES = { list: ListFields, dueBefore: DueFields, ids: IdsFields, file: FileFields } as const;
const SourceKind = t.type({ kind: oneOf(['list', 'dueBefore', 'ids', 'file']) });

/** Decodes by `kind`: a plain union would report the errors of all kinds. */
const Source = new t.Type<BatchSource, BatchSource, unknown>(
  'a source',
  (u): u is BatchSource => Object.values(SOURCES).some((codec) => codec.is(u)),
  (u, context) => {
    const kind = SourceKind.validate(u, context);
    if (E.isLeft(kind)) return kind;
    const decoded: t.Validation<BatchSource> = SOURCES[kind.right.kind].validate(u, context);
    return decoded;
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

const hasInvalidIdCount = (source: BatchSource): boolean =>
  source.kind === 'ids' && (source.ids.length === 0 || source.ids.length > MAX_IDS);

/** A range without any time is a mistake, whose batch would find nothing and look clean. */
const emptyRanges = (source: BatchSource): readonly FieldError[] => {
  if (source.kind !== 'list') return [];
  const { createdAfter, createdBefore, updatedAfter, updatedBefore } = source;
  const isEmpty = (after = Number.NEGATIVE_INFINITY, before = Number.POSITIVE_INFINITY) => after >= before;
  return [
    ...(isEmpty(createdAfter, createdBefore)
      ? [{ field: 'source.createdBefore', expected: 'a time after createdAfter' }]
      : []),
    ...(isEmpty(updatedAfter, updatedBefore)
      ? [{ field: 'source.updatedBefore', expected: 'a time after updatedAfter' }]
      : []),
  ];
};

const conflicts = ({
  mode,
  source,
  assume,
  checks,
  creditBudget,
}: t.TypeOf<typeof RequestFields>): readonly FieldError[] => {
  const isReverify = mode === 'reverify';
  return [
    ...emptyRanges(source),
    ...(hasInvalidIdCount(source)
      ? [{ field: 'source.ids', expected: `1 to ${MAX_IDS} ids; use a file for more` }]
      : []),
    ...(isReverify && (checks === undefined || checks.length === 0)
      ? [{ field: 'checks', expected: `at least one of ${eitherOf(CHECK_NAMES)}` }]
      : []),
    ...(!isReverify && checks !== undefined
      ? [{ field: 'checks', expected: 'nothing, as an audit repeats no checks' }]
      : []),
    ...(isReverify && assume !== undefined
      ? [{ field: 'assume', expected: 'nothing, as only an audit compares' }]
      : []),
    ...(!isReverify && creditBudget !== undefined
      ? [{ field: 'creditBudget', expected: 'nothing, as an audit costs no credits' }]
      : []),
  ];
};

/** Decodes a request and adds the defaults. Errors name every invalid field. */
export const decodeBatchRequest = (input: unknown): E.Either<readonly FieldError[], BatchRequest> =>
  pipe(
    decodeFields(RequestFields)(input),
    E.chain((fields) => {
      const errors = conflicts(fields);
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

/** Returns the cost of the chosen checks for one applicant, in the vendor's credits. */
export const costOfOne = ({ checks = [], tariff }: Pick<BatchRequest, 'checks' | 'tariff'>): number =>
  checks.reduce((sum, check) => sum + tariff[check], 0);

/** True if one more applicant fits into the budget. */
export const withinBudget = (
  request: Pick<BatchRequest, 'checks' | 'tariff' | 'creditBudget'>,
  spent: number,
): boolean => request.creditBudget === undefined || spent + costOfOne(request) <= request.creditBudget;

export const decodeRate = (input: unknown): E.Either<readonly FieldError[], number> =>
  pipe(
    decodeFields(t.type({ callsPerSecond: Rate }))({ callsPerSecond: input }),
    E.map(({ callsPerSecond }) => callsPerSecond),
  );

export const decodeBatchId = (input: unknown): E.Either<readonly FieldError[], string> =>
  pipe(
    decodeFields(t.type({ batch: BatchId }))({ batch: input }),
    E.map(({ batch }) => batch),
  );
