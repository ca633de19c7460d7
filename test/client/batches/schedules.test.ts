import { randomUUID } from 'node:crypto';
import { Cron } from 'croner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BatchSchedules } from '../../../client/index.js';
import { workflowIdOfBatch } from '../../../contract/revalidation.js';
import type { BatchScheduleInput } from '../../../domain/revalidation/schedule.js';
import { DAY_MS, HOUR_MS } from '../../../shared/time.js';
import { openRealServers, type RealServers } from '../../e2e/real-servers.js';

let real: RealServers;
let schedules: BatchSchedules;

beforeAll(async () => {
  real = await openRealServers();
  schedules = new BatchSchedules(real.temporal);
});

afterAll(() => real.close());

const AUDIT = { mode: 'audit', source: { kind: 'list', project: 'project-1' } } as const;

const nightly = (change: Partial<BatchScheduleInput> = {}): BatchScheduleInput => ({
  schedule: 'nightly',
  cron: '30 3 * * *',
  request: AUDIT,
  ...change,
});

const refused = (field: string) => ({ type: 'InvalidRequest', fields: [{ field }] });

describe('a schedule', () => {
  it('describes its times, its time zone and the request of its batches', async () => {
    expect(
      await schedules.create(
        nightly({ schedule: 'described', timeZone: 'America/Bogota', jitterMs: HOUR_MS, note: 'every night' }),
      ),
    ).toMatchObject({
      schedule: 'described',
      existed: false,
    });
    const described = await schedules.describe('described');
    expect(described).toMatchObject({
      schedule: 'described',
      paused: false,
      note: 'every night',
      cron: '30 3 * * *',
      timeZone: 'America/Bogota',
      jitterMs: HOUR_MS,
      overlap: 'skip',
      request: { ...AUDIT, callsPerSecond: 10, dryRun: false },
      running: [],
      last: [],
      started: 0,
    });
    const [first, second] = described.next.map((date) => date.getTime());
    // 03:30 in Bogotá, or up to an hour later.
    const sinceMidnight = (first ?? 0) % DAY_MS;
    expect(sinceMidnight).toBeGreaterThanOrEqual(8.5 * HOUR_MS);
    expect(sinceMidnight).toBeLessThanOrEqual(9.5 * HOUR_MS);
    expect(second).toBeGreaterThan(first ?? 0);
  });

  it.each(['0 3 * * MON', '*/20 1-3,5 * JAN-DEC/2 *', '15 0 29 2 *', '0 12 */10 * *', '0 0 * * 5-7', '@weekly'])(
    'starts batches at the times that cron means by %s, of which the next are returned',
    async (cron) => {
      const now = new Date();
      const { next } = await schedules.create(
        nightly({ schedule: `means-${randomUUID()}`, cron, timeZone: 'asia/tokyo' }),
      );
      expect(next).toEqual(new Cron(cron, { timezone: 'Asia/Tokyo' }).nextRuns(5, now));
    },
  );

  it('can run at intervals, and is listed until it is deleted', async () => {
    await schedules.create({ schedule: 'often', every: 6 * HOUR_MS, request: AUDIT, overlap: 'bufferOne' });
    const often = async () => {
      for await (const one of schedules.list()) if (one.schedule === 'often') return one;
      return undefined;
    };
    await expect.poll(often).toMatchObject({ schedule: 'often', every: 6 * HOUR_MS, paused: false });
    expect(await schedules.describe('often')).toMatchObject({ overlap: 'bufferOne' });
    await schedules.delete('often');
    await expect.poll(often).toBeUndefined();
    await expect(schedules.describe('often')).rejects.toMatchObject({ type: 'NotFound' });
  });

  it('does not change when it is created again, and rejects a different request or time under its id', async () => {
    await schedules.create(nightly({ schedule: 'again' }));
    expect(await schedules.create(nightly({ schedule: 'again' }))).toMatchObject({ schedule: 'again', existed: true });
    await expect(schedules.create(nightly({ schedule: 'again', cron: '0 4 * * *' }))).rejects.toMatchObject({
      type: 'RequestMismatch',
    });
    const other = { ...AUDIT, callsPerSecond: 1 };
    await expect(schedules.create(nightly({ schedule: 'again', request: other }))).rejects.toMatchObject({
      type: 'RequestMismatch',
      fields: [{ field: 'request.callsPerSecond' }],
    });
  });

  it('starts a batch with its own name when it is triggered, unless one is running', async () => {
    await schedules.create(nightly({ schedule: 'triggered', overlap: 'skip' }));
    await schedules.trigger('triggered');
    await expect.poll(async () => (await schedules.describe('triggered')).running).toHaveLength(1);
    const [started] = (await schedules.describe('triggered')).last;
    expect(started?.batch).toMatch(/^triggered-\d{4}-\d\d-\d\dT\d{6}Z$/);
    const { raw, priority, typedSearchAttributes, memo } = await real.temporal.workflow
      .getHandle(workflowIdOfBatch(started?.batch ?? ''))
      .describe();
    expect(raw.workflowExecutionInfo?.type?.name).toBe('revalidation');
    expect(priority).toMatchObject({ priorityKey: 5, fairnessKey: 'triggered' });
    expect(JSON.stringify(typedSearchAttributes.getAll())).toContain('scanning');
    expect(memo).toMatchObject({ mode: 'audit' });
    await schedules.trigger('triggered');
    await expect.poll(async () => (await schedules.describe('triggered')).skipped).toBe(1);
    expect(await schedules.describe('triggered')).toMatchObject({ started: 1 });
  });

  it('can be paused and resumed, with a note that says why', async () => {
    await schedules.create(nightly({ schedule: 'paused', paused: true, note: 'not yet' }));
    expect(await schedules.describe('paused')).toMatchObject({ paused: true, note: 'not yet' });
    await schedules.resume('paused', { note: 'now' });
    expect(await schedules.describe('paused')).toMatchObject({ paused: false, note: 'now' });
    await schedules.pause('paused', { note: 'for the holidays' });
    expect(await schedules.describe('paused')).toMatchObject({ paused: true, note: 'for the holidays' });
  });

  it.each([
    ['schedule', { schedule: 'a schedule' }],
    ['cron', { cron: 'now and then' }],
    ['timeZone', { timeZone: 'Bogota' }],
    ['every', { every: DAY_MS }],
    ['jitterMs', { jitterMs: -1 }],
    ['catchupWindowMs', { catchupWindowMs: 1 }],
    ['request.source.kind', { request: { mode: 'audit', source: { kind: 'file', format: 'csv' } } }],
    ['request.checks', { request: { ...AUDIT, checks: ['email'] } }],
  ] as const)('is not created by a request with a wrong %s, and the error names the field', async (field, change) => {
    const wrong = nightly({ schedule: 'wrong', ...change });
    await expect(schedules.create(wrong)).rejects.toMatchObject(refused(field));
    await expect(schedules.describe('wrong')).rejects.toMatchObject({ type: 'NotFound' });
  });

  it('requires a cron expression or an interval', async () => {
    await expect(schedules.create({ schedule: 'never', request: AUDIT })).rejects.toMatchObject(refused('cron'));
  });

  it('fails every call with NotFound if it does not exist', async () => {
    const notFound = { type: 'NotFound' };
    await expect(schedules.describe('nowhere')).rejects.toMatchObject(notFound);
    await expect(schedules.pause('nowhere')).rejects.toMatchObject(notFound);
    await expect(schedules.resume('nowhere')).rejects.toMatchObject(notFound);
    await expect(schedules.trigger('nowhere')).rejects.toMatchObject(notFound);
    await expect(schedules.delete('nowhere')).rejects.toMatchObject(notFound);
  });
});
