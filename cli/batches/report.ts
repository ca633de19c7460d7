import { createWriteStream } from 'node:fs';
import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as t from 'io-ts';
import type { BatchStore, SummaryName } from '../../activities/revalidation/files/store.js';
import type { Unfinished } from '../../activities/revalidation/report/index.js';
import type { CallOptions, LiveBatchProgress } from '../../client/index.js';
import { decodeBatchId } from '../../domain/revalidation/request.js';
import { oneOf } from '../../shared/decoding.js';
import { defined } from '../../shared/defined.js';
import { expectedFile, fieldOfFile } from '../../shared/text-file.js';
import { command, option } from '../command.js';
import type { CliContext } from '../context.js';
import { CliFailure, onClientError, orFail, wrongUsage } from '../failures.js';
import { BATCH_ARGUMENT, idOf } from '../references.js';
import { ifPresent, inStore, storeOf } from './store.js';

const SUMMARIES = {
  md: 'summary.md',
  csv: 'report.csv',
  html: 'report.html',
  json: 'summary.json',
} as const satisfies Record<string, SummaryName>;

const Format = oneOf(['md', 'csv', 'html', 'json']);

/** Returns the requested format, or the one of the file's extension. */
const formatOf = (requested: t.TypeOf<typeof Format> | undefined, output: string | undefined, json: boolean) => {
  if (requested !== undefined) return requested;
  if (json) return 'json';
  const extension = output === undefined ? 'md' : extname(output).slice(1).toLowerCase();
  if (Format.is(extension)) return extension;
  throw wrongUsage({ field: '--format', expected: 'md, csv, html or json' });
};

/** Errors of the report's source have no `syscall`: only the output's file errors do. */
const unwritable =
  (path: string) =>
  (error: NodeJS.ErrnoException): never => {
    if (error.syscall === undefined) throw error;
    throw wrongUsage({ field: fieldOfFile('--output', path), expected: expectedFile(error, 'written') });
  };

/** Returns the reason why a batch has no report; `undefined` if it has completed, and therefore has one. */
const unfinishedOf = ({ status, execution, stopped }: LiveBatchProgress): Unfinished | undefined => {
  if (execution === 'COMPLETED') return undefined;
  if (execution === 'FAILED') return 'failed';
  if (execution !== 'RUNNING') return 'stopped';
  return status === 'ended' || status === 'cancelled' || stopped === 'cancelled' ? 'ending' : status;
};

const isEmpty = async (lines: AsyncIterable<unknown>): Promise<boolean> => {
  for await (const _ of lines) return false;
  return true;
};

/** Returns a report of the lines so far; `undefined` if they are not in this folder, or the batch has completed. */
const unfinishedReportOf = async (store: BatchStore, batch: string, name: SummaryName, progress: LiveBatchProgress) => {
  const unfinished = unfinishedOf(progress);
  if (unfinished === undefined) return undefined;
  if (progress.scan.counts.total > 0 && (await isEmpty(store.readLines(batch)))) return undefined;
  const { request, startedAt, stopped, budgetSpent, onboardings } = progress;
  const { mode, dryRun } = request;
  const ending = { stopped, budgetSpent, onboardings };
  const state = defined({ batch, mode, dryRun, startedAt, unfinished, asOf: Date.now(), ...ending });
  const { unfinishedReport } = await import('../../activities/revalidation/report/index.js');
  return { unfinished, report: unfinishedReport(store, { request, state }, name) };
};

/**
 * Returns the report, or an unfinished one if the batch has not completed.
 *
 * @throws CliFailure `notFound` if there is no such batch; BatchStoreError if neither report is available.
 */
const reportOf = async (context: CliContext, batch: string, name: SummaryName, call: CallOptions) => {
  const store = await storeOf(context);
  const complete = await ifPresent(() => store.read(batch, name));
  if (complete !== undefined) return complete;
  const { batches } = await context.connectBatches(call);
  const progress = await onClientError(
    () => batches.progress(batch),
    'NotFound',
    () => {
      throw new CliFailure(
        'notFound',
        'There is no batch with this id in Temporal, and no report of it in ONBOARDING_BATCH_FOLDER. See verifik-onboarding batch list.',
      );
    },
  );
  const found = await unfinishedReportOf(store, batch, name, progress);
  if (found === undefined) return store.read(batch, name);
  context.terminal.note(`The batch has not completed (${found.unfinished}): the report contains its results so far.`);
  return Readable.from(found.report);
};

export const report = command({
  name: 'report',
  describe: 'Show the report of a batch, or write it to a file. If the batch has not completed: its results so far.',
  args: [BATCH_ARGUMENT],
  options: {
    format: option('<format>', 'md or json: a summary; csv: each registration; html: a page. Default md', Format),
    output: { ...option('<path>', 'the file to write, instead of standard output', t.string), short: '-o' },
  },
  examples: {
    'verifik-onboarding batch report 2026-06-audit': 'A summary.',
    'verifik-onboarding batch report 2026-06-audit -o report.csv': 'A line for each registration.',
  },
  run: async ({ args, options: { format, output }, json, call }, context) => {
    const batch = orFail(decodeBatchId(idOf(args, 'batch')));
    const name = SUMMARIES[formatOf(format, output, json)];
    await inStore(async () => {
      const contents = await reportOf(context, batch, name, call);
      if (output === undefined) return pipeline(contents, process.stdout, { end: false });
      await pipeline(contents, createWriteStream(output)).catch(unwritable(output));
    });
  },
});
