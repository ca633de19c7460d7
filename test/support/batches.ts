import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dependencies } from '../../activities/index.js';
import { folderBatchStore } from '../../activities/revalidation/files/store.js';

/** Creates the batch dependencies of activities: a temporary folder, and a rate limit that tests do not reach. */
export const someBatches = (): Dependencies['batches'] => ({
  store: folderBatchStore(mkdtempSync(join(tmpdir(), 'onboarding-batches-'))),
  totalCallsPerSecond: 1_000,
});
