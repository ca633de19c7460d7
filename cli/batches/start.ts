import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { extname } from 'node:path';
import * as t from 'io-ts';
import type { BatchStore } from '../../activities/revalidation/files/store.js';
import type { BatchSource } from '../../client/index.js';
import { BatchId } from '../../domain/revalidation/request.js';
import { command, flag, option, required } from '../command.js';
import { CliFailure, wrongUsage } from '../failures.js';
import { REQUEST_OPTIONS, requestOf } from './flags.js';
import { ifPresent, inStore, storeOf } from './store.js';
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

/** Copies the file into the workers' folder. A batch that has started keeps its file. */
const putFile = async (store: BatchStore, batch: string, path: string, hasStarted: boolean): Promise<void> => {
  await access(path, constants.R_OK).catch(() => {
    throw wrongUsage({ field: '--ids-file', expected: 'a file that can be read' });
  });
  const before = hasStarted ? await ifPresent(() => digest(store.openSource(batch, 0))) : undefined;
  if (before === undefined) return store.putSource(batch, createReadStream(path));
  if (before !== (await digest(createReadStream(path))))
    throw new CliFailure('refused', 'a batch with this id was started with another file: use another id');
};

export const start = command({
  name: 'start',
  describe: 'Start a batch, or find it if it was started before.',
  options: {
    id: required('<id>', "the batch's id, which is not encrypted", BatchId),
    ...REQUEST_OPTIONS,
    idsFile: option('<path>', 'the registrations in this file: .csv or .ndjson', t.string),
    watch: flag('follow the batch to its end'),
  },
  examples: {
    'verifik-onboarding batch start --id 2026-06-audit --mode audit --project 65f0…':
      'Compare all registrations of a project.',
    'verifik-onboarding batch start --id june --mode reverify --checks document --project 65f0… --updated-before 2025-06-01 --dry-run --watch':
      'The cost of repeating the document check for registrations without an update for a year.',
    'verifik-onboarding batch start --id some --mode audit --ids-file ids.csv --rate 5':
      'Compare the registrations in a file.',
  },
  run: async ({ options: { id: batch, idsFile, watch, ...flags }, json, call, show }, context) => {
    const request = requestOf(flags, fileSource(idsFile));
    const { batches } = await context.connectBatches(watch === true ? {} : call);
    if (idsFile !== undefined) {
      const hasStarted = (await batches.find(batch)) !== undefined;
      const store = await storeOf(context);
      await inStore(() => putFile(store, batch, idsFile, hasStarted));
    }
    const started = await batches.start(request, { batch });
    if (watch === true) return watchBatch(context, batches, batch, json, call);
    show(started, [`${batch} ${started.existed ? 'had been started before' : 'was started'}.`]);
    if (!json) context.terminal.note(`Follow it with: verifik-onboarding batch watch ${batch}`);
  },
});
