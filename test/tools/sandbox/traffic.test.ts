import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../tools/sandbox/index.js';
import { Traffic } from '../../../tools/sandbox/traffic.js';
import { ask, inventPerson, openSandbox, registerApplicant, registrationOf } from './vendor.js';

/** Makes calls with the given gaps in ms. Returns each with its admission. */
const callsAfter = (gaps: readonly number[], limit: number) => {
  let now = 0;
  const traffic = new Traffic(() => now);
  const calls = gaps.map((gap) => {
    now += gap;
    return { at: now, isLetThrough: traffic.admit(limit) };
  });
  return { traffic, calls };
};

const mostWithin = (times: readonly number[], windowMs: number): number =>
  Math.max(0, ...times.map((end) => times.filter((time) => time > end - windowMs && time <= end).length));

describe('the traffic', () => {
  const gaps = fc.array(fc.oneof(fc.nat(50), fc.nat(1_500)), { maxLength: 300 });

  it('traffic measures its busiest 1 s and 10 s, and admits at most the limit in any second', () => {
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 20 }), (between, limit) => {
        const { traffic, calls } = callsAfter(between, limit);
        const times = calls.map(({ at }) => at);
        expect(traffic.busiest).toEqual({
          oneSecond: mostWithin(times, 1_000),
          tenSeconds: mostWithin(times, 10_000),
        });
        const letThrough = calls.filter(({ isLetThrough }) => isLetThrough).map(({ at }) => at);
        expect(mostWithin(letThrough, 1_000)).toBeLessThanOrEqual(limit);
        expect(traffic.refused).toBe(calls.length - letThrough.length);
        // A call below the limit is never refused.
        for (const { at } of calls.filter(({ isLetThrough }) => !isLetThrough))
          expect(letThrough.filter((time) => time > at - 1_000 && time <= at)).toHaveLength(limit);
      }),
    );
  });

  it('traffic restarts its measurement on request, and refuses nothing without a limit', () => {
    let now = 0;
    const traffic = new Traffic(() => now);
    for (let call = 0; call < 5_000; call += 1) {
      now += 1;
      expect(traffic.admit(0)).toBe(true);
    }
    expect(traffic.busiest).toEqual({ oneSecond: 1_000, tenSeconds: 5_000 });
    traffic.resetBusiest();
    expect(traffic.busiest).toEqual({ oneSecond: 0, tenSeconds: 0 });
    traffic.admit(0);
    expect(traffic.busiest).toEqual({ oneSecond: 1, tenSeconds: 1 });
    expect(traffic.refused).toBe(0);
  });
});

describe('the rate limit', () => {
  const create = (sandbox: Sandbox, index: number) =>
    ask(
      sandbox,
      sandbox.clientToken,
      'POST /app-registrations',
      registrationOf(sandbox, inventPerson(undefined, index)),
    );
  const createAtOnce = (sandbox: Sandbox, count: number) =>
    Promise.all(Array.from({ length: count }, (_, index) => create(sandbox, index)));

  it.each([
    ['seed', { error: expect.any(String), message: 'too_many_requests' }],
    ['later', { message: '429:too_many_requests', code: 'too_many_requests', status: 429 }],
    ['successFalse', { success: false, code: 'too_many_requests' }],
  ] as const)('calls above the limit get 429 with Retry-After, in the envelope %s', async (errorEnvelope, body) => {
    const sandbox = await openSandbox({ settings: { callsPerSecond: 2, errorEnvelope } });
    const answers = await createAtOnce(sandbox, 8);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) {
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(answer.body).toMatchObject(body);
    }
    expect(await sandbox.control.ledger()).toMatchObject({
      callsRefused: refused.length,
      registrationsCreated: answers.length - refused.length,
      calls: { 'POST /v2/app-registrations': 8 },
      busiest: { tenSeconds: 8 },
    });
    const statuses = (await sandbox.control.requests()).map(({ status }) => status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(refused.length);
  });

  it('a call above the rate limit does not use up a fault', async () => {
    const sandbox = await openSandbox({
      settings: { callsPerSecond: 1 },
      faults: [{ match: '*', kind: 'status', status: 503, after: 1, times: 1 }],
    });
    await createAtOnce(sandbox, 3);
    await sandbox.control.settings({ callsPerSecond: 0 });
    expect((await create(sandbox, 4)).status).toBe(503);
    expect((await create(sandbox, 4)).status).toBe(200);
  });

  it('calls of the sandbox’s own applicants count neither for the rate limit nor for busiest', async () => {
    const sandbox = await openSandbox();
    const { applicant } = await registerApplicant(sandbox);
    await sandbox.control.settings({ callsPerSecond: 2 });
    await sandbox.control.resetBusiest();
    for await (const { status } of applicant.goThrough()) expect(status).toMatch(/validated|completed/);
    expect(await sandbox.control.totals()).toMatchObject({ callsRefused: 0, busiest: { oneSecond: 0, tenSeconds: 0 } });
    expect((await ask(sandbox, sandbox.clientToken, 'GET /app-registrations')).status).toBe(200);
    expect((await sandbox.control.totals()).busiest).toEqual({ oneSecond: 1, tenSeconds: 1 });
  });
});
