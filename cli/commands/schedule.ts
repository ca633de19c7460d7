import type { Command } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { BatchScheduleInput, DescribedSchedule, ListedSchedule } from '../../client/index.js';
import { decodeBatchSchedule, OVERLAPS, ScheduleId } from '../../domain/revalidation/schedule.js';
import { oneOf } from '../../shared/decoding.js';
import { Duration } from '../batches/codecs.js';
import { connectBatches, idOf } from '../batches/connect.js';
import { asOptions, namingOptions, REQUEST_OPTIONS, RequestFlags, requestOf } from '../batches/flags.js';
import { addCommand, type Described } from '../command.js';
import type { CliContext } from '../context.js';
import { orFail } from '../failures.js';
import type { CommandGroup } from '../groups.js';
import { moment } from '../showing/moments.js';
import { plain } from '../showing/plain.js';
import { tableOf } from '../showing/tables.js';

const SCHEDULE_ARGUMENT: Described = { flags: '[schedule]', describe: "the schedule's id" };

const OVERLAP_NAMES = ['skip', 'bufferOne', 'allowAll'] as const;

const NOTE_OPTION: Described = { flags: '--note <text>', describe: 'for people; shown unencrypted' };

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
    describe: 'Have Temporal begin batches by itself.',
    options: [
      { flags: '--id <id>', describe: 'names the schedule, and begins the ids of its batches; shown unencrypted' },
      { flags: '--cron <expression>', describe: 'when, such as "0 3 * * MON"' },
      { flags: '--every <duration>', describe: 'or how often, such as 6h or 7d' },
      { flags: '--time-zone <name>', describe: 'the zone of --cron, such as America/Bogota; UTC by default' },
      { flags: '--jitter <duration>', describe: 'begin up to so much later, by chance' },
      {
        flags: '--overlap <policy>',
        describe: `where the one before it runs: ${OVERLAP_NAMES.map((name) => `${name}: ${OVERLAPS[name]}`).join('; ')}`,
        choices: OVERLAP_NAMES,
      },
      { flags: '--catch-up <duration>', describe: 'make up for what was missed no longer ago than that' },
      { flags: '--paused', describe: 'begin none before it is resumed' },
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
      context.terminal.line(`${created.schedule} ${created.existed ? 'was there already' : 'was created'}.`);
    },
  });

const whenText = ({ cron, every, timeZone }: ListedSchedule): string => {
  if (cron !== undefined) return `${plain(cron)}${timeZone === undefined ? '' : ` (${plain(timeZone)})`}`;
  return every === undefined ? 'set otherwise' : `every ${every / 60_000} minutes`;
};

const momentOf = (date: Date | undefined, now: number): string =>
  date === undefined ? '' : moment(date.getTime(), now);

/** Moments as everywhere in JSON: ms since the Unix epoch. */
const asJson = ({ next, last, ...listed }: ListedSchedule) => ({
  ...listed,
  next: next.map((date) => date.getTime()),
  last: last.map(({ batch, dueAt, begunAt }) => ({ batch, dueAt: dueAt.getTime(), begunAt: begunAt.getTime() })),
});

const rowOf = (one: ListedSchedule, now: number): readonly string[] => [
  plain(one.schedule),
  whenText(one),
  one.paused ? 'paused' : 'active',
  one.paused ? '' : momentOf(one.next[0], now),
  plain(one.last[0]?.batch ?? ''),
];

const addList = (group: Command, context: CliContext): void =>
  addCommand(group, {
    name: 'list',
    describe: "List the schedules. Temporal's list may lag behind by a second.",
    codec: t.type({}),
    examples: [['onboarding schedule list', 'When each is next, and what it began last.']],
    run: async ({ options: { json, timeoutMs } }) => {
      const { terminal } = context;
      const { schedules } = await connectBatches(context, { timeoutMs });
      const rows: (readonly string[])[] = [];
      for await (const one of schedules.list()) {
        if (json) terminal.json(asJson(one));
        else rows.push(rowOf(one, Date.now()));
      }
      if (json) return;
      if (rows.length === 0) return terminal.note('There are none.');
      terminal.line(tableOf(['schedule', 'when', 'state', 'next', 'last batch'], rows));
    },
  });

const NEXT_SHOWN = 3;

const scheduleLines = (one: DescribedSchedule, now: number): readonly string[] => [
  `schedule      ${plain(one.schedule)}: ${one.paused ? 'paused' : 'active'}${one.note === undefined ? '' : ` (${plain(one.note)})`}`,
  `when          ${whenText(one)}`,
  ...(one.overlap === undefined ? [] : [`overlap       ${one.overlap}: ${OVERLAPS[one.overlap]}`]),
  ...(one.request === undefined ? [] : [`batches       ${one.request.mode}${one.request.dryRun ? ' (dry run)' : ''}`]),
  `so far        ${one.begun} begun, ${one.skipped} left out, ${one.missed} missed`,
  ...one.running.map((batch) => `running       ${plain(batch)}`),
  ...(one.paused ? [] : one.next.slice(0, NEXT_SHOWN).map((date) => `next          ${momentOf(date, now)}`)),
  ...one.last.map(({ batch, begunAt }) => `begun         ${plain(batch)} ${momentOf(begunAt, now)}`),
];

const addShow = (group: Command, context: CliContext): void =>
  addCommand(group, {
    name: 'show',
    describe: 'Show when a schedule begins batches, and which it has begun.',
    args: [SCHEDULE_ARGUMENT],
    codec: t.type({}),
    examples: [['onboarding schedule show weekly-audit', 'For people; --json for scripts.']],
    run: async ({ args, options: { json, timeoutMs } }) => {
      const schedule = idOf(args, 'schedule');
      const { schedules } = await connectBatches(context, { timeoutMs });
      const described = await schedules.describe(schedule);
      const { terminal } = context;
      if (json) return terminal.json({ ...asJson(described), createdAt: described.createdAt.getTime() });
      for (const line of scheduleLines(described, Date.now())) terminal.line(line);
    },
  });

/** What is told to a schedule, and what is said of it then. */
const TOLD = {
  pause: { describe: 'Begin no more batches until it is resumed.', done: 'is paused' },
  resume: { describe: 'Begin batches again.', done: 'is active' },
  trigger: { describe: 'Begin a batch now, where its overlap policy allows one.', done: 'was told to begin a batch' },
  delete: { describe: 'Delete a schedule. Batches that it has begun go on.', done: 'was deleted' },
} as const;

const addTelling = (group: Command, context: CliContext, name: keyof typeof TOLD): void => {
  const { describe, done } = TOLD[name];
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

/** `onboarding schedule …`. */
export const addSchedule: CommandGroup = (program, context) => {
  const group = program.command('schedule').description('Have batches begun by themselves, again and again.');
  addCreate(group, context);
  addList(group, context);
  addShow(group, context);
  for (const name of ['pause', 'resume', 'trigger', 'delete'] as const) addTelling(group, context, name);
};
