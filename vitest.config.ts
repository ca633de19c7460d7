import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // No test touches the keys with which this user develops.
    env: { XDG_DATA_HOME: mkdtempSync(join(tmpdir(), 'onboarding-tests-')) },
    // Servers and workers are real processes, which files share the cores with; and which they wait for, a third of the time.
    maxWorkers: 3,
    testTimeout: 60_000,
    expect: { poll: { timeout: 20_000, interval: 50 } },
    hookTimeout: 120_000,
    reporters: ['default'],
  },
});
