import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflows, WORKFLOWS } from '../../worker/bundle.js';
import { bundlesIn } from './temporary-folder.js';

const SOURCES = {
  sources: WORKFLOWS,
  'bad-build': fileURLToPath(new URL('./bad-build/workflows.ts', import.meta.url)),
  'next-build': fileURLToPath(new URL('./next-build/workflows.ts', import.meta.url)),
};

const POLL_INTERVAL_MS = 200;

/**
 * Bundles workflow code, and returns the file of the bundle: `sources` is the code of this repository, `bad-build`
 * breaks the histories of onboardings, `next-build` has one additional command behind a patch. A bundle takes five
 * seconds of a core, so the processes of a test run make each only once, in the run's temporary folder.
 */
export const bundleBuild = async (name: keyof typeof SOURCES): Promise<string> => {
  const folder = join(bundlesIn(tmpdir()), name);
  const path = join(folder, 'workflows.js');
  await mkdir(dirname(folder), { recursive: true });
  const isFirst = await mkdir(folder).then(
    () => true,
    () => false,
  );
  if (isFirst) {
    await writeFile(`${path}.part`, (await bundleWorkflows(SOURCES[name])).code);
    await rename(`${path}.part`, path);
  }
  while (!existsSync(path)) await pause(POLL_INTERVAL_MS);
  return path;
};
