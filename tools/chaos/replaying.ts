import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Client, WorkflowExecutionInfo, WorkflowHandle } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { pMapIterable } from 'p-map';
import { defined } from '../../shared/defined.js';
import { connectClient } from '../processes/temporal.js';
import type { Base } from './environment/base.js';
import type { ReplayResult } from './judging/observations.js';

/** The bundle of the compiled workers, which are in use even if this file runs from its TypeScript source. */
const BUNDLE = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../dist/workflow-bundle.js' : '../../workflow-bundle.js',
    import.meta.url,
  ),
);

const CONCURRENCY = 8;
const POLL_INTERVAL_MS = 500;
const VISIBILITY_TIMEOUT_MS = 60_000;

const listRuns = async (client: Client): Promise<readonly WorkflowExecutionInfo[]> => {
  const runs: WorkflowExecutionInfo[] = [];
  for await (const run of client.workflow.list()) runs.push(run);
  return runs;
};

/** Lists all workflow runs, and waits until visibility, which lags, has the expected ones. */
const listRunsWith = async (client: Client, expected: readonly string[]): Promise<readonly WorkflowExecutionInfo[]> => {
  const deadline = Date.now() + VISIBILITY_TIMEOUT_MS;
  for (;;) {
    const runs = await listRuns(client);
    const ids = new Set(runs.map(({ workflowId }) => workflowId));
    // A missing workflow is a violation, which the invariants report.
    if (expected.every((id) => ids.has(id)) || Date.now() > deadline) return runs;
    await pause(POLL_INTERVAL_MS);
  }
};

/** The history of one workflow run. */
export interface RecordedHistory {
  readonly workflowId: string;
  readonly history: Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
}

export interface ReplayOptions {
  /** Has every encryption key of the run. */
  readonly dataConverter: DataConverter;
  /** Receives the histories that do not replay, as JSON. */
  readonly folder: string;
}

/** The SDK's message without the introduction that all mismatches share. */
const mismatchOf = ({ message }: Error): string => message.replace(/^Replay failed [\s\S]*?Details: /, '');

/** Replays histories one after the other with the workers' bundle. */
export const replayAll = async (
  histories: AsyncIterable<RecordedHistory>,
  { dataConverter, folder }: ReplayOptions,
): Promise<readonly ReplayResult[]> => {
  const replayed: ReplayResult[] = [];
  let last: RecordedHistory | undefined;
  const passing = async function* (): AsyncGenerator<RecordedHistory> {
    for await (const one of histories) {
      last = one;
      yield one;
    }
  };
  const options = { workflowBundle: { codePath: BUNDLE }, dataConverter };
  for await (const { workflowId, runId, error } of Worker.runReplayHistories(options, passing())) {
    const events = last?.history.events?.length ?? 0;
    replayed.push({ workflowId, events, ...defined({ mismatch: error && mismatchOf(error) }) });
    if (error === undefined || last === undefined) continue;
    const file = `${workflowId}.${runId}.history.json`.replaceAll(/[^\w.-]/g, '_');
    await writeFile(join(folder, file), historyToJSON(last.history));
  }
  return replayed;
};

/**
 * Fetches and replays the histories of all workflow runs. Waits up to a minute until visibility lists the `expected`
 * ids.
 */
export const replayEverything = async (
  { folder, temporal, keyRings }: Base,
  expected: readonly string[],
): Promise<readonly ReplayResult[]> => {
  const client = await connectClient(temporal, keyRings.provider);
  const { dataConverter = {} } = client.options;
  try {
    const fetched = pMapIterable(
      await listRunsWith(client, expected),
      async ({ workflowId, runId }) => ({
        workflowId,
        history: await client.workflow.getHandle(workflowId, runId).fetchHistory(),
      }),
      { concurrency: CONCURRENCY },
    );
    return await replayAll(fetched, { dataConverter, folder });
  } finally {
    await client.connection.close();
  }
};
