import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { countingBy, showCounts } from '../../gateway/counts.js';
import { openTemporal, type TemporalAlone } from './temporal.js';

/** Two single counts, four of waiting onboardings, two of reviews and six of the last hour. */
const ALL = 14;

const shown = async (registry: Registry): Promise<readonly string[]> =>
  (await registry.metrics()).split('\n').filter((line) => line.startsWith('gateway_onboardings'));

describe('the counts of onboardings', () => {
  let alone: TemporalAlone;

  beforeAll(async () => {
    alone = await openTemporal();
  });

  afterAll(() => alone.close());

  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** Stops the clock, which advances only by the given minutes. */
  const clock = (): { pass(ms: number): void } => {
    let now = Date.now();
    vi.spyOn(Date, 'now').mockImplementation(() => now);
    return {
      pass: (ms) => {
        now += ms;
      },
    };
  };

  it('come from queries that Temporal accepts', async () => {
    const registry = new Registry();
    showCounts(registry, countingBy(alone.temporal));
    await expect
      .poll(() => shown(registry))
      .toEqual([
        'gateway_onboardings_running 0',
        'gateway_onboardings_stuck 0',
        'gateway_onboardings_waiting{on="registering"} 0',
        'gateway_onboardings_waiting{on="unconfirmed"} 0',
        'gateway_onboardings_waiting{on="inReview"} 0',
        'gateway_onboardings_waiting{on="applicant"} 0',
        'gateway_onboardings_in_review{due="later"} 0',
        'gateway_onboardings_in_review{due="overdue"} 0',
        'gateway_onboardings_last_hour{what="started"} 0',
        'gateway_onboardings_last_hour{what="verified"} 0',
        'gateway_onboardings_last_hour{what="rejected"} 0',
        'gateway_onboardings_last_hour{what="expired"} 0',
        'gateway_onboardings_last_hour{what="withdrawn"} 0',
        'gateway_onboardings_last_hour{what="failed"} 0',
      ]);
  });

  it('are taken once a minute, however often they are scraped', async () => {
    const { pass } = clock();
    const registry = new Registry();
    const count = vi.fn(async () => 7);
    showCounts(registry, { count, stuck: count });
    await expect.poll(() => shown(registry)).toHaveLength(ALL);
    expect(count).toHaveBeenCalledTimes(ALL);
    pass(59_000);
    await Promise.all([shown(registry), shown(registry)]);
    expect(count).toHaveBeenCalledTimes(ALL);
    pass(1_000);
    await Promise.all([shown(registry), shown(registry)]);
    await expect.poll(() => count.mock.calls.length).toBe(2 * ALL);
    expect(await shown(registry)).toContain('gateway_onboardings_running 7');
  });

  it('are not shown while Temporal does not answer', async () => {
    const { pass } = clock();
    const registry = new Registry();
    let answers = true;
    const count = async () => {
      if (answers) return 1;
      throw new Error('unavailable');
    };
    showCounts(registry, { count, stuck: count });
    await expect.poll(() => shown(registry)).toHaveLength(ALL);
    answers = false;
    pass(60_000);
    await expect.poll(() => shown(registry)).toEqual([]);
    answers = true;
    pass(60_000);
    await expect.poll(() => shown(registry)).toHaveLength(ALL);
  });
});
