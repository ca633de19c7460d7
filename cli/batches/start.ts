import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Command } from 'commander';
import * as t from 'io-ts';
import type { BatchStore } from '../../activities/revalidation/files/store.js';
import type { BatchSource } from '../../client/index.js';
import { BatchId } from '../../domain/revalidation/request.js';
import { addCommand } from '../command.js';
import type { CliContext } from '../context.js';
import { CliFailure, wrongUsage } from '../failures.js';
import { REQUEST_OPTIONS, RequestFlags, requestOf } from './flags.js';
import { connectBatches, inStore, storeOf } from './tools.js';
import { watchBatch } from './watching.js';

const FORMATS: Readonly<Record<string, Extract<BatchSource, { readonly kind: 'file' }>['format']>> = {
  '.csv': 'csv',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
};

const fileSource = (path: string | undefined) => {
  if (path === undefined) return undefined;
  const format = FORMATS[extname(path).toLowerCase()];
  if (format === undefined)
    throw wrongUsage({ field: '--ids-file', expected: 'a file whose name ends in .csv or .ndjson' });
  return { kind: 'file' as const, format };
};

const digest = async (bytes: AsyncIterable<Uint8Array>): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of bytes) hash.update(chunk);
  return hash.digest('hex');
};

/** What is there of a batch's file; `undefined` where there is none. */
const storedDigest = async (store: BatchStore, batch: string): Promise<string | undefined> => {
  const { BatchStoreError } = await import('../../activities/revalidation/files/errors.js');
  try {
    return await digest(store.openSource(batch, 0));
  } catch (error) {
    if (error instanceof BatchStoreError && error.fault === 'absent') return undefined;
    throw error;
  }
};

/** Puts the file where the workers find it. A batch that has begun keeps the file that it began with. */
const putFile = async (store: BatchStore, batch: string, path: string, hasBegun: boolean): Promise<void> => {
  await access(path, constants.R_OK).catch(() => {
    throw wrongUsage({ field: '--ids-file', expected: 'a file that can be read' });
  });
  const before = hasBegun ? await storedDigest(store, batch) : undefined;
  if (before === undefined) return store.putSource(batch, createReadStream(path));
  if (before !== (await digest(createReadStream(path))))
    throw new CliFailure('refused', 'the batch of this id was started with another file: take another id');
};

/** `onboarding batch start`. */
export const addBatchStart = (group: Command, context: CliContext): void =>
  addCommand(group, {
    name: 'start',
    describe: 'Start a batch, or find it where it was started before.',
    options: [
      { flags: '--id <id>', describe: "the batch's id: shown unencrypted" },
      ...REQUEST_OPTIONS,
      { flags: '--ids-file <path>', describe: 'the registrations of this file: .csv or .ndjson' },
      { flags: '--watch', describe: 'follow it to its end' },
    ],
    codec: t.intersection([t.type({ id: BatchId }), RequestFlags, t.partial({ idsFile: t.string, watch: t.boolean })]),
    examples: [
      ['onboarding batch start --id 2026-06-audit --mode audit --project 65f0…', 'Compare all of a project.'],
      [
        'onboarding batch start --id june --mode reverify --checks document --project 65f0… --updated-before 2025-06-01 --dry-run --watch',
        'What would it cost to ask again whoever was not heard of for a year?',
      ],
      ['onboarding batch start --id some --mode audit --ids-file ids.csv --rate 5', 'The registrations of a file.'],
    ],
    run: async ({ options: { id: batch, idsFile, watch, json, timeoutMs, ...flags } }) => {
      const request = requestOf(flags, fileSource(idsFile));
      const tools = await connectBatches(context, watch === true ? {} : { timeoutMs });
      if (idsFile !== undefined) {
        const hasBegun = (await tools.batches.find(batch)) !== undefined;
        const store = await storeOf(context);
        await inStore(() => putFile(store, batch, idsFile, hasBegun));
      }
      const started = await tools.batches.start(request, { batch });
      if (watch === true) return watchBatch(context, tools.batches, batch, { json, timeoutMs });
      if (json) return context.terminal.json(started);
      context.terminal.line(`${batch} ${started.existed ? 'had been started before' : 'was started'}.`);
      context.terminal.note(`Follow it: onboarding batch watch ${batch}`);
    },
  });
