import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BatchClient, type BatchRequestInput, BatchSchedules } from '../../../client/index.js';
import { BATCH_PRIORITY, workflowIdOfBatch } from '../../../contract/revalidation.js';
import { DAY_MS } from '../../../shared/time.js';
import { openRealServers, type RealServers } from '../../e2e/real-servers.js';

let real: RealServers;
let batches: BatchClient;
let allIds: readonly string[];

const MANY = 240;

beforeAll(async () => {
  real = await openRealServers();
  batches = new BatchClient(real.temporal);
  await real.sandbox.control.population({ count: MANY, drift: { failed: 3, expired: 2, forgotten: 1 } });
  allIds = await real.sandbox.control.ids();
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
  source: { kind: 'ids', ids: allIds },
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

const taken = async (batch: string) => (await batches.progress(batch)).scan.position.taken;

describe('a batch', () => {
  it('whose folder cannot be written says so, and can be cancelled', async () => {
    const folder = join(dirname(real.logFile), 'batches');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'blocked'), 'in the way');
    await batches.start(byIds(), { batch: 'blocked' });
    const problem = expect.stringMatching(
      /folder that can be written to \(EEXIST\)\. Check ONBOARDING_BATCH_FOLDER\.$/,
    );
    await expect.poll(() => batches.progress('blocked')).toMatchObject({ status: 'scanning', problem });
    await batches.cancel('blocked', { onboardings: 'keep' });
    expect(await batches.result('blocked')).toMatchObject({ stopped: 'cancelled', total: 0 });
    expect(await batches.progress('blocked')).toMatchObject({ status: 'cancelled', problem });
  });

  it('ends with its findings, and is not started again by the same request', async () => {
    const started = { batch: 'found', workflowId: 'revalidation-found' };
    expect(await batches.start(listed(), { batch: 'found' })).toEqual({ ...started, existed: false });
    expect(await batches.start(listed(), { batch: 'found' })).toEqual({ ...started, existed: true });
    const result = await batches.result('found');
    // Verifik no longer lists the forgotten registration.
    expect(result).toMatchObject({ batch: 'found', mode: 'audit', dryRun: false, total: MANY - 1 });
    expect(result.results).toEqual({ unknownHere: MANY - 3, expired: 2 });
    expect(await batches.start(listed(), { batch: 'found' })).toEqual({ ...started, existed: true });
    expect(await batches.progress('found')).toMatchObject({ status: 'ended', scan: { counts: { total: MANY - 1 } } });
  });

  it('rejects a different request under its id, while it runs and afterwards', async () => {
    const refused = { type: 'RequestMismatch', fields: [{ field: 'callsPerSecond' }] };
    await batches.start(byIds(), { batch: 'own' });
    await expect(batches.start(byIds({ callsPerSecond: 21 }), { batch: 'own' })).rejects.toMatchObject(refused);
    await batches.cancel('own', { onboardings: 'keep' });
    await batches.result('own');
    await expect(batches.start(listed(), { batch: 'own' })).rejects.toMatchObject({ type: 'RequestMismatch' });
  });

  it('reports its position, its rate and the time left during a chunk', async () => {
    await batches.start(byIds(), { batch: 'far' });
    await expect.poll(() => taken('far')).toBeGreaterThan(20);
    const progress = await batches.progress('far');
    expect(progress).toMatchObject({ status: 'scanning', callsPerSecond: 20, scan: { of: MANY } });
    expect(progress.scan.counts.total).toBe(progress.scan.position.taken);
    expect(progress.scan.position.taken).toBeLessThan(MANY);
    expect(progress.takenPerSecond).toBeLessThan(30);
    const left = ((MANY - progress.scan.position.taken) / (progress.takenPerSecond ?? 0)) * 1_000;
    // The time since the last heartbeat is subtracted.
    const { at = 0 } = progress.scan;
    expect(progress.timeLeftMs).toBeLessThanOrEqual(Math.ceil(left));
    expect(progress.timeLeftMs).toBeGreaterThanOrEqual(Math.floor(left - (Date.now() - at)) - 1);
    // No chunk has ended, so the workflow's own position is still 0.
    const handle = real.temporal.workflow.getHandle(workflowIdOfBatch('far'));
    expect(await handle.query('batch')).toMatchObject({ scan: { position: { taken: 0 } } });
    await batches.cancel('far', { onboardings: 'keep' });
  });

  it('pauses at its position, continues from there, and accepts another rate', async () => {
    await batches.start(byIds(), { batch: 'held' });
    await expect.poll(() => taken('held')).toBeGreaterThan(5);
    await batches.pause('held');
    await expect.poll(async () => (await batches.progress('held')).status).toBe('paused');
    // The chunk in progress has ended, so there are no further calls to Verifik.
    const pendingChunks = async () =>
      (await real.temporal.workflow.getHandle(workflowIdOfBatch('held')).describe()).raw.pendingActivities?.length;
    await expect.poll(pendingChunks).toBe(0);
    const held = await batches.progress('held');
    expect(held.timeLeftMs).toBeUndefined();
    expect(held.scan.position.taken).toBeGreaterThan(5);
    expect(held.scan.position.taken).toBeLessThan(MANY);
    expect(await batches.changeRate('held', 400)).toMatchObject({ callsPerSecond: 400 });
    await batches.resume('held');
    const { total, results } = await batches.result('held');
    expect(total).toBe(MANY);
    expect(results).toMatchObject({ notFound: 1 });
  });

  it('returns its results until then when it is cancelled, and rejects further calls', async () => {
    await batches.start(byIds({ callsPerSecond: 10 }), { batch: 'cancelled' });
    await expect.poll(() => taken('cancelled')).toBeGreaterThan(2);
    await batches.cancel('cancelled', { onboardings: 'keep' });
    const result = await batches.result('cancelled');
    expect(result).toMatchObject({ stopped: 'cancelled' });
    expect(result.total).toBeGreaterThan(2);
    expect(result.total).toBeLessThan(MANY);
    const ended = { type: 'AlreadyEnded' };
    await expect(batches.pause('cancelled')).rejects.toMatchObject(ended);
    await expect(batches.resume('cancelled')).rejects.toMatchObject(ended);
    await expect(batches.changeRate('cancelled', 1)).rejects.toMatchObject(ended);
    await expect(batches.cancel('cancelled', { onboardings: 'keep' })).rejects.toMatchObject(ended);
  });

  it('counts the onboardings of a reverify, and withdraws them on request', async () => {
    await batches.start(asked(allIds.slice(50, 60)), { batch: 'asked' });
    await expect
      .poll(() => batches.progress('asked'))
      .toMatchObject({ status: 'waiting', onboardings: { running: 10 }, scan: { counts: { credits: 30 } } });
    await batches.cancel('asked', { onboardings: 'withdraw' });
    expect(await batches.result('asked')).toMatchObject({
      stopped: 'cancelled',
      onboardings: { withdrawn: 10, running: 0 },
      results: { started: 10 },
    });
  });

  it('is listed by its status, and found without a worker', async () => {
    await batches.start(byIds({ callsPerSecond: 1, dryRun: false }), { batch: 'listed' });
    const ofStatus = async (filter: Parameters<typeof batches.list>[0]) => {
      const found = [];
      for await (const one of batches.list(filter)) found.push(one);
      return found.filter(({ batch }) => batch === 'listed');
    };
    const running = { batch: 'listed', mode: 'audit', status: 'scanning', execution: 'RUNNING', dryRun: false };
    await expect.poll(() => ofStatus({ running: true })).toMatchObject([running]);
    expect(await ofStatus({ status: 'paused' })).toEqual([]);
    expect(await ofStatus({ running: false })).toEqual([]);
    expect(await batches.find('listed')).toMatchObject(running);
    await batches.cancel('listed', { onboardings: 'keep' });
    await expect.poll(() => ofStatus({ running: false })).toMatchObject([{ status: 'cancelled' }]);
    expect((await ofStatus({}))[0]?.endedAt?.getTime()).toBeGreaterThan(0);
  });

  it('has a lower priority than live traffic, and describes its request', async () => {
    await batches.start(asked(allIds.slice(0, 2)), { batch: 'worded' });
    const description = await real.temporal.workflow.getHandle(workflowIdOfBatch('worded')).describe();
    expect(description.priority).toMatchObject({ priorityKey: BATCH_PRIORITY, fairnessKey: 'worded' });
    expect(await description.staticSummary()).toBe('Re-validation, reverify: email');
    expect(await description.staticDetails()).toContain('Scans 2 registrations.');
    await batches.cancel('worded', { onboardings: 'withdraw' });
  });

  it.each([
    ['batch', 'an id', {}],
    ['callsPerSecond', 'wrong', { callsPerSecond: 0 }],
    ['checks', 'wrong', { mode: 'reverify' }],
    ['source.ids', 'wrong', { source: { kind: 'ids', ids: [] } }],
  ] as const)(
    'is not started by a request with a wrong %s, and the error names the field',
    async (field, batch, change) => {
      await expect(batches.start({ ...byIds(), ...change }, { batch })).rejects.toMatchObject({
        type: 'InvalidRequest',
        fields: [{ field }],
      });
      expect(await batches.find(batch)).toBeUndefined();
    },
  );

  it('fails every call with NotFound if it does not exist', async () => {
    const notFound = { type: 'NotFound', message: 'there is no batch with this id' };
    await expect(batches.progress('nobody')).rejects.toMatchObject(notFound);
    await expect(batches.pause('nobody')).rejects.toMatchObject(notFound);
    await expect(batches.changeRate('nobody', 1)).rejects.toMatchObject(notFound);
    await expect(batches.cancel('nobody', { onboardings: 'keep' })).rejects.toMatchObject(notFound);
    await expect(batches.result('nobody')).rejects.toMatchObject(notFound);
    await expect(batches.result('nobody', { timeoutMs: 1_000 })).rejects.toMatchObject(notFound);
    await expect(batches.changeRate('nobody', -1)).rejects.toMatchObject({ type: 'InvalidRequest' });
  });

  it('can have an id of the maximum length', async () => {
    const batch = 'b'.repeat(80);
    await batches.start(asked(allIds.slice(60, 61)), { batch });
    await expect.poll(() => batches.progress(batch)).toMatchObject({ status: 'waiting' });
    await batches.cancel(batch, { onboardings: 'withdraw' });
    expect(await batches.result(batch)).toMatchObject({ onboardings: { withdrawn: 1 } });
  });

  it('can be started by a schedule', async () => {
    const schedules = new BatchSchedules(real.temporal);
    await schedules.create({ schedule: 'yearly', cron: '@yearly', request: listed() });
    await schedules.trigger('yearly');
    await expect.poll(async () => (await schedules.describe('yearly')).last).toHaveLength(1);
    const [scheduled] = (await schedules.describe('yearly')).last;
    expect(scheduled?.batch).toMatch(/^yearly-\d{4}-\d\d-\d\dT\d{6}Z$/);
    expect(await batches.result(scheduled?.batch ?? '')).toMatchObject({ batch: scheduled?.batch, total: MANY - 1 });
  });
});
