import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflows, WORKFLOWS } from '../../worker/bundle.js';

const OTHERS = {
  'bad-build': new URL('./bad-build/workflows.ts', import.meta.url),
  'next-build': new URL('./next-build/workflows.ts', import.meta.url),
};

const writeBundle = async (name: string, workflowsPath: string): Promise<string> => {
  const path = join(mkdtempSync(join(tmpdir(), 'onboarding-bundle-')), `${name}.js`);
  writeFileSync(path, (await bundleWorkflows(workflowsPath)).code);
  return path;
};

let ofSources: Promise<string> | undefined;

/** Bundles the workflows from their sources, once for all test files of a process. Returns the file of the bundle. */
export const bundleSources = (): Promise<string> => {
  ofSources ??= writeBundle('workflows', WORKFLOWS);
  return ofSources;
};

/**
 * Bundles other workflow code, and returns the file of the bundle: `bad-build` breaks the histories of onboardings,
 * `next-build` has one additional command behind a patch.
 */
export const bundleBuild = (name: keyof typeof OTHERS): Promise<string> =>
  writeBundle(name, fileURLToPath(OTHERS[name]));
