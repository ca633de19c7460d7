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
import { connectBatches, inStore, storeOf } from './connect.js';
import { REQUEST_OPTIONS, RequestFlags, requestOf } from './flags.js';
import { watchBatch } from './watch.js';

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

/** Returns the digest of a batch's source file; `undefined` if it does not exist. */
const storedDigest = async (store: BatchStore, batch: string): Promise<string | undefined> => {
  const { BatchStoreError } = await import('../../activities/revalidation/files/errors.js');
  try {
    return await digest(store.openSource(batch, 0));
  } catch (error) {
    if (error instanceof BatchStoreError && error.fault === 'absent') return undefined;
    throw error;
  }
};

/** Copies the file into the workers' folder. A batch that has started keeps its file. */
const putFile = async (store: BatchStore, batch: string, path: string, hasStarted: boolean): Promise<void> => {
  await access(path, constants.R_OK).catch(() => {
    throw wrongUsage({ field: '--ids-file', expected: 'a file that can be read' });
  });
  const before = hasStarted ? await storedDigest(store, batch) : undefined;
  if (before === undefined) return store.putSource(batch, createReadStream(path));
  if (before !== (await digest(createReadStream(path))))
    throw new CliFailure('refused', 'a batch with this id was started with another file: use another id');
};

/** Adds `onboarding batch start`. */
export const addBatchStart = (group: Command, context: CliContext): void =>
  addCommand(group, {
    name: 'start',
    describe: 'Start a batch, or find it if it was started before.',
    options: [
      { flags: '--id <id>', describe: "the batch's id, which is not encrypted" },
      ...REQUEST_OPTIONS,
      { flags: '--ids-file <path>', describe: 'the registrations in this file: .csv or .ndjson' },
      { flags: '--watch', describe: 'follow the batch to its end' },
    ],
    codec: t.intersection([t.type({ id: BatchId }), RequestFlags, t.partial({ idsFile: t.string, watch: t.boolean })]),
    examples: [
      [
        'onboarding batch start --id 2026-06-audit --mode audit --project 65f0…',
        'Compare all registrations of a project.',
      ],
      [
        'onboarding batch start --id june --mode reverify --checks document --project 65f0… --updated-before 2025-06-01 --dry-run --watch',
        'The cost of repeating the document check for registrations without an update for a year.',
      ],
      [
        'onboarding batch start --id some --mode audit --ids-file ids.csv --rate 5',
        'Compare the registrations in a file.',
      ],
    ],
    run: async ({ options: { id: batch, idsFile, watch, json, timeoutMs, ...flags } }) => {
      const request = requestOf(flags, fileSource(idsFile));
      const { batches } = await connectBatches(context, watch === true ? {} : { timeoutMs });
      if (idsFile !== undefined) {
        const hasStarted = (await batches.find(batch)) !== undefined;
        const store = await storeOf(context);
        await inStore(() => putFile(store, batch, idsFile, hasStarted));
      }
      const started = await batches.start(request, { batch });
      if (watch === true) return watchBatch(context, batches, batch, { json, timeoutMs });
      if (json) return context.terminal.json(started);
      context.terminal.line(`${batch} ${started.existed ? 'had been started before' : 'was started'}.`);
      context.terminal.note(`Follow it with: onboarding batch watch ${batch}`);
    },
  });
