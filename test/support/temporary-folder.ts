import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { withoutSettings } from '../../shared/config.js';

/** Returns the folder of the bundles that a test run has made. */
export const bundlesIn = (folder: string): string => join(folder, 'bundles');

/**
 * Creates a temporary folder for all files of the tests and their processes. It is deleted after the tests, unless one
 * has failed.
 */
export default (project: TestProject): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'onboarding-tests-'));
  // PostgreSQL does not run as root and needs access to its own folder inside.
  chmodSync(folder, 0o711);
  // Tests must use neither the developer's settings nor keys.
  const env = withoutSettings(process.env);
  for (const name of Object.keys(process.env)) if (env[name] === undefined) delete process.env[name];
  Object.assign(process.env, env, { TMPDIR: folder, XDG_DATA_HOME: join(folder, 'data') });
  // While Vitest watches, the sources change.
  project.onTestsRerun(() => rmSync(bundlesIn(folder), { recursive: true, force: true }));
  return () => {
    if (project.vitest.state.getCountOfFailedTests() === 0)
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    else project.vitest.logger.log(`The files of the tests are in ${folder}`);
  };
};
