import { join } from 'node:path';
import type { BatchClient, BatchRequestInput, BatchResult } from '../../client/index.js';
import type { CheckName } from '../../domain/checks.js';
import type { Sandbox } from '../sandbox/index.js';
import type { Tell } from './journey.js';

interface RevalidationOptions {
  readonly client: BatchClient;
  readonly sandbox: Sandbox;
  /** How many registrations there are. */
  readonly count: number;
  /** What each applicant is asked for again. */
  readonly checks: readonly CheckName[];
  readonly batchFolder: string;
  readonly tell: Tell;
}

/** How fast the batches of the demo are, in calls a second: applicants who are asked again all come at once, to a small machine. */
const CALLS_PER_SECOND = { audit: 100, reverify: 8 };

const DRIFTING = 0.01;

const sumOf = ({ results }: BatchResult): string =>
  Object.entries(results)
    .map(([result, count]) => `${result} ${count}`)
    .join(', ');

/** Fills the sandbox with registrations, compares them all, and has all of them asked again; the applicants do what they are asked for. */
export const revalidate = async (
  options: RevalidationOptions,
): Promise<{ readonly audit: BatchResult; readonly reverify: BatchResult }> => {
  const { client, sandbox, count, checks, batchFolder, tell } = options;
  const few = Math.ceil(count * DRIFTING);
  await sandbox.control.settings({ applicants: 'alone', returningApplicants: 'redo', mandatory: [...checks] });
  await sandbox.control.population({ count, drift: { failed: few, expired: few } });
  tell(`population ${count} registrations that have been through; ${few} have failed since, and ${few} expired`);
  const stamp = Date.now();
  const { project, projectFlow } = sandbox;
  const source = { kind: 'list', project, projectFlow } as const;
  const through = async (mode: 'audit' | 'reverify', request: Partial<BatchRequestInput>): Promise<BatchResult> => {
    const batch = `demo-${stamp}-${mode}`;
    const startedAt = performance.now();
    await client.start({ mode, source, callsPerSecond: CALLS_PER_SECOND[mode], ...request }, { batch });
    const result = await client.result(batch);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    tell(`${mode.padEnd(10)} ${result.total} registrations in ${seconds} s: ${sumOf(result)}`);
    tell(`           report ${join(batchFolder, batch, 'report.html')}`);
    return result;
  };
  return {
    audit: await through('audit', { assume: 'verified' }),
    reverify: await through('reverify', { checks, invite: false }),
  };
};
