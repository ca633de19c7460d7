import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BatchClient, type BatchRequestInput, BatchSchedules } from '../../client/index.js';
import { BATCH_PRIORITY, workflowIdOfBatch } from '../../contract/revalidation.js';
import { DAY_MS } from '../../shared/time.js';
import { openRealServers, type RealServers } from '../e2e/real-servers.js';

let real: RealServers;
let batches: BatchClient;
let everybody: readonly string[];

const MANY = 240;

beforeAll(async () => {
  real = await openRealServers();
  batches = new BatchClient(real.temporal);
  await real.sandbox.control.population({ count: MANY, drift: { failed: 3, expired: 2, forgotten: 1 } });
  everybody = await real.sandbox.control.ids();
  await real.startWorker({ callsPerSecond: 500, contactKey: 'a-key-for-the-tests' });
});

afterAll(() => real?.close());

const listed = (): BatchRequestInput => ({
  mode: 'audit',
  source: { kind: 'list', project: real.sandbox.project },
  callsPerSecond: 100,
});

const byIds = (change: Partial<BatchRequestInput> = {}): BatchRequestInput => ({
  mode: 'audit',
  source: { kind: 'ids', ids: everybody },
  callsPerSecond: 20,
  ...change,
});

const asked = (ids: readonly string[]): BatchRequestInput => ({
  mode: 'reverify',
  source: { kind: 'ids', ids },
  checks: ['email'],
  tariff: { email: 3 },
  deadlineMs: DAY_MS,
  callsPerSecond: 100,
});

const taken = async (batch: string) => (await batches.progress(batch)).walked.position.taken;

describe('a batch', () => {
  it('ends with what it found, and is the same batch when it is started again', async () => {
    const started = { batch: 'found', workflowId: 'revalidation-found' };
    expect(await batches.start(listed(), { batch: 'found' })).toEqual({ ...started, existed: false });
    expect(await batches.start(listed(), { batch: 'found' })).toEqual({ ...started, existed: true });
    const result = await batches.result('found');
    // One of them is gone, and not in the list any more.
    expect(result).toMatchObject({ batch: 'found', mode: 'audit', dryRun: false, total: MANY - 1 });
    expect(result.results).toEqual({ untracked: MANY - 3, expired: 2 });
    expect(await batches.start(listed(), { batch: 'found' })).toEqual({ ...started, existed: true });
    expect(await batches.progress('found')).toMatchObject({ status: 'ended', walked: { counts: { total: MANY - 1 } } });
  });

  it('is not another one: its id with another request is refused, while it runs and afterwards', async () => {
    const refused = { type: 'OtherRequest' };
    await batches.start(byIds(), { batch: 'own' });
    await expect(batches.start(byIds({ callsPerSecond: 21 }), { batch: 'own' })).rejects.toMatchObject(refused);
    await batches.cancel('own', { onboardings: 'keep' });
    await batches.result('own');
    await expect(batches.start(listed(), { batch: 'own' })).rejects.toMatchObject(refused);
  });

  it('tells within a leg how far it is, how fast, and how long it will take', async () => {
    await batches.start(byIds(), { batch: 'far' });
    await expect.poll(() => taken('far')).toBeGreaterThan(20);
    const standing = await batches.progress('far');
    expect(standing).toMatchObject({ status: 'walking', callsPerSecond: 20, walked: { of: MANY } });
    expect(standing.walked.counts.total).toBe(standing.walked.position.taken);
    expect(standing.walked.position.taken).toBeLessThan(MANY);
    expect(standing.takenPerSecond).toBeLessThan(30);
    const left = ((MANY - standing.walked.position.taken) / (standing.takenPerSecond ?? 0)) * 1_000;
    // Less what has passed since it was that far.
    const { at = 0 } = standing.walked;
    expect(standing.timeLeftMs).toBeLessThanOrEqual(Math.ceil(left));
    expect(standing.timeLeftMs).toBeGreaterThanOrEqual(Math.floor(left - (Date.now() - at)) - 1);
    // No leg has ended: the workflow itself knows of none of them.
    const handle = real.temporal.workflow.getHandle(workflowIdOfBatch('far'));
    expect(await handle.query('batch')).toMatchObject({ walked: { position: { taken: 0 } } });
    await batches.cancel('far', { onboardings: 'keep' });
  });

  it('is held where it is, goes on from there, and takes another rate', async () => {
    await batches.start(byIds(), { batch: 'held' });
    await expect.poll(() => taken('held')).toBeGreaterThan(5);
    await batches.pause('held');
    await expect.poll(async () => (await batches.progress('held')).status).toBe('paused');
    // The leg that was under way has ended, so that nothing is asked of Verifik any more.
    const legs = async () =>
      (await real.temporal.workflow.getHandle(workflowIdOfBatch('held')).describe()).raw.pendingActivities?.length;
    await expect.poll(legs).toBe(0);
    const held = await batches.progress('held');
    expect(held.timeLeftMs).toBeUndefined();
    expect(held.walked.position.taken).toBeGreaterThan(5);
    expect(held.walked.position.taken).toBeLessThan(MANY);
    expect(await batches.changeRate('held', 400)).toMatchObject({ callsPerSecond: 400 });
    await batches.resume('held');
    const { total, results } = await batches.result('held');
    expect(total).toBe(MANY);
    expect(results).toMatchObject({ gone: 1 });
  });

  it('that is cancelled tells what it did until then, and can be told nothing more', async () => {
    await batches.start(byIds({ callsPerSecond: 10 }), { batch: 'cancelled' });
    await expect.poll(() => taken('cancelled')).toBeGreaterThan(2);
    await batches.cancel('cancelled', { onboardings: 'keep' });
    const result = await batches.result('cancelled');
    expect(result).toMatchObject({ stopped: 'cancelled' });
    expect(result.total).toBeGreaterThan(2);
    expect(result.total).toBeLessThan(MANY);
    const ended = { type: 'Ended' };
    await expect(batches.pause('cancelled')).rejects.toMatchObject(ended);
    await expect(batches.resume('cancelled')).rejects.toMatchObject(ended);
    await expect(batches.changeRate('cancelled', 1)).rejects.toMatchObject(ended);
    await expect(batches.cancel('cancelled', { onboardings: 'keep' })).rejects.toMatchObject(ended);
  });

  it('of a reverify says how the onboardings stand that it has begun, and withdraws them when it is told so', async () => {
    await batches.start(asked(everybody.slice(50, 60)), { batch: 'asked' });
    await expect
      .poll(() => batches.progress('asked'))
      .toMatchObject({ status: 'waiting', onboardings: { running: 10 }, walked: { counts: { credits: 30 } } });
    await batches.cancel('asked', { onboardings: 'withdraw' });
    expect(await batches.result('asked')).toMatchObject({
      stopped: 'cancelled',
      onboardings: { withdrawn: 10, running: 0 },
      results: { begun: 10 },
    });
  });

  it('can be found by where it stands, and says so without a worker', async () => {
    await batches.start(byIds({ callsPerSecond: 1, dryRun: false }), { batch: 'listed' });
    const ofStatus = async (filter: Parameters<typeof batches.list>[0]) => {
      const found = [];
      for await (const one of batches.list(filter)) found.push(one);
      return found.filter(({ batch }) => batch === 'listed');
    };
    const running = { batch: 'listed', mode: 'audit', status: 'walking', execution: 'RUNNING', dryRun: false };
    await expect.poll(() => ofStatus({ running: true })).toMatchObject([running]);
    expect(await ofStatus({ status: 'paused' })).toEqual([]);
    expect(await ofStatus({ running: false })).toEqual([]);
    expect(await batches.find('listed')).toMatchObject(running);
    await batches.cancel('listed', { onboardings: 'keep' });
    await expect.poll(() => ofStatus({ running: false })).toMatchObject([{ status: 'cancelled' }]);
    expect((await ofStatus({}))[0]?.endedAt?.getTime()).toBeGreaterThan(0);
  });

  it('comes after live traffic, and says in words what it is to do', async () => {
    await batches.start(asked(everybody.slice(0, 2)), { batch: 'worded' });
    const description = await real.temporal.workflow.getHandle(workflowIdOfBatch('worded')).describe();
    expect(description.priority).toMatchObject({ priorityKey: BATCH_PRIORITY, fairnessKey: 'worded' });
    expect(await description.staticSummary()).toBe('Re-validation, reverify: email');
    expect(await description.staticDetails()).toContain('Walks over 2 registrations.');
    await batches.cancel('worded', { onboardings: 'withdraw' });
  });

  it.each([
    ['batch', 'an id', {}],
    ['callsPerSecond', 'wrong', { callsPerSecond: 0 }],
    ['checks', 'wrong', { mode: 'reverify' }],
    ['source.ids', 'wrong', { source: { kind: 'ids', ids: [] } }],
  ] as const)('that is asked for wrongly names the field %s and is not started', async (field, batch, change) => {
    await expect(batches.start({ ...byIds(), ...change }, { batch })).rejects.toMatchObject({
      type: 'InvalidRequest',
      fields: [{ field }],
    });
    expect(await batches.find(batch)).toBeUndefined();
  });

  it('that nobody has started is told so by all that is asked of it', async () => {
    const none = { type: 'NotFound', message: 'there is no batch of this id' };
    await expect(batches.progress('nobody')).rejects.toMatchObject(none);
    await expect(batches.pause('nobody')).rejects.toMatchObject(none);
    await expect(batches.changeRate('nobody', 1)).rejects.toMatchObject(none);
    await expect(batches.cancel('nobody', { onboardings: 'keep' })).rejects.toMatchObject(none);
    await expect(batches.result('nobody')).rejects.toMatchObject(none);
    await expect(batches.result('nobody', { timeoutMs: 1_000 })).rejects.toMatchObject(none);
    await expect(batches.changeRate('nobody', -1)).rejects.toMatchObject({ type: 'InvalidRequest' });
  });

  it('whose id is as long as it may be is a batch like any other', async () => {
    const batch = 'b'.repeat(80);
    await batches.start(asked(everybody.slice(60, 61)), { batch });
    await expect.poll(() => batches.progress(batch)).toMatchObject({ status: 'waiting' });
    await batches.cancel(batch, { onboardings: 'withdraw' });
    expect(await batches.result(batch)).toMatchObject({ onboardings: { withdrawn: 1 } });
  });

  it('that a schedule begins is a batch like any other', async () => {
    const schedules = new BatchSchedules(real.temporal);
    await schedules.create({ schedule: 'yearly', cron: '@yearly', request: listed() });
    await schedules.trigger('yearly');
    await expect.poll(async () => (await schedules.describe('yearly')).last).toHaveLength(1);
    const [begun] = (await schedules.describe('yearly')).last;
    expect(begun?.batch).toMatch(/^yearly-\d{4}-\d\d-\d\dT\d{6}Z$/);
    expect(await batches.result(begun?.batch ?? '')).toMatchObject({ batch: begun?.batch, total: MANY - 1 });
  });
});
