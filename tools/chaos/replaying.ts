import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { pMapIterable } from 'p-map';
import { encryptingDataConverter, openKeyRing } from '../../codec/index.js';
import type { Replayed } from './judging/evidence.js';
import type { KeyRings } from './setting/key-rings.js';
import type { Temporal } from './setting/temporal.js';

/** The workflows as the workers of the run had them, which run compiled code whatever runs here. */
const BUNDLE = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../dist/workflow-bundle.js' : '../../workflow-bundle.js',
    import.meta.url,
  ),
);

const FETCHED_AT_ONCE = 8;
const LOOK_AGAIN_MS = 500;
const LISTED_WITHIN_MS = 60_000;

/** One run of a workflow: of one that continued as new there are several. */
interface RunOfWorkflow {
  readonly workflowId: string;
  readonly runId: string;
}

const listed = async (client: Client): Promise<readonly RunOfWorkflow[]> => {
  const runs: RunOfWorkflow[] = [];
  for await (const { workflowId, runId } of client.workflow.list()) runs.push({ workflowId, runId });
  return runs;
};

/** All that there has been, as soon as everything is in the list that has to be: Temporal's list comes after the fact. */
const listedWith = async (client: Client, expected: readonly string[]): Promise<readonly RunOfWorkflow[]> => {
  const deadline = Date.now() + LISTED_WITHIN_MS;
  for (;;) {
    const runs = await listed(client);
    const ids = new Set(runs.map(({ workflowId }) => workflowId));
    // What is still missing then is for the judge to say.
    if (expected.every((id) => ids.has(id)) || Date.now() > deadline) return runs;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
};

/** The history of one run. */
export interface Recorded {
  readonly workflowId: string;
  readonly history: Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
}

export interface ReplayOptions {
  /** Reads the payloads whichever key they were encrypted with. */
  readonly dataConverter: DataConverter;
  /** The history of what does not replay is written there, as JSON. */
  readonly folder: string;
}

/** What the SDK tells of a mismatch, without what it tells of every one. */
const mismatchOf = ({ message }: Error): string => message.replace(/^Replay failed [\s\S]*?Details: /, '');

/** Replays histories, one after the other, with the code that the workers have. */
export const replayAll = async (
  histories: AsyncIterable<Recorded>,
  { dataConverter, folder }: ReplayOptions,
): Promise<readonly Replayed[]> => {
  const replayed: Replayed[] = [];
  let last: Recorded | undefined;
  const passing = async function* (): AsyncGenerator<Recorded> {
    for await (const one of histories) {
      last = one;
      yield one;
    }
  };
  const options = { workflowBundle: { codePath: BUNDLE }, dataConverter };
  for await (const { workflowId, runId, error } of Worker.runReplayHistories(options, passing())) {
    const events = last?.history.events?.length ?? 0;
    replayed.push({ workflowId, events, ...(error === undefined ? {} : { mismatch: mismatchOf(error) }) });
    if (error === undefined || last === undefined) continue;
    const file = `${workflowId}.${runId}.history.json`.replaceAll(/[^\w.-]/g, '_');
    await writeFile(join(folder, file), historyToJSON(last.history));
  }
  return replayed;
};

/** Fetches the history of every workflow that there has been, those of `expected` among them, and replays it. */
export const replayEverything = async (
  {
    temporal: { address, namespace },
    keyRings,
  }: { readonly temporal: Pick<Temporal, 'address' | 'namespace'>; readonly keyRings: KeyRings },
  { expected, folder }: { readonly expected: readonly string[]; readonly folder: string },
): Promise<readonly Replayed[]> => {
  const connection = await Connection.connect({ address });
  try {
    const dataConverter = encryptingDataConverter({ keys: await openKeyRing(keyRings.provider), namespace });
    const client = new Client({ connection, namespace, dataConverter });
    const fetched = pMapIterable(
      await listedWith(client, expected),
      async ({ workflowId, runId }) => ({
        workflowId,
        history: await client.workflow.getHandle(workflowId, runId).fetchHistory(),
      }),
      { concurrency: FETCHED_AT_ONCE },
    );
    return await replayAll(fetched, { dataConverter, folder });
  } finally {
    await connection.close();
  }
};
