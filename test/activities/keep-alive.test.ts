import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { keptAlive } from '../../activities/keep-alive.js';

/** An activity that runs until its environment has had this many heartbeats. */
const untilBeats = async (info: { heartbeatTimeoutMs?: number; heartbeatDetails?: unknown }, beats: number) => {
  const seen: unknown[] = [];
  const environment = new MockActivityEnvironment(info);
  const enough = new Promise<void>((resolve) => {
    if (beats === 0) resolve();
    environment.on('heartbeat', (details: unknown) => {
      seen.push(details);
      if (seen.length === beats) resolve();
    });
  });
  await environment.run(
    keptAlive(async () => enough),
    undefined,
  );
  return seen;
};

describe('an activity that is kept alive', () => {
  it('heartbeats while it runs, with what its last attempt reported', async () => {
    expect(await untilBeats({ heartbeatTimeoutMs: 30, heartbeatDetails: 2 }, 3)).toEqual([2, 2, 2]);
  });

  it('sends no heartbeat if it ends soon, or has no heartbeat timeout', async () => {
    expect(await untilBeats({ heartbeatTimeoutMs: 60_000 }, 0)).toEqual([]);
    expect(await untilBeats({}, 0)).toEqual([]);
  });
});
