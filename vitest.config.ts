import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Servers and workers are real processes: files share the cores with them.
    maxWorkers: 2,
    testTimeout: 60_000,
    expect: { poll: { timeout: 20_000, interval: 50 } },
    hookTimeout: 120_000,
    reporters: ['default'],
  },
});
