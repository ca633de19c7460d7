import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import prettyMs from 'pretty-ms';
import { decodeScheduleInput } from '../../client/batches/schedule-input.js';
import type { BatchScheduleInput, DescribedSchedule, ListedSchedule } from '../../client/index.js';
import { DURATIONS, OVERLAPS, ScheduleId } from '../../domain/revalidation/schedule.js';
import { oneOf } from '../../shared/decoding.js';
import { defined } from '../../shared/defined.js';
import { durationFor } from '../batches/codecs.js';
import { asOptions, namingOptions, REQUEST_OPTIONS, requestOf } from '../batches/flags.js';
import { type AddCommand, type ArgumentSpec, command, flag, group, option, required } from '../command.js';
import { orFail } from '../failures.js';
import { formatTime, plain, relativeShort } from '../format/text.js';
import { showList } from '../listing.js';
import { idOf } from '../references.js';

const SCHEDULE_ARGUMENT: ArgumentSpec = { name: 'schedule', describe: "the schedule's id" };

const OVERLAP_NAMES = ['skip', 'bufferOne', 'allowAll'] as const;

const NOTE_OPTION = option('<text>', 'a note for people; stored unencrypted', t.string);

const nextLines = (next: readonly Date[], now: number): readonly string[] =>
  next.map((date) => `next          ${formatTime(date.getTime(), now)}`);

const create = command({
  name: 'create',
  describe: 'Create a schedule by which Temporal starts batches.',
  options: {
    id: required(
      '<id>',
      'the id of the schedule, and the prefix of the ids of its batches; stored unencrypted',
      ScheduleId,
    ),
    cron: option('<expression>', 'the times, such as "0 3 * * MON"', t.string),
    every: option('<duration>', 'the interval, such as 6h or 7d; instead of --cron', durationFor(DURATIONS.every)),
    timeZone: option('<name>', 'the time zone of --cron, such as America/Bogota; default UTC', t.string),
    jitter: option('<duration>', 'a maximum random delay', durationFor(DURATIONS.jitter)),
    overlap: option(
      '<policy>',
      `if the previous batch is still running: ${OVERLAP_NAMES.map((name) => `${name}: ${OVERLAPS[name]}`).join('; ')}`,
      oneOf(OVERLAP_NAMES),
    ),
    catchUp: option('<duration>', 'how late a missed batch may still start', durationFor(DURATIONS.catchUp)),
    paused: flag('create it paused'),
    note: NOTE_OPTION,
    ...REQUEST_OPTIONS,
  },
  examples: {
    'verifik-onboarding schedule create --id weekly-audit --cron "0 3 * * MON" --time-zone America/Bogota --mode audit --project 65f0…':
      'Every Monday at three in the morning.',
    'verifik-onboarding schedule create --id often --every 6h --jitter 10m --mode audit --project 65f0…':
      'Every six hours.',
  },
  run: async ({ options, call, show }, { connectBatches }) => {
    const { id, cron, every, timeZone, jitter, catchUp, overlap, paused, note, ...flags } = options;
    const input: BatchScheduleInput = {
      schedule: id,
      request: requestOf(flags),
      ...defined({ cron, every, timeZone, jitterMs: jitter, catchupWindowMs: catchUp, overlap, paused, note }),
    };
    orFail(E.mapLeft(asOptions)(decodeScheduleInput(input)));
    const { schedules } = await connectBatches(call);
    const created = await namingOptions(() => schedules.create(input));
    const now = Date.now();
    show(created, [
      `${created.schedule} ${created.existed ? 'exists already' : 'was created'}.`,
      ...nextLines(created.next, now),
    ]);
  },
});

const whenText = ({ cron, every, timeZone }: ListedSchedule): string => {
  if (cron !== undefined) return `${plain(cron)}${timeZone === undefined ? '' : ` (${plain(timeZone)})`}`;
  return every === undefined ? 'custom' : `every ${prettyMs(every, { verbose: true })}`;
};

const rowOf = (listed: ListedSchedule, now: number): readonly string[] => {
  const [next] = listed.paused ? [] : listed.next;
  return [
    plain(listed.schedule),
    whenText(listed),
    listed.paused ? 'paused' : 'active',
    next === undefined ? '' : relativeShort(next.getTime(), now),
    plain(listed.last[0]?.batch ?? ''),
  ];
};

const list = command({
  name: 'list',
  describe: "List the schedules. Temporal's list may lag behind by a second.",
  examples: { 'verifik-onboarding schedule list': 'The next time and the last batch of each schedule.' },
  run: async ({ json, call }, { terminal, connectBatches }) => {
    const { schedules } = await connectBatches(call);
    await showList(terminal, json, {
      items: schedules.list(),
      head: ['schedule', 'when', 'state', 'next', 'last batch'],
      rowOf,
      none: 'There are no schedules.',
      limit: Number.POSITIVE_INFINITY,
    });
  },
});

const NEXT_SHOWN = 3;

const scheduleLines = (one: DescribedSchedule, now: number): readonly string[] => [
  `schedule      ${plain(one.schedule)}: ${one.paused ? 'paused' : 'active'}${one.note === undefined ? '' : ` (${plain(one.note)})`}`,
  `when          ${whenText(one)}`,
  ...(one.overlap === undefined ? [] : [`overlap       ${one.overlap}: ${OVERLAPS[one.overlap]}`]),
  ...(one.request === undefined ? [] : [`batches       ${one.request.mode}${one.request.dryRun ? ' (dry run)' : ''}`]),
  `so far        ${one.started} started, ${one.skipped} skipped, ${one.missed} missed`,
  ...one.running.map((batch) => `running       ${plain(batch)}`),
  ...(one.paused ? [] : nextLines(one.next.slice(0, NEXT_SHOWN), now)),
  ...one.last.map(({ batch, begunAt }) => `started       ${plain(batch)} ${formatTime(begunAt.getTime(), now)}`),
];

const showOne = command({
  name: 'show',
  describe: 'Show the times and the batches of a schedule.',
  args: [SCHEDULE_ARGUMENT],
  examples: { 'verifik-onboarding schedule show weekly-audit': 'As text; --json for scripts.' },
  run: async ({ args, call, show }, { connectBatches }) => {
    const schedule = idOf(args, 'schedule');
    const { schedules } = await connectBatches(call);
    const described = await schedules.describe(schedule);
    show(described, scheduleLines(described, Date.now()));
  },
});

const control = (name: 'pause' | 'resume' | 'trigger' | 'delete', describe: string, done: string): AddCommand =>
  command({
    name,
    describe,
    args: [SCHEDULE_ARGUMENT],
    options: name === 'pause' || name === 'resume' ? { note: NOTE_OPTION } : {},
    examples: { [`verifik-onboarding schedule ${name} weekly-audit`]: describe },
    run: async ({ args, options, call, show }, { connectBatches }) => {
      const schedule = idOf(args, 'schedule');
      const { schedules } = await connectBatches(call);
      await schedules[name](schedule, options);
      show({ schedule }, [`${plain(schedule)} ${done}.`]);
    },
  });

export const schedule = group('schedule', 'Start batches at regular times.', [
  ...[create, list, showOne],
  control('pause', 'Start no batches until the schedule is resumed.', 'is paused'),
  control('resume', 'Start batches again.', 'is active'),
  control('trigger', 'Start a batch now, if the overlap policy allows it.', 'was triggered'),
  control('delete', 'Delete a schedule. Its running batches continue.', 'was deleted'),
]);
