import { randomUUID } from 'node:crypto';
import type { temporal } from '@temporalio/proto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReportActivities, ReportsOutcome } from '../../contract/activities.js';
import { type AnyReport, addReportsSignal, PENDING_REPORTS_WORKFLOW } from '../../contract/messages.js';
import type { PendingReportsInput, PendingReportsResult, Route } from '../../contract/report-routing.js';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import { bundleBuild } from '../support/builds.js';
import { openTimeSkipping } from '../support/time-skipping.js';

type PendingReports = (input: PendingReportsInput) => Promise<PendingReportsResult>;
type Delivery = Parameters<ReportActivities['deliverReports']>[0];

const CONTACT: Route = { by: 'contact', contactKey: 'a-keyed-hash', project: 'project-1', projectFlow: 'flow-1' };
const TASK_QUEUE = 'pending';

let env: TestWorkflowEnvironment;
let stop: () => Promise<void>;

/** The inputs of `deliverReports`, and its result. A stub, because the time-skipping server has no visibility. */
let deliveries: Delivery[];
let respond: (input: Delivery) => Promise<ReportsOutcome>;

beforeAll(async () => {
  env = await openTimeSkipping();
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: TASK_QUEUE,
    workflowBundle: { codePath: await bundleBuild('sources') },
    activities: {
      deliverReports: (input: Delivery) => {
        deliveries.push(input);
        return respond(input);
      },
    } satisfies ReportActivities,
  });
  const running = worker.run();
  stop = async () => {
    worker.shutdown();
    await running;
    await env.teardown();
  };
});

beforeEach(() => {
  deliveries = [];
  respond = async () => 'delivered';
});

afterAll(() => stop());

const report = (n: number): AnyReport => ({ about: 'email', status: 'validated', validationId: `validation${n}` });
const reports = (count: number) => Array.from({ length: count }, (_, n) => report(n));

const add = (workflowId: string, ...pending: readonly AnyReport[]) =>
  env.client.workflow.signalWithStart<PendingReports, [readonly AnyReport[]]>(PENDING_REPORTS_WORKFLOW, {
    workflowId,
    taskQueue: TASK_QUEUE,
    args: [{ route: CONTACT }],
    signal: addReportsSignal,
    signalArgs: [pending],
  });

/** Returns the durations of the workflow's timers, in s. */
const waits = async (workflowId: string) => {
  const { events } = await env.client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) => {
    const { seconds, nanos } = timer?.startToFireTimeout ?? {};
    return timer ? [Number(seconds ?? 0) + (nanos ?? 0) / 1e9] : [];
  });
};

describe('the workflow of pending reports', () => {
  it('reports that arrive together are delivered together, each once', async () => {
    const id = randomUUID();
    const first = await add(id, report(1), report(2));
    await add(id, report(2), report(3));
    expect(await first.result()).toEqual({ delivered: 3, ended: 0, dropped: 0 });
    expect(deliveries).toEqual([{ route: CONTACT, reports: [report(1), report(2), report(3)] }]);
  });

  it('the onboarding is searched at doubling intervals up to 15 minutes', async () => {
    const id = randomUUID();
    respond = async () => (deliveries.length < 13 ? 'unknown' : 'delivered');
    const handle = await add(id, report(1));
    expect(await handle.result()).toEqual({ delivered: 1, ended: 0, dropped: 0 });
    const between = (await waits(id)).filter((seconds) => seconds >= 1);
    expect(between).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
  });

  it('reports without an onboarding are dropped after a day and counted', async () => {
    const id = randomUUID();
    respond = async () => 'unknown';
    const handle = await add(id, ...reports(7));
    expect(await handle.result()).toEqual({ delivered: 0, ended: 0, dropped: 7 });
    const { startTime, closeTime } = await handle.describe();
    const took = (closeTime?.getTime() ?? 0) - startTime.getTime();
    expect(took).toBeGreaterThanOrEqual(DAY_MS - MINUTE_MS);
    expect(took).toBeLessThan(DAY_MS + MINUTE_MS);
    expect(deliveries.length).toBeLessThan(120);
  });

  it('each report is kept for a day, even if others arrived before it', async () => {
    const id = randomUUID();
    respond = async () =>
      deliveries.some((one) => one.reports.length === 1 && one.reports[0]?.status === 'failed')
        ? 'delivered'
        : 'unknown';
    const handle = await add(id, report(1));
    await env.sleep(DAY_MS / 2);
    await handle.signal(addReportsSignal, [{ about: 'email', status: 'failed', validationId: 'later' }]);
    expect(await handle.result()).toEqual({ delivered: 1, ended: 0, dropped: 1 });
  });

  it('a new report triggers a search at once', async () => {
    const id = randomUUID();
    respond = async ({ reports: [...all] }) => (all.length > 1 ? 'delivered' : 'unknown');
    const handle = await add(id, report(1));
    await env.sleep(2 * 60 * MINUTE_MS);
    const before = deliveries.length;
    await handle.signal(addReportsSignal, [report(2)]);
    expect(await handle.result()).toMatchObject({ delivered: 2 });
    expect(deliveries.length - before).toBe(1);
  });

  it('the 201st report displaces the oldest one', async () => {
    const handle = await add(randomUUID(), ...reports(201));
    expect(await handle.result()).toEqual({ delivered: 200, ended: 0, dropped: 1 });
    expect(deliveries[0]?.reports[0]).toEqual(report(1));
  });

  it('reports that are displaced during their delivery count as delivered, not as dropped', async () => {
    let release: (outcome: ReportsOutcome) => void = () => undefined;
    respond = async () => {
      // The first attempt fails, so that the second leaves time for other reports.
      if (deliveries.length === 1) throw new Error('Temporal does not respond');
      if (deliveries.length > 2) return 'delivered';
      return new Promise((resolve) => {
        release = resolve;
      });
    };
    const handle = await add(randomUUID(), report(1_000));
    const result = handle.result();
    await expect.poll(() => deliveries.length).toBe(2);
    await handle.signal(addReportsSignal, reports(200));
    release('delivered');
    expect(await result).toEqual({ delivered: 201, ended: 0, dropped: 0 });
  });

  it('reports that arrive during a delivery are delivered next, at least half a second later', async () => {
    const id = randomUUID();
    respond = async () => {
      if (deliveries.length === 1) await add(id, report(2));
      return 'delivered';
    };
    const handle = await add(id, report(1));
    // The server skips time while a result is awaited.
    expect(await handle.result()).toEqual({ delivered: 2, ended: 0, dropped: 0 });
    expect(deliveries.map((one) => one.reports)).toEqual([[report(1)], [report(2)]]);
    expect(await waits(id)).toEqual([0.5, 0.5, 0.5, 0.5]);
  });

  it('reports whose onboarding has ended are counted as over', async () => {
    respond = async () => 'ended';
    expect(await (await add(randomUUID(), report(1))).result()).toEqual({ delivered: 0, ended: 1, dropped: 0 });
  });

  it('a failed delivery is retried', async () => {
    respond = async () => {
      if (deliveries.length < 4) throw new Error('Temporal does not respond');
      return 'delivered';
    };
    expect(await (await add(randomUUID(), report(1))).result()).toMatchObject({ delivered: 1 });
    expect(deliveries).toHaveLength(4);
  });

  it('waiting reports and counts are carried over to the next run', async () => {
    const waiting = reports(2).map((one) => ({ report: one, since: 0 }));
    const carried = { waiting, waitMs: SECOND_MS, delivered: 5, ended: 1, dropped: 2 };
    const handle = await env.client.workflow.start<PendingReports>(PENDING_REPORTS_WORKFLOW, {
      workflowId: randomUUID(),
      taskQueue: TASK_QUEUE,
      args: [{ route: CONTACT, carried }],
    });
    expect(await handle.result()).toEqual({ delivered: 7, ended: 1, dropped: 2 });
  });

  it('the Temporal UI shows the number of reports and their expiry, but no contact key', async () => {
    const handle = await add(randomUUID(), report(1), report(2));
    await handle.result();
    const shown = async (): Promise<string> => {
      const metadata: temporal.api.sdk.v1.IWorkflowMetadata = await handle.query('__temporal_workflow_metadata');
      expect(metadata.definition?.signalDefinitions).toMatchObject([
        { name: 'addReports', description: expect.stringContaining('about') },
      ]);
      return metadata.currentDetails ?? '';
    };
    expect(await shown()).toMatch(
      /^\*\*Reports that wait for their onboarding: 0\.\*\* .*keyed hash.*\n\nDelivered: 2\./,
    );
    expect(await shown()).not.toContain('a-keyed-hash');
  });

  it('an invalid signal is ignored, and the workflow completes without reports', async () => {
    const handle = await add(randomUUID());
    await handle.signal(addReportsSignal.name, 'undecodable');
    expect(await handle.result()).toEqual({ delivered: 0, ended: 0, dropped: 0 });
    expect(deliveries).toEqual([]);
  });
});
