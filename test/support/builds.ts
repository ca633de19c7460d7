import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflows } from '../../worker/bundle.js';

const WORKFLOWS = {
  'bad-build': new URL('./bad-build/workflows.ts', import.meta.url),
  'next-build': new URL('./next-build/workflows.ts', import.meta.url),
};

/**
 * Bundles other workflow code, and returns the file of the bundle: `bad-build` breaks the histories of onboardings,
 * `next-build` has one additional command behind a patch.
 */
export const bundleBuild = async (name: keyof typeof WORKFLOWS): Promise<string> => {
  const path = join(mkdtempSync(join(tmpdir(), 'onboarding-bundle-')), `${name}.js`);
  writeFileSync(path, (await bundleWorkflows(fileURLToPath(WORKFLOWS[name]))).code);
  return path;
};
