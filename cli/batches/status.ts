import type { Command } from 'commander';
import * as t from 'io-ts';
import type { ListedBatch } from '../../client/index.js';
import { BATCH_STATUSES } from '../../domain/revalidation/progress.js';
import { oneOf } from '../../shared/decoding.js';
import { count } from '../../shared/settings.js';
import { addCommand } from '../command.js';
import type { CliContext } from '../context.js';
import { formatTime, plain, tableOf } from '../format/text.js';
import { BATCH_ARGUMENT, connectBatches, idOf } from './connect.js';
import { batchLines } from './format.js';
import { watchBatch } from './watch.js';

const addStatus = (group: Command, context: CliContext): void =>
  addCommand(group, {
    name: 'status',
    describe: 'Show the progress of a batch, its results, and the estimated time left.',
    args: [BATCH_ARGUMENT],
    codec: t.type({}),
    examples: [
      ['onboarding batch status 2026-06-audit', 'As text.'],
      ['onboarding batch status 2026-06-audit --json | jq .scan.counts', 'As JSON.'],
    ],
    run: async ({ args, options: { json, timeoutMs } }) => {
      const batch = idOf(args, 'batch');
      const { batches } = await connectBatches(context, { timeoutMs });
      const progress = await batches.progress(batch);
      if (json) return context.terminal.json(progress);
      for (const line of batchLines(progress, context.terminal.style, Date.now())) context.terminal.line(line);
    },
  });

const addWatch = (group: Command, context: CliContext): void =>
  addCommand(group, {
    name: 'watch',
    describe: 'Follow a batch to its end. Waits for days unless --timeout says otherwise.',
    args: [BATCH_ARGUMENT],
    codec: t.type({}),
    examples: [
      [
        'onboarding batch watch 2026-06-audit',
        'On a terminal: a bar with counts. Otherwise: a line at most every 10 seconds.',
      ],
      [
        'onboarding batch watch 2026-06-audit --json',
        'Each update as a line of JSON. The last one contains the result.',
      ],
    ],
    run: async ({ args, options: { json, timeoutMs } }) => {
      const batch = idOf(args, 'batch');
      const { batches } = await connectBatches(context);
      await watchBatch(context, batches, batch, { json, timeoutMs });
    },
  });

const TABLE_LIMIT = 50;

/** Converts times to ms since the Unix epoch, as in all JSON output. */
const asJson = ({ startedAt, endedAt, ...listed }: ListedBatch) => ({
  ...listed,
  startedAt: startedAt.getTime(),
  ...(endedAt === undefined ? {} : { endedAt: endedAt.getTime() }),
});

const statusText = ({ status, execution }: ListedBatch): string =>
  execution === 'RUNNING' || execution === 'COMPLETED' ? (status ?? execution.toLowerCase()) : execution.toLowerCase();

const rowOf = (one: ListedBatch, now: number): readonly string[] => [
  plain(one.batch),
  `${one.mode ?? ''}${one.dryRun === true ? ' (dry run)' : ''}`,
  statusText(one),
  formatTime(one.startedAt.getTime(), now),
  one.endedAt === undefined ? '' : formatTime(one.endedAt.getTime(), now),
];

const addList = (group: Command, context: CliContext): void =>
  addCommand(group, {
    name: 'list',
    describe: "List batches, running and ended, newest first. Temporal's list may lag behind by a second.",
    options: [
      { flags: '--status <status>', describe: 'only those with this status', choices: BATCH_STATUSES },
      { flags: '--running', describe: 'only those that are running' },
      { flags: '--limit <n>', describe: `the maximum number; default ${TABLE_LIMIT}, with --json unlimited` },
    ],
    codec: t.partial({ status: oneOf(BATCH_STATUSES), running: t.boolean, limit: count(1, 1_000_000) }),
    examples: [
      ['onboarding batch list --running', 'The running batches.'],
      ['onboarding batch list --json | jq -r .batch', 'One line of JSON for each.'],
    ],
    run: async ({ options: { json, timeoutMs, limit, ...filter } }) => {
      const { terminal } = context;
      const { batches } = await connectBatches(context, { timeoutMs });
      const maximum = limit ?? (json ? Number.POSITIVE_INFINITY : TABLE_LIMIT);
      const rows: (readonly string[])[] = [];
      let listed = 0;
      for await (const one of batches.list(filter)) {
        if (listed++ === maximum) break;
        if (json) terminal.json(asJson(one));
        else rows.push(rowOf(one, Date.now()));
      }
      if (json) return;
      if (rows.length === 0) return terminal.note('No batches found.');
      terminal.line(tableOf(['batch', 'mode', 'status', 'started', 'ended'], rows));
      if (listed > maximum) terminal.note(`There are more. Use --limit ${maximum * 2}, or a filter.`);
    },
  });

/** Adds `onboarding batch status`, `watch` and `list`. */
export const addBatchStatus = (group: Command, context: CliContext): void => {
  addStatus(group, context);
  addWatch(group, context);
  addList(group, context);
};
