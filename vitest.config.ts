import { defineConfig } from 'vitest/config';
import { SlowestFirst } from './test/support/slowest-first.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/temporary-folder.ts',
    // The shell's would apply to the tests and their processes.
    env: { NODE_ENV: 'test' },
    // Many files mostly wait for servers and workers, which are real processes: a fourth file at once would make two
    // cores so busy that servers miss their deadlines.
    maxWorkers: 3,
    sequence: { sequencer: SlowestFirst },
    // Files share what they import, which none of them changes: each would spend a second on importing the SDK again.
    isolate: false,
    // Concurrent tests mostly wait.
    maxConcurrency: 10,
    testTimeout: 120_000,
    expect: { poll: { timeout: 30_000, interval: 50 } },
    hookTimeout: 120_000,
    reporters: ['default'],
  },
});
