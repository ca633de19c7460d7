import { Cron } from 'croner';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import {
  type BatchSchedule,
  type BatchScheduleInput,
  decodeBatchSchedule,
} from '../../domain/revalidation/schedule.js';
import { type Read, wrongField } from '../../shared/decoding.js';

const wrongCron = (expected: string): Read<never> => wrongField('cron', expected);

const NAMED_TIMES = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

/** Names have three letters. Other letters and signs are extensions that Temporal reads differently, or not at all. */
const isPlainField = (field: string): boolean =>
  /^[\w*,/-]+$/.test(field) && (field.match(/[a-z]+/gi) ?? []).every(({ length }) => length === 3);

/**
 * Accepts an expression that cron and Temporal's server read in the same way (`parseCronString` in the server's
 * `service/worker/scheduler/calendar.go`). There, a sixth field is a year, a `#` begins a comment, and a time has to
 * match the day of the month and the day of the week, where cron requires only one of them.
 */
const decodeCron = (cron: string): Read<string> => {
  const fields = cron.trim().split(/\s+/);
  const [first = '', , dayOfMonth, , dayOfWeek] = fields;
  if (fields.length === 1 && NAMED_TIMES.includes(first)) return E.right(first);
  if (/^(CRON_)?TZ=/.test(first)) return wrongCron('no time zone, which is a field of its own');
  if (first === '@every') return wrongCron('no interval, which is a field of its own');
  if (fields.length !== 5)
    return wrongCron('five fields: minute, hour, day of the month, month and day of the week, such as 0 3 * * MON');
  if (!fields.every(isPlainField)) return wrongCron('numbers, names such as MON, and * , - / in each field');
  if (dayOfMonth !== '*' && dayOfWeek !== '*')
    return wrongCron('a day of the month or of the week, not both, which Temporal and cron combine differently');
  return pipe(
    E.tryCatch(
      () => new Cron(fields.join(' '), { mode: '5-part', paused: true }).nextRun(),
      () => 'a cron expression, such as 0 3 * * MON',
    ),
    E.filterOrElse(
      (next) => next !== null,
      () => 'a day that exists',
    ),
    E.match(wrongCron, () => E.right(fields.join(' '))),
  );
};

/** Decodes a schedule. Errors name every invalid field. */
export const decodeScheduleInput = (input: BatchScheduleInput): Read<BatchSchedule> =>
  pipe(
    decodeBatchSchedule(input),
    E.chain((schedule) =>
      schedule.cron === undefined
        ? E.right(schedule)
        : pipe(
            decodeCron(schedule.cron),
            E.map((cron) => ({ ...schedule, cron })),
          ),
    ),
  );
