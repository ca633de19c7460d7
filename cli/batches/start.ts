import * as t from 'io-ts';
import { BatchId } from '../../domain/revalidation/request.js';
import { defined } from '../../shared/defined.js';
import { command, flag, option, required } from '../command.js';
import { REQUEST_OPTIONS, requestOf } from './flags.js';
import { putIds, readIdsFile, surveyLines } from './ids-file.js';
import { inStore, storeOf } from './store.js';
import { watchBatch } from './watch.js';

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
    'verifik-onboarding batch start --id due --mode reverify --checks document,biometric --due-within 30d':
      'Verify the customers again whose validity ends within 30 days.',
    'verifik-onboarding batch start --id some --mode audit --ids-file ids.csv --rate 5':
      'Compare the registrations in a file.',
  },
  run: async ({ options: { id: batch, idsFile, watch, ...flags }, json, call, show }, context) => {
    const file = idsFile === undefined ? undefined : await readIdsFile(idsFile);
    const request = requestOf(flags, file && { kind: 'file', format: file.format });
    const { batches } = await context.connectBatches(watch === true ? {} : call);
    if (file !== undefined) {
      const hasStarted = (await batches.find(batch)) !== undefined;
      const store = await storeOf(context);
      await inStore(() => putIds(store, batch, file, hasStarted));
    }
    const started = await batches.start(request, { batch });
    const understood = file === undefined ? [] : surveyLines(file.survey);
    if (watch === true) {
      if (!json) for (const line of understood) context.terminal.note(line);
      return watchBatch(context, batches, batch, json, call);
    }
    const lines = [`${batch} ${started.existed ? 'had been started before' : 'was started'}.`, ...understood];
    show({ ...started, ...defined({ file: file?.survey }) }, lines);
    if (!json) context.terminal.note(`Follow it with: verifik-onboarding batch watch ${batch}`);
  },
});
