import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dependencies } from '../../activities/index.js';
import { folderBatchStore } from '../../activities/revalidation/files/store.js';

/** What activities are given for batches: a folder of their own, and a rate that is in nobody's way. */
export const someBatches = (): Dependencies['batches'] => ({
  store: folderBatchStore(mkdtempSync(join(tmpdir(), 'onboarding-batches-'))),
  fleetCallsPerSecond: 1_000,
});
