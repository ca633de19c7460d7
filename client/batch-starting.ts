import {
  type BatchResult,
  type BatchStatus,
  priorityOfBatch,
  type RevalidationInput,
} from '../contract/revalidation.js';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import type { BatchRequest, BatchRequestInput, BatchSource } from '../domain/revalidation/request.js';
import { DAY_MS } from '../shared/time.js';
import { fingerprintWith } from './fingerprint.js';

export type RevalidationWorkflow = (input: RevalidationInput) => Promise<BatchResult>;

/** By which another request is told from the same one. It is stored encrypted, so that its key is no secret. */
export const fingerprintOfBatch = fingerprintWith('revalidation');

const sourceInWords = (source: BatchSource): string => {
  switch (source.kind) {
    case 'list': {
      const { project, projectFlow, standings } = source;
      const flow = projectFlow === undefined ? '' : `, flow ${projectFlow},`;
      const narrowed = standings === undefined ? '' : ` that stand as ${standings.join(', ')}`;
      return `the registrations of project ${project}${flow} at Verifik${narrowed}`;
    }
    case 'ids':
      return `${source.ids.length} registrations`;
    case 'file':
      return `the registrations of a file (${source.format})`;
  }
};

const summaryOf = ({ mode, dryRun, checks = [] }: BatchRequest): string => {
  const what = mode === 'audit' ? 'audit' : `reverify: ${checks.join(', ')}`;
  return `Re-validation, ${what}${dryRun ? ' (dry run)' : ''}`;
};

const rules = (request: BatchRequest): readonly string[] => {
  const { mode, checks = [], callsPerSecond, creditBudget, dryRun, deadlineMs } = request;
  return [
    ...(mode === 'audit'
      ? ['- Compares what Verifik says with what is known here. Changes nothing, and asks nobody.']
      : [
          `- Asks each applicant for: ${checks.join(', ')}. Each has ${Number((deadlineMs / DAY_MS).toFixed(1))} days.`,
          `- Begins nobody beyond ${creditBudget === undefined ? 'any budget: none is set' : `${creditBudget} credits`}.`,
        ]),
    ...(dryRun ? ['- A dry run: it counts and prices, and begins nothing.'] : []),
    `- Calls Verifik at most ${callsPerSecond} times a second (\`changeRate\`), shared with all other batches.`,
    '- `pause`, `resume` and `cancelBatch` hold it, let it go on, and end it.',
  ];
};

/** What the workflow of a batch is started with, by a client or by a schedule. */
export const batchStart = (input: BatchRequestInput, request: BatchRequest, taskQueue: string, batch: string) => {
  const status: BatchStatus = 'walking';
  const { mode, dryRun } = request;
  const args: [RevalidationInput] = [{ request: input }];
  return {
    taskQueue,
    args,
    staticSummary: summaryOf(request),
    staticDetails: [`Walks over ${sourceInWords(request.source)}.`, rules(request).join('\n')].join('\n\n'),
    memo: { fingerprint: fingerprintOfBatch(input), mode, dryRun },
    typedSearchAttributes: [{ key: SEARCH_ATTRIBUTES.status, value: status }],
    priority: priorityOfBatch(batch),
  };
};
