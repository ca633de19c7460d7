import { createWriteStream } from 'node:fs';
import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import * as t from 'io-ts';
import type { BatchStore, SummaryName } from '../../activities/revalidation/files/store.js';
import type { Unfinished } from '../../activities/revalidation/report/index.js';
import type { BatchStanding } from '../../client/index.js';
import { decodeBatchId } from '../../domain/revalidation/request.js';
import { oneOf } from '../../shared/decoding.js';
import { addCommand } from '../command.js';
import type { CliContext } from '../context.js';
import { orFail, wrongUsage } from '../failures.js';
import { BATCH_ARGUMENT, connectBatches, idOf, inStore, storeOf } from './tools.js';

const SUMMARIES = {
  md: 'summary.md',
  csv: 'report.csv',
  html: 'report.html',
  json: 'summary.json',
} as const satisfies Record<string, SummaryName>;

const Format = oneOf(['md', 'csv', 'html', 'json']);

/** As it is asked for, or as the file's name ends. */
const formatOf = (given: t.TypeOf<typeof Format> | undefined, output: string | undefined, json: boolean) => {
  if (given !== undefined) return given;
  if (json) return 'json';
  const ending = output === undefined ? 'md' : extname(output).slice(1).toLowerCase();
  if (Format.is(ending)) return ending;
  throw wrongUsage({ field: '--format', expected: 'md, csv, html or json' });
};

/** What was read fails with an error of the store's own. */
const unwritable = (error: NodeJS.ErrnoException): never => {
  throw error.syscall === undefined ? error : wrongUsage({ field: '--output', expected: 'a file that can be written' });
};

/** Why a batch has no report; `undefined` where it has ended, so that it has one somewhere. */
const unfinishedOf = ({ status, execution, stopped }: BatchStanding): Unfinished | undefined => {
  if (execution === 'COMPLETED') return undefined;
  if (execution === 'FAILED') return 'failed';
  if (execution !== 'RUNNING') return 'stopped';
  return status === 'ended' || status === 'cancelled' || stopped === 'cancelled' ? 'ending' : status;
};

const isEmpty = async (lines: AsyncIterable<unknown>): Promise<boolean> => {
  for await (const _ of lines) return false;
  return true;
};

/** How the batch stands that has no report; `undefined` where there is no such batch. */
const standingOf = async (context: CliContext, batch: string, timeoutMs: number | undefined) => {
  const { OnboardingError } = await import('../../client/index.js');
  const { batches } = await connectBatches(context, { timeoutMs });
  return batches.progress(batch).catch((error: unknown) => {
    if (error instanceof OnboardingError && error.type === 'NotFound') return undefined;
    throw error;
  });
};

/** What the batch has written so far; `undefined` where that is not in this folder, or it has ended. */
const soFar = async (store: BatchStore, batch: string, name: SummaryName, standing: BatchStanding) => {
  const unfinished = unfinishedOf(standing);
  if (unfinished === undefined) return undefined;
  if (standing.walked.counts.total > 0 && (await isEmpty(store.readLines(batch)))) return undefined;
  const { request, startedAt, stopped, onboardings } = standing;
  const { reportSoFar } = await import('../../activities/revalidation/report/index.js');
  const report = reportSoFar(
    store,
    {
      request,
      standing: {
        batch,
        mode: request.mode,
        dryRun: request.dryRun,
        startedAt,
        unfinished,
        asOf: Date.now(),
        ...(stopped === undefined ? {} : { stopped }),
        ...(onboardings === undefined ? {} : { onboardings }),
      },
    },
    name,
  );
  return { unfinished, report };
};

/** The report or, where the batch has not ended, what it has written so far. @throws BatchStoreError where there is neither. */
const reportOf = async (context: CliContext, batch: string, name: SummaryName, timeoutMs: number | undefined) => {
  const { BatchStoreError } = await import('../../activities/revalidation/files/errors.js');
  const store = await storeOf(context);
  try {
    return await store.read(batch, name);
  } catch (error) {
    if (!(error instanceof BatchStoreError) || error.fault !== 'absent') throw error;
    const standing = await standingOf(context, batch, timeoutMs);
    const found = standing === undefined ? undefined : await soFar(store, batch, name, standing);
    if (found === undefined) throw error;
    context.terminal.note(`The batch has not ended (${found.unfinished}): this is what it has written so far.`);
    return Readable.from(found.report);
  }
};

/** `onboarding batch report`. */
export const addBatchReport = (group: Command, context: CliContext): void =>
  addCommand(group, {
    name: 'report',
    describe:
      'Show the report of a batch, or write it to a file. Of one that has not ended: what it has written so far.',
    args: [BATCH_ARGUMENT],
    options: [
      {
        flags: '--format <format>',
        describe: 'md or json: what it came to; csv or html: each registration. By default md',
        choices: Object.keys(SUMMARIES),
      },
      { flags: '-o, --output <path>', describe: 'the file to write, in place of standard output' },
    ],
    codec: t.partial({ format: Format, output: t.string }),
    examples: [
      ['onboarding batch report 2026-06-audit', 'What it came to.'],
      ['onboarding batch report 2026-06-audit -o report.csv', 'A line for each registration.'],
    ],
    run: async ({ args, options: { format, output, json, timeoutMs } }) => {
      const batch = orFail(decodeBatchId(idOf(args, 'batch')));
      const name = SUMMARIES[formatOf(format, output, json)];
      await inStore(async () => {
        const report = await reportOf(context, batch, name, timeoutMs);
        if (output === undefined) return pipeline(report, process.stdout, { end: false });
        await pipeline(report, createWriteStream(output)).catch(unwritable);
      });
    },
  });
