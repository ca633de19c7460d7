import type { Command } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { BatchScheduleInput, DescribedSchedule, ListedSchedule } from '../../client/index.js';
import { decodeBatchSchedule, OVERLAPS, ScheduleId } from '../../domain/revalidation/schedule.js';
import { oneOf } from '../../shared/decoding.js';
import { Duration } from '../batches/codecs.js';
import { connectBatches, idOf } from '../batches/connect.js';
import { asOptions, namingOptions, REQUEST_OPTIONS, RequestFlags, requestOf } from '../batches/flags.js';
import { addCommand, type CommandGroup, type Described } from '../command.js';
import type { CliContext } from '../context.js';
import { orFail } from '../failures.js';
import { formatTime, plain, tableOf } from '../format/text.js';

const SCHEDULE_ARGUMENT: Described = { flags: '[schedule]', describe: "the schedule's id" };

const OVERLAP_NAMES = ['skip', 'bufferOne', 'allowAll'] as const;

const NOTE_OPTION: Described = { flags: '--note <text>', describe: 'a note for people; stored unencrypted' };

const ScheduleFlags = t.intersection([
  t.type({ id: ScheduleId }),
  RequestFlags,
  t.partial({
    cron: t.string,
    every: Duration,
    timeZone: t.string,
    jitter: Duration,
    catchUp: Duration,
    overlap: oneOf(OVERLAP_NAMES),
    paused: t.boolean,
    note: t.string,
  }),
]);

const scheduleOf = (flags: t.TypeOf<typeof ScheduleFlags>): BatchScheduleInput => {
  const { id, cron, every, timeZone, jitter, catchUp, overlap, paused, note, ...request } = flags;
  const input: BatchScheduleInput = {
    schedule: id,
    request: requestOf(request),
    ...(cron === undefined ? {} : { cron }),
    ...(every === undefined ? {} : { every }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(jitter === undefined ? {} : { jitterMs: jitter }),
    ...(catchUp === undefined ? {} : { catchupWindowMs: catchUp }),
    ...(overlap === undefined ? {} : { overlap }),
    ...(paused === undefined ? {} : { paused }),
    ...(note === undefined ? {} : { note }),
  };
  orFail(E.mapLeft(asOptions)(decodeBatchSchedule(input)));
  return input;
};

const addCreate = (group: Command, context: CliContext): void =>
  addCommand(group, {
    name: 'create',
    describe: 'Create a schedule by which Temporal starts batches.',
    options: [
      {
        flags: '--id <id>',
        describe: 'the id of the schedule, and the prefix of the ids of its batches; stored unencrypted',
      },
      { flags: '--cron <expression>', describe: 'the times, such as "0 3 * * MON"' },
      { flags: '--every <duration>', describe: 'the interval, such as 6h or 7d; instead of --cron' },
      { flags: '--time-zone <name>', describe: 'the time zone of --cron, such as America/Bogota; default UTC' },
      { flags: '--jitter <duration>', describe: 'a maximum random delay' },
      {
        flags: '--overlap <policy>',
        describe: `if the previous batch is still running: ${OVERLAP_NAMES.map((name) => `${name}: ${OVERLAPS[name]}`).join('; ')}`,
        choices: OVERLAP_NAMES,
      },
      { flags: '--catch-up <duration>', describe: 'how late a missed batch may still start' },
      { flags: '--paused', describe: 'create it paused' },
      NOTE_OPTION,
      ...REQUEST_OPTIONS,
    ],
    codec: ScheduleFlags,
    examples: [
      [
        'onboarding schedule create --id weekly-audit --cron "0 3 * * MON" --time-zone America/Bogota --mode audit --project 65f0…',
        'Every Monday at three in the morning.',
      ],
      [
        'onboarding schedule create --id often --every 6h --jitter 10m --mode audit --project 65f0…',
        'Every six hours.',
      ],
    ],
    run: async ({ options: { json, timeoutMs, ...flags } }) => {
      const input = scheduleOf(flags);
      const { schedules } = await connectBatches(context, { timeoutMs });
      const created = await namingOptions(() => schedules.create(input));
      if (json) return context.terminal.json(created);
      context.terminal.line(`${created.schedule} ${created.existed ? 'exists already' : 'was created'}.`);
    },
  });

const whenText = ({ cron, every, timeZone }: ListedSchedule): string => {
  if (cron !== undefined) return `${plain(cron)}${timeZone === undefined ? '' : ` (${plain(timeZone)})`}`;
  return every === undefined ? 'custom' : `every ${every / 60_000} minutes`;
};

const momentOrEmpty = (date: Date | undefined, now: number): string =>
  date === undefined ? '' : formatTime(date.getTime(), now);

const toJson = ({ next, last, ...listed }: ListedSchedule) => ({
  ...listed,
  next: next.map((date) => date.getTime()),
  last: last.map(({ batch, dueAt, begunAt }) => ({ batch, dueAt: dueAt.getTime(), begunAt: begunAt.getTime() })),
});

const rowOf = (listed: ListedSchedule, now: number): readonly string[] => [
  plain(listed.schedule),
  whenText(listed),
  listed.paused ? 'paused' : 'active',
  listed.paused ? '' : momentOrEmpty(listed.next[0], now),
  plain(listed.last[0]?.batch ?? ''),
];

const addList = (group: Command, context: CliContext): void =>
  addCommand(group, {
    name: 'list',
    describe: "List the schedules. Temporal's list may lag behind by a second.",
    codec: t.type({}),
    examples: [['onboarding schedule list', 'The next time and the last batch of each schedule.']],
    run: async ({ options: { json, timeoutMs } }) => {
      const { terminal } = context;
      const { schedules } = await connectBatches(context, { timeoutMs });
      const rows: (readonly string[])[] = [];
      for await (const one of schedules.list()) {
        if (json) terminal.json(toJson(one));
        else rows.push(rowOf(one, Date.now()));
      }
      if (json) return;
      if (rows.length === 0) return terminal.note('There are no schedules.');
      terminal.line(tableOf(['schedule', 'when', 'state', 'next', 'last batch'], rows));
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
  ...(one.paused ? [] : one.next.slice(0, NEXT_SHOWN).map((date) => `next          ${momentOrEmpty(date, now)}`)),
  ...one.last.map(({ batch, begunAt }) => `started       ${plain(batch)} ${momentOrEmpty(begunAt, now)}`),
];

const addShow = (group: Command, context: CliContext): void =>
  addCommand(group, {
    name: 'show',
    describe: 'Show the times and the batches of a schedule.',
    args: [SCHEDULE_ARGUMENT],
    codec: t.type({}),
    examples: [['onboarding schedule show weekly-audit', 'As text; --json for scripts.']],
    run: async ({ args, options: { json, timeoutMs } }) => {
      const schedule = idOf(args, 'schedule');
      const { schedules } = await connectBatches(context, { timeoutMs });
      const described = await schedules.describe(schedule);
      const { terminal } = context;
      if (json) return terminal.json({ ...toJson(described), createdAt: described.createdAt.getTime() });
      for (const line of scheduleLines(described, Date.now())) terminal.line(line);
    },
  });

const CONTROLS = {
  pause: { describe: 'Start no batches until the schedule is resumed.', done: 'is paused' },
  resume: { describe: 'Start batches again.', done: 'is active' },
  trigger: { describe: 'Start a batch now, if the overlap policy allows it.', done: 'was triggered' },
  delete: { describe: 'Delete a schedule. Its running batches continue.', done: 'was deleted' },
} as const;

const addControl = (group: Command, context: CliContext, name: keyof typeof CONTROLS): void => {
  const { describe, done } = CONTROLS[name];
  const takesNote = name === 'pause' || name === 'resume';
  addCommand(group, {
    name,
    describe,
    args: [SCHEDULE_ARGUMENT],
    options: takesNote ? [NOTE_OPTION] : [],
    codec: t.partial({ note: t.string }),
    examples: [[`onboarding schedule ${name} weekly-audit`, describe]],
    run: async ({ args, options: { json, timeoutMs, note } }) => {
      const schedule = idOf(args, 'schedule');
      const { schedules } = await connectBatches(context, { timeoutMs });
      await schedules[name](schedule, note === undefined ? {} : { note });
      if (json) return context.terminal.json({ schedule });
      context.terminal.line(`${plain(schedule)} ${done}.`);
    },
  });
};

export const addSchedule: CommandGroup = (program, context) => {
  const group = program.command('schedule').description('Start batches at regular times.');
  addCreate(group, context);
  addList(group, context);
  addShow(group, context);
  for (const name of ['pause', 'resume', 'trigger', 'delete'] as const) addControl(group, context, name);
};
