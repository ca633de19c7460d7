import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

/**
 * All that tests and the processes they start write is in one folder, which goes when they are through. It stays where one has failed, for
 * the logs in it.
 */
export default (project: TestProject): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'onboarding-tests-'));
  // PostgreSQL, which never runs as root, has to get through to its own folder.
  chmodSync(folder, 0o711);
  // No test touches the keys with which this user develops.
  Object.assign(process.env, { TMPDIR: folder, XDG_DATA_HOME: join(folder, 'data') });
  return () => {
    if (project.vitest.state.getCountOfFailedTests() === 0)
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    else project.vitest.logger.log(`What the tests wrote is in ${folder}`);
  };
};
