import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { closed, decodeFields, type FieldError, oneOf, refined, textUpTo, wholeNumber } from '../../shared/decoding.js';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import { BatchId, type BatchRequest, type BatchRequestInput, decodeBatchRequest } from './request.js';

/** What happens where a batch is due while the one before it runs. Read by code, documents and tests alike. */
export const OVERLAPS = {
  skip: 'it is left out',
  bufferOne: 'it begins when the one before it has ended; one at most waits so',
  allowAll: 'it begins all the same',
} as const;

export type Overlap = keyof typeof OVERLAPS;

const OVERLAP_NAMES = ['skip', 'bufferOne', 'allowAll'] as const satisfies readonly Overlap[];

/** When batches of one kind are begun by themselves. */
export interface BatchScheduleInput {
  /** Names the schedule, and begins the ids of its batches. It is shown unencrypted. */
  readonly schedule: string;
  readonly request: BatchRequestInput;
  /** A cron expression, such as `0 3 * * MON`. Either this or `every`. */
  readonly cron?: string;
  /** In ms: every so long, counted from the Unix epoch. */
  readonly every?: number;
  /** The zone that `cron` is read in, as the IANA database names it. Default `UTC`. */
  readonly timeZone?: string;
  /** Each begins up to so many ms later, by chance. */
  readonly jitterMs?: number;
  /** Default `skip`. */
  readonly overlap?: Overlap;
  /** What was missed while Temporal was down is made up for where it is no older than this, in ms. Default: a year. */
  readonly catchupWindowMs?: number;
  readonly paused?: boolean;
  /** For people. It is shown unencrypted: never personal data. */
  readonly note?: string;
}

/** A schedule that has been read. */
export interface BatchSchedule extends Omit<BatchScheduleInput, 'overlap' | 'paused'> {
  readonly overlap: Overlap;
  readonly paused: boolean;
  /** The request with what it left out. */
  readonly decoded: BatchRequest;
}

/** The zones are known to whoever runs this, so it is asked. */
const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

const TimeZone = refined(t.string, "a time zone's name, such as America/Bogota", isTimeZone);

/** The ids of its batches are longer by the time at which they are due. */
const MAX_ID = 60;

export const ScheduleId = refined(
  BatchId,
  `an id of letters, digits and . _ - (${MAX_ID} at most)`,
  (id) => id.length <= MAX_ID,
);

const ScheduleFields = closed(
  t.intersection([
    t.type({ schedule: ScheduleId, request: t.unknown }),
    t.partial({
      cron: textUpTo(200),
      every: wholeNumber(MINUTE_MS, 366 * DAY_MS),
      timeZone: TimeZone,
      jitterMs: wholeNumber(0, DAY_MS),
      overlap: oneOf(OVERLAP_NAMES),
      // The server takes no shorter one.
      catchupWindowMs: wholeNumber(10 * SECOND_MS, 366 * DAY_MS),
      paused: t.boolean,
      note: textUpTo(500),
    }),
  ]),
);

const wrongTogether = ({ cron, every, timeZone }: t.TypeOf<typeof ScheduleFields>): readonly FieldError[] => [
  ...(cron === undefined && every === undefined ? [{ field: 'cron', expected: 'this or every' }] : []),
  ...(cron !== undefined && every !== undefined ? [{ field: 'every', expected: 'nothing beside cron' }] : []),
  ...(every !== undefined && timeZone !== undefined
    ? [{ field: 'timeZone', expected: 'nothing beside every, which counts from the Unix epoch' }]
    : []),
];

const underRequest = (errors: readonly FieldError[]): readonly FieldError[] =>
  errors.map(({ field, expected }) => ({ field: field === '(root)' ? 'request' : `request.${field}`, expected }));

const notAFile = (request: BatchRequest): E.Either<readonly FieldError[], BatchRequest> =>
  request.source.kind === 'file'
    ? E.left([{ field: 'source.kind', expected: 'list or ids, as a file is put for one batch alone' }])
    : E.right(request);

/** Reads a schedule, and says every field that is wrong. Whether `cron` is an expression that Temporal takes, it alone can tell. */
export const decodeBatchSchedule = (input: BatchScheduleInput): E.Either<readonly FieldError[], BatchSchedule> =>
  pipe(
    decodeFields(ScheduleFields)(input),
    E.chain((fields) => {
      const errors = wrongTogether(fields);
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
