import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { folderBatchStore } from '../../../activities/revalidation/files/store.js';
import { BatchClient } from '../../../client/index.js';
import type { Stream, Streamed } from '../results.js';
import type { Servers } from '../setting/servers.js';
import { usageOf } from '../setting/usage.js';

const LOOK_AGAIN_MS = 200;

const LINES_A_CHUNK = 10_000;

/** A file of ids as Verifik makes them, of nobody's. */
async function* fileOf(ids: number): AsyncGenerator<Buffer> {
  yield Buffer.from('appRegistrationId\n');
  for (let from = 0; from < ids; from += LINES_A_CHUNK) {
    const lines = Array.from(
      { length: Math.min(LINES_A_CHUNK, ids - from) },
      (_, line) => `${(from + line).toString(16).padStart(24, '0')}\n`,
    );
    yield Buffer.from(lines.join(''));
  }
}

/** The most that a process had resident until it was done. */
const mostResident = async (pid: number, done: Promise<unknown>): Promise<number> => {
  let most = 0;
  let isDone = false;
  const ending = done.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    most = Math.max(most, (await usageOf(pid)).residentBytes);
    await Promise.race([pause(LOOK_AGAIN_MS), ending]);
  }
  await ending;
  return most;
};

const streamOne = async ({ temporal, worker, batchFolder }: Servers, ids: number): Promise<Streamed> => {
  const batches = new BatchClient(temporal);
  const batch = `bench-${randomUUID()}`;
  await folderBatchStore(batchFolder).putSource(batch, fileOf(ids));
  const began = performance.now();
  await batches.start({ mode: 'audit', source: { kind: 'file', format: 'csv' }, dryRun: true }, { batch });
  const result = batches.result(batch);
  const workerResidentBytes = await mostResident(worker().pid, result);
  const seconds = (performance.now() - began) / 1_000;
  const { total } = await result;
  if (total !== ids) throw new Error(`of ${ids} ids ${total} were read`);
  return { ids, seconds, workerResidentBytes };
};

/** What files of so many ids take of the worker's memory, while a dry run reads them and writes its report. The smallest comes first. */
export const measureStream = async (servers: Servers, sizes: readonly number[]): Promise<Stream> => {
  const files: Streamed[] = [];
  for (const ids of sizes) files.push(await streamOne(servers, ids));
  return { files };
};
