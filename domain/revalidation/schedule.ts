import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { closed, decodeFields, type FieldError, oneOf, refined, textUpTo, wholeNumber } from '../../shared/decoding.js';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import { BatchId, type BatchRequest, type BatchRequestInput, decodeBatchRequest } from './request.js';

/**
 * The policies for a batch that is due while the previous one is running, with the descriptions that the CLI and
 * documents show.
 */
export const OVERLAPS = {
  skip: 'it is skipped',
  bufferOne: 'it starts after the previous one has ended; at most one waits',
  allowAll: 'it starts at once',
} as const;

export type Overlap = keyof typeof OVERLAPS;

const OVERLAP_NAMES = ['skip', 'bufferOne', 'allowAll'] as const satisfies readonly Overlap[];

/** A schedule that starts batches of one request. */
export interface BatchScheduleInput {
  /** The id of the schedule, and the prefix of its batches' ids. It is not encrypted. */
  readonly schedule: string;
  readonly request: BatchRequestInput;
  /**
   * A cron expression of five fields, such as `0 3 * * MON`, or `@daily` and its like. Either this or `every`. A local
   * time that a clock change skips is skipped, and one that it repeats occurs twice.
   */
  readonly cron?: string;
  /** The interval in ms, counted from the Unix epoch. */
  readonly every?: number;
  /** The IANA time zone of `cron`. Default `UTC`. */
  readonly timeZone?: string;
  /** The maximum random delay of each batch, in ms. */
  readonly jitterMs?: number;
  /** Default `skip`. */
  readonly overlap?: Overlap;
  /**
   * Batches missed while Temporal was down are started later if they are not older than this, in ms. Default: a year.
   */
  readonly catchupWindowMs?: number;
  readonly paused?: boolean;
  /** A note for operators. It is not encrypted: never personal data. */
  readonly note?: string;
}

/** A decoded schedule. */
export interface BatchSchedule extends Omit<BatchScheduleInput, 'overlap' | 'paused'> {
  readonly overlap: Overlap;
  readonly paused: boolean;
  /** The request with its defaults. */
  readonly decoded: BatchRequest;
}

/** Returns the name of a time zone as Temporal's server knows it, which has no offsets, such as +05:00. */
const timeZoneOf = (name: string): string | undefined => {
  if (!/^[a-z]/i.test(name)) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
};

/** Accepts any capitals. */
const TimeZone = new t.Type<string, string, unknown>(
  "a time zone's name, such as America/Bogota",
  t.string.is,
  (u, context) => {
    const name = typeof u === 'string' ? timeZoneOf(u) : undefined;
    return name === undefined ? t.failure(u, context) : t.success(name);
  },
  t.identity,
);

/** Shorter than a batch's id, to which the schedule adds the due time. */
const MAX_ID = 60;

export const ScheduleId = refined(
  BatchId,
  `an id of letters, digits and . _ - (${MAX_ID} at most)`,
  (id) => id.length <= MAX_ID,
);

/** The durations of a schedule, in ms. */
export const DURATIONS = {
  every: wholeNumber(MINUTE_MS, 366 * DAY_MS),
  jitter: wholeNumber(0, DAY_MS),
  // The server's minimum is 10 seconds.
  catchUp: wholeNumber(10 * SECOND_MS, 366 * DAY_MS),
};

const ScheduleFields = closed(
  t.intersection([
    t.type({ schedule: ScheduleId, request: t.unknown }),
    t.partial({
      cron: textUpTo(200),
      every: DURATIONS.every,
      timeZone: TimeZone,
      jitterMs: DURATIONS.jitter,
      overlap: oneOf(OVERLAP_NAMES),
      catchupWindowMs: DURATIONS.catchUp,
      paused: t.boolean,
      note: textUpTo(500),
    }),
  ]),
);

const conflicts = ({ cron, every, timeZone }: t.TypeOf<typeof ScheduleFields>): readonly FieldError[] => [
  ...(cron === undefined && every === undefined ? [{ field: 'cron', expected: 'cron or every' }] : []),
  ...(cron !== undefined && every !== undefined ? [{ field: 'every', expected: 'nothing beside cron' }] : []),
  ...(every !== undefined && timeZone !== undefined
    ? [{ field: 'timeZone', expected: 'nothing beside every, which counts from the Unix epoch' }]
    : []),
];

const underRequest = (errors: readonly FieldError[]): readonly FieldError[] =>
  errors.map(({ field, expected }) => ({ field: field === '(root)' ? 'request' : `request.${field}`, expected }));

const notAFile = (request: BatchRequest): E.Either<readonly FieldError[], BatchRequest> =>
  request.source.kind === 'file'
    ? E.left([{ field: 'source.kind', expected: 'list, dueBefore or ids, as a file belongs to a single batch' }])
    : E.right(request);

/** Decodes a schedule. Errors name every invalid field, but the syntax of `cron` is not checked. */
export const decodeBatchSchedule = (input: BatchScheduleInput): E.Either<readonly FieldError[], BatchSchedule> =>
  pipe(
    decodeFields(ScheduleFields)(input),
    E.chain((fields) => {
      const errors = conflicts(fields);
      return errors.length > 0 ? E.left(errors) : E.right(fields);
    }),
    E.chain(({ request: _, overlap = 'skip', paused = false, ...fields }) =>
      pipe(
        decodeBatchRequest(input.request),
        E.chain(notAFile),
        E.bimap(underRequest, (decoded) => ({ ...fields, request: input.request, decoded, overlap, paused })),
      ),
    ),
  );
