import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { folderBatchStore } from '../../../activities/revalidation/files/store.js';
import { BatchClient } from '../../../client/index.js';
import type { Servers } from '../environment/servers.js';
import { usageOf } from '../environment/usage.js';
import type { Figures, Streamed } from '../results.js';

const POLL_INTERVAL_MS = 200;

const LINES_PER_CHUNK = 10_000;

/** Yields a file of ids in Verifik's format, none of which exists. */
async function* fileOf(ids: number): AsyncGenerator<Buffer> {
  yield Buffer.from('appRegistrationId\n');
  for (let from = 0; from < ids; from += LINES_PER_CHUNK) {
    const lines = Array.from(
      { length: Math.min(LINES_PER_CHUNK, ids - from) },
      (_, line) => `${(from + line).toString(16).padStart(24, '0')}\n`,
    );
    yield Buffer.from(lines.join(''));
  }
}

/** Returns the peak resident memory of a process until the promise is settled. */
const peakResidentBytes = async (pid: number, done: Promise<unknown>): Promise<number> => {
  let most = 0;
  let isDone = false;
  const ending = done.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    most = Math.max(most, (await usageOf(pid)).residentBytes);
    await Promise.race([pause(POLL_INTERVAL_MS), ending]);
  }
  return most;
};

const streamOne = async ({ temporal, worker, batchFolder }: Servers, ids: number): Promise<Streamed> => {
  const batches = new BatchClient(temporal);
  const batch = `bench-${randomUUID()}`;
  await folderBatchStore(batchFolder).putSource(batch, fileOf(ids));
  const began = performance.now();
  await batches.start({ mode: 'audit', source: { kind: 'file', format: 'csv' }, dryRun: true }, { batch });
  const result = batches.result(batch);
  const workerResidentBytes = await peakResidentBytes(worker().pid, result);
  const seconds = (performance.now() - began) / 1_000;
  const { total } = await result;
  if (total !== ids) throw new Error(`read ${total} ids instead of ${ids}`);
  return { ids, seconds, workerResidentBytes };
};

/** Measures the worker's memory while dry runs read files of the given sizes and write their reports. */
export const measureStream = async (servers: Servers, sizes: readonly number[]): Promise<Figures<'stream'>> => {
  const files: Streamed[] = [];
  for (const ids of sizes) files.push(await streamOne(servers, ids));
  return { files };
};
