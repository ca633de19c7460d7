import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../worker/config.js';
import { cachedWorkflowsOf } from '../../worker/tuning.js';

const MIB = 2 ** 20;

const given = (env: Record<string, string>) => readConfig({ VERIFIK_CLIENT_TOKEN: 'a-client-token', ...env });

const wrong = (env: Record<string, string>) => {
  const read = given(env);
  return E.isLeft(read) ? read.left.map(({ field, expected }) => `${field}: ${expected}`) : [];
};

const cached = (processMib: number, heapMib: number, cacheMb?: number) =>
  cachedWorkflowsOf({ cacheMb, maxCachedWorkflows: undefined }, { process: processMib * MIB, heap: heapMib * MIB });

describe('the cache of a worker', () => {
  it('by default leaves a part of the memory limit free, and fits into the heap of the workflow thread', () => {
    expect(cached(1_536, 4_144)).toEqual(E.right(2_144));
    expect(cached(24_000, 4_144)).toEqual(E.right(7_772));
    expect(cached(256, 4_144)).toEqual(E.right(10));
  });

  it('has the size that is set in MB', () => {
    expect(cached(1_536, 4_144, 200)).toEqual(E.right(500));
  });

  it('is refused if the heap cannot hold it', () => {
    const env = { ONBOARDING_CACHE_MB: '900000' };
    expect(wrong(env)).toEqual([
      expect.stringMatching(/^ONBOARDING_CACHE_MB: at most \d+ MB, as Node's heap is limited: .*--max-old-space-size$/),
    ]);
    expect(wrong({ ONBOARDING_CACHE_MB: '100', ONBOARDING_MAX_CACHED_WORKFLOWS: '100' })).toEqual([
      'ONBOARDING_CACHE_MB or ONBOARDING_MAX_CACHED_WORKFLOWS: one of the two, not both',
    ]);
  });
});

describe('the slots of a worker', () => {
  it('follow the load if a target is set', () => {
    expect(given({ ONBOARDING_TARGET_CPU_PERCENT: '90' })).toMatchObject({
      right: { slots: { kind: 'byLoad', targetCpuUsage: 0.9, targetMemoryUsage: 0.8 } },
    });
  });

  it('are refused if they are both fixed and by load', () => {
    const env = { ONBOARDING_TARGET_MEMORY_PERCENT: '70', ONBOARDING_ACTIVITY_SLOTS: '50' };
    expect(wrong(env)).toEqual([
      'ONBOARDING_ACTIVITY_SLOTS: no fixed number together with ONBOARDING_TARGET_CPU_PERCENT or ONBOARDING_TARGET_MEMORY_PERCENT',
    ]);
  });
});
