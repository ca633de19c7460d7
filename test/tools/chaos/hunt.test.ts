import { rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { hunt } from '../../../tools/chaos/hunt/hunt.js';
import { installQuietRuntime } from '../../support/quiet-runtime.js';

it('every history replays and every onboarding ends while workers restart and queries run', async () => {
  installQuietRuntime();
  const result = await hunt({ seed: 4, server: 'dev', onboardings: 20, workerEnds: 4, tell: () => undefined });
  expect(result.findings, `logs and histories are in ${result.folder}`).toEqual([]);
  // Many more on a machine that is not busy.
  expect(result.queries).toBeGreaterThan(5 * result.onboardings);
  // Each onboarding has a second workflow for its callbacks.
  expect(result.replayed).toBeGreaterThan(2 * result.onboardings);
  await rm(result.folder, { recursive: true, force: true });
}, 240_000);
