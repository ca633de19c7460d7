import { dirname, join } from 'node:path';
import { vi } from 'vitest';
import { folderBatchStore } from '../../activities/revalidation/files/store.js';
import { BatchClient, type BatchRequestInput } from '../../client/index.js';
import { openRealServers, type RealServers } from './real-servers.js';

/** A batch whose worker was killed while it scanned, and has been replaced. */
export interface KilledBatch extends Pick<RealServers, 'sandbox' | 'temporal' | 'close'> {
  readonly batch: string;
  readonly ids: readonly string[];
  readonly batches: BatchClient;
  readonly store: ReturnType<typeof folderBatchStore>;
}

const COUNT = 60;

/** For hooks, in which `expect.poll` is not available. */
const until = (isSo: () => Promise<boolean>) => vi.waitUntil(isSo, { timeout: 60_000 });

/**
 * Starts a batch on servers of its own, kills its worker during a chunk, and resolves when another worker has completed
 * the scan. The other worker takes over the calls that were under way, within 15 s.
 */
export const openKilledBatch = async (request: Omit<BatchRequestInput, 'source'>): Promise<KilledBatch> => {
  const { sandbox, temporal, logFile, startWorker, close } = await openRealServers();
  await sandbox.control.population({ count: COUNT });
  const ids = await sandbox.control.ids();
  const batches = new BatchClient(temporal);
  const batch = 'killed';
  const worker = await startWorker({ callsPerSecond: 500 });
  await batches.start({ ...request, source: { kind: 'ids', ids } }, { batch });
  await until(async () => (await batches.progress(batch)).scan.position.taken > 10);
  await worker.kill();
  await startWorker({ callsPerSecond: 500 });
  await until(async () => (await batches.progress(batch)).status === 'waiting');
  return { sandbox, temporal, batch, ids, batches, store: folderBatchStore(join(dirname(logFile), 'batches')), close };
};
