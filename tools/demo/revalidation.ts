import { join } from 'node:path';
import type { BatchClient, BatchRequestInput, BatchResult } from '../../client/index.js';
import type { CheckName } from '../../domain/checks.js';
import type { Sandbox } from '../sandbox/index.js';
import type { Print } from './run.js';

interface RevalidationOptions {
  readonly client: BatchClient;
  readonly sandbox: Sandbox;
  readonly count: number;
  readonly checks: readonly CheckName[];
  readonly batchFolder: string;
  readonly print: Print;
}

/** Rate limits in calls per second. All applicants of a reverify batch come back at once, so its rate is low. */
const CALLS_PER_SECOND = { audit: 100, reverify: 8 };

const DRIFT_SHARE = 0.01;

const formatResults = ({ results }: BatchResult): string =>
  Object.entries(results)
    .map(([result, count]) => `${result} ${count}`)
    .join(', ');

/** Fills the sandbox with registrations, audits all of them, and asks all applicants for their checks again. */
export const revalidate = async (
  options: RevalidationOptions,
): Promise<{ readonly audit: BatchResult; readonly reverify: BatchResult }> => {
  const { client, sandbox, count, checks, batchFolder, print } = options;
  const drifted = Math.ceil(count * DRIFT_SHARE);
  await sandbox.control.settings({ applicants: 'alone', returningApplicants: 'redo', mandatory: [...checks] });
  await sandbox.control.population({ count, drift: { failed: drifted, expired: drifted } });
  print(`population ${count} verified registrations; since then ${drifted} have failed and ${drifted} have expired`);
  const stamp = Date.now();
  const { project, projectFlow } = sandbox;
  const source = { kind: 'list', project, projectFlow } as const;
  const runBatch = async (mode: 'audit' | 'reverify', request: Partial<BatchRequestInput>): Promise<BatchResult> => {
    const batch = `demo-${stamp}-${mode}`;
    const startedAt = performance.now();
    await client.start({ mode, source, callsPerSecond: CALLS_PER_SECOND[mode], ...request }, { batch });
    const result = await client.result(batch);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    print(`${mode.padEnd(10)} ${result.total} registrations in ${seconds} s: ${formatResults(result)}`);
    print(`           report ${join(batchFolder, batch, 'report.html')}`);
    return result;
  };
  return {
    audit: await runBatch('audit', { assume: 'verified' }),
    reverify: await runBatch('reverify', { checks, invite: false }),
  };
};
