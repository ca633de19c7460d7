import { randomUUID } from 'node:crypto';
import type { temporal } from '@temporalio/proto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReportActivities, ReportsOutcome } from '../../contract/activities.js';
import { type AnyReport, PARKED_REPORTS_WORKFLOW, parkSignal } from '../../contract/messages.js';
import type { ParkedReportsInput, ParkedReportsResult, Route } from '../../contract/report-routing.js';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import { bundleWorkflows } from '../../worker/bundle.js';
import { openTimeSkipping } from '../support/time-skipping.js';

type ParkedReports = (input: ParkedReportsInput) => Promise<ParkedReportsResult>;
type Handed = Parameters<ReportActivities['deliverReports']>[0];

const CONTACT: Route = { by: 'contact', contactKey: 'a-keyed-hash', project: 'project-1', projectFlow: 'flow-1' };
const TASK_QUEUE = 'parked';

let env: TestWorkflowEnvironment;
let stop: () => Promise<void>;

/** What was handed over, and what the onboarding's side answers to it. The server of these tests has no list to look through. */
let handed: Handed[];
let answer: (input: Handed) => Promise<ReportsOutcome>;

beforeAll(async () => {
  env = await openTimeSkipping();
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: TASK_QUEUE,
    workflowBundle: await bundleWorkflows(),
    activities: {
      deliverReports: (input: Handed) => {
        handed.push(input);
        return answer(input);
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
  handed = [];
  answer = async () => 'delivered';
});

afterAll(() => stop());

const report = (n: number): AnyReport => ({ about: 'email', status: 'validated', validationId: `validation${n}` });
const reports = (count: number) => Array.from({ length: count }, (_, n) => report(n));

const park = (workflowId: string, ...parked: readonly AnyReport[]) =>
  env.client.workflow.signalWithStart<ParkedReports, [readonly AnyReport[]]>(PARKED_REPORTS_WORKFLOW, {
    workflowId,
    taskQueue: TASK_QUEUE,
    args: [{ route: CONTACT }],
    signal: parkSignal,
    signalArgs: [parked],
  });

/** How long each wait was to last, in s. */
const waits = async (workflowId: string) => {
  const { events } = await env.client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) => {
    const { seconds, nanos } = timer?.startToFireTimeout ?? {};
    return timer ? [Number(seconds ?? 0) + (nanos ?? 0) / 1e9] : [];
  });
};

describe('parked reports', () => {
  it('that come together are handed over together, each once', async () => {
    const id = randomUUID();
    const first = await park(id, report(1), report(2));
    await park(id, report(2), report(3));
    expect(await first.result()).toEqual({ delivered: 3, over: 0, dropped: 0 });
    expect(handed).toEqual([{ route: CONTACT, reports: [report(1), report(2), report(3)] }]);
  });

  it('wait for an onboarding that is not there yet, which is looked for ever more rarely', async () => {
    const id = randomUUID();
    answer = async () => (handed.length < 13 ? 'unknown' : 'delivered');
    const handle = await park(id, report(1));
    expect(await handle.result()).toEqual({ delivered: 1, over: 0, dropped: 0 });
    const between = (await waits(id)).filter((seconds) => seconds >= 1);
    expect(between).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
  });

  it('are dropped after a day without one, and counted', async () => {
    const id = randomUUID();
    answer = async () => 'unknown';
    const handle = await park(id, ...reports(7));
    expect(await handle.result()).toEqual({ delivered: 0, over: 0, dropped: 7 });
    const { startTime, closeTime } = await handle.describe();
    const took = (closeTime?.getTime() ?? 0) - startTime.getTime();
    expect(took).toBeGreaterThanOrEqual(DAY_MS - MINUTE_MS);
    expect(took).toBeLessThan(DAY_MS + MINUTE_MS);
    expect(handed.length).toBeLessThan(120);
  });

  it('of which each is kept for a day, also where others came before it', async () => {
    const id = randomUUID();
    answer = async () =>
      handed.some((one) => one.reports.length === 1 && one.reports[0]?.status === 'failed') ? 'delivered' : 'unknown';
    const handle = await park(id, report(1));
    await env.sleep(DAY_MS / 2);
    await handle.signal(parkSignal, [{ about: 'email', status: 'failed', validationId: 'later' }]);
    expect(await handle.result()).toEqual({ delivered: 1, over: 0, dropped: 1 });
  });

  it('are looked for at once when another comes', async () => {
    const id = randomUUID();
    answer = async ({ reports: [...all] }) => (all.length > 1 ? 'delivered' : 'unknown');
    const handle = await park(id, report(1));
    await env.sleep(2 * 60 * MINUTE_MS);
    const before = handed.length;
    await handle.signal(parkSignal, [report(2)]);
    expect(await handle.result()).toMatchObject({ delivered: 2 });
    expect(handed.length - before).toBe(1);
  });

  it('are at most 200: the oldest is dropped', async () => {
    const handle = await park(randomUUID(), ...reports(201));
    expect(await handle.result()).toEqual({ delivered: 200, over: 0, dropped: 1 });
    expect(handed[0]?.reports[0]).toEqual(report(1));
  });

  it('are counted as delivered, not as dropped, where too many others come while they are handed over', async () => {
    let release: (outcome: ReportsOutcome) => void = () => undefined;
    answer = async () => {
      // Only the durable try lets other reports in meanwhile.
      if (handed.length === 1) throw new Error('Temporal does not answer');
      if (handed.length > 2) return 'delivered';
      return new Promise((resolve) => {
        release = resolve;
      });
    };
    const handle = await park(randomUUID(), report(1_000));
    const result = handle.result();
    await expect.poll(() => handed.length).toBe(2);
    await handle.signal(parkSignal, reports(200));
    release('delivered');
    expect(await result).toEqual({ delivered: 201, over: 0, dropped: 0 });
  });

  it('that come while others are handed over are not lost: they are handed over next, half a second after and more', async () => {
    const id = randomUUID();
    answer = async () => {
      if (handed.length === 1) await park(id, report(2));
      return 'delivered';
    };
    const handle = await park(id, report(1));
    // Time skips while a result is waited for.
    expect(await handle.result()).toEqual({ delivered: 2, over: 0, dropped: 0 });
    expect(handed.map((one) => one.reports)).toEqual([[report(1)], [report(2)]]);
    expect(await waits(id)).toEqual([0.5, 0.5, 0.5, 0.5]);
  });

  it('whose onboarding has ended are counted as such', async () => {
    answer = async () => 'over';
    expect(await (await park(randomUUID(), report(1))).result()).toEqual({ delivered: 0, over: 1, dropped: 0 });
  });

  it('are handed over durably where the quick try fails', async () => {
    answer = async () => {
      if (handed.length < 4) throw new Error('Temporal does not answer');
      return 'delivered';
    };
    expect(await (await park(randomUUID(), report(1))).result()).toMatchObject({ delivered: 1 });
    expect(handed).toHaveLength(4);
  });

  it('are carried over to the next run with all that was counted', async () => {
    const waiting = reports(2).map((one) => ({ report: one, since: 0 }));
    const carried = { waiting, waitMs: SECOND_MS, delivered: 5, over: 1, dropped: 2 };
    const handle = await env.client.workflow.start<ParkedReports>(PARKED_REPORTS_WORKFLOW, {
      workflowId: randomUUID(),
      taskQueue: TASK_QUEUE,
      args: [{ route: CONTACT, carried }],
    });
    expect(await handle.result()).toEqual({ delivered: 7, over: 1, dropped: 2 });
  });

  it('tell whoever opens them in the Temporal UI how many wait and for how long, and nothing of whom', async () => {
    const handle = await park(randomUUID(), report(1), report(2));
    await handle.result();
    const shown = async (): Promise<string> => {
      const metadata: temporal.api.sdk.v1.IWorkflowMetadata = await handle.query('__temporal_workflow_metadata');
      expect(metadata.definition?.signalDefinitions).toMatchObject([
        { name: 'park', description: expect.stringContaining('about') },
      ]);
      return metadata.currentDetails ?? '';
    };
    expect(await shown()).toMatch(
      /^\*\*Reports that wait for their onboarding: 0\.\*\* .*keyed hash.*\n\nDelivered: 2\./,
    );
    expect(await shown()).not.toContain('a-keyed-hash');
  });

  it('that are no list harm nothing, and without any the workflow ends', async () => {
    const handle = await park(randomUUID());
    await handle.signal(parkSignal.name, 'junk');
    expect(await handle.result()).toEqual({ delivered: 0, over: 0, dropped: 0 });
    expect(handed).toEqual([]);
  });
});
