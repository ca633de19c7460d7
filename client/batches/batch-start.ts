import type { Fingerprints } from '../../contract/messages.js';
import {
  type BatchResult,
  type BatchStatus,
  priorityOfBatch,
  type RevalidationInput,
} from '../../contract/revalidation.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import type { BatchRequest, BatchRequestInput, BatchSource } from '../../domain/revalidation/request.js';
import { code } from '../../shared/markdown.js';
import { DAY_MS } from '../../shared/time.js';
import { fingerprintsOf, fingerprintWith } from '../fingerprints.js';

export type RevalidationWorkflow = (input: RevalidationInput) => Promise<BatchResult>;

/** The hashes by which a repeated start is recognised. They are stored encrypted, so their key is not a secret. */
export const fingerprintsOfBatch = (input: object): Fingerprints =>
  fingerprintsOf(fingerprintWith('revalidation'), input);

const describeSource = (source: BatchSource): string => {
  switch (source.kind) {
    case 'list': {
      const { project, projectFlow, statuses } = source;
      const flow = projectFlow === undefined ? '' : `, flow ${code(projectFlow)},`;
      const withStatus = statuses === undefined ? '' : ` with status ${statuses.join(', ')}`;
      return `the registrations of project ${code(project)}${flow} at Verifik${withStatus}`;
    }
    case 'dueBefore':
      return 'the customers whose outcome is no longer valid, or not for long';
    case 'ids':
      return `${source.ids.length} registrations`;
    case 'file':
      return `the registrations of a file (${source.format})`;
  }
};

const staticSummary = ({ mode, dryRun, checks = [] }: BatchRequest): string => {
  const purpose = mode === 'audit' ? 'audit' : `reverify: ${checks.join(', ')}`;
  return `Re-validation, ${purpose}${dryRun ? ' (dry run)' : ''}`;
};

const describeRules = (request: BatchRequest): readonly string[] => {
  const { mode, checks = [], callsPerSecond, creditBudget, dryRun, deadlineMs } = request;
  return [
    ...(mode === 'audit'
      ? ['- Compares the registrations at Verifik with the onboardings here. Changes nothing, and contacts nobody.']
      : [
          `- Asks each applicant for: ${checks.join(', ')}. Each has ${Number((deadlineMs / DAY_MS).toFixed(1))} days.`,
          creditBudget === undefined
            ? '- Has no credit budget.'
            : `- Starts no further onboardings once ${creditBudget} credits are spent.`,
        ]),
    ...(dryRun ? ['- Dry run: counts the registrations and their cost, and starts no onboardings.'] : []),
    `- Calls Verifik at most ${callsPerSecond} times a second (\`changeRate\`), a limit that all batches share.`,
    '- Control it with `pause`, `resume` and `cancelBatch`.',
  ];
};

export const batchStartOptions = (
  input: BatchRequestInput,
  request: BatchRequest,
  taskQueue: string,
  batch: string,
) => {
  const status: BatchStatus = 'scanning';
  const { mode, dryRun } = request;
  const { project } = request.source;
  const args: [RevalidationInput] = [{ request: input }];
  return {
    taskQueue,
    args,
    staticSummary: staticSummary(request),
    staticDetails: [`Scans ${describeSource(request.source)}.`, describeRules(request).join('\n')].join('\n\n'),
    memo: { fingerprints: fingerprintsOfBatch(input), mode, dryRun },
    typedSearchAttributes: [
      { key: SEARCH_ATTRIBUTES.status, value: status },
      // Batches share the rate of their account at Verifik.
      ...(project === undefined ? [] : [{ key: SEARCH_ATTRIBUTES.project, value: project }]),
    ],
    priority: priorityOfBatch(batch),
  };
};
