import { setTimeout as pause } from 'node:timers/promises';
import { goThrough, openMore } from '../candidates.js';
import type { Servers } from '../environment/servers.js';
import { cachedWorkflowsOf, usageOf } from '../environment/usage.js';
import type { Figures, Moment } from '../results.js';
import { quantileOf } from '../rounds.js';
import { withTimes } from './start-latency.js';

const MINUTE_MS = 60_000;

export interface SoakOptions {
  /** The number of onboardings that stay open. */
  readonly open: number;
  readonly minutes: number;
  /** The rate of additional onboardings, which run to their end. */
  readonly startsPerSecond: number;
  readonly tell: (what: string) => void;
}

/**
 * Starts onboardings at a steady rate for a minute, runs them to their end, and returns the durations of the starts.
 */
const runMinute = async ({ onboarding }: Servers, startsPerSecond: number): Promise<readonly number[]> => {
  const candidate = withTimes(onboarding);
  const began = performance.now();
  const all: Promise<void>[] = [];
  while (performance.now() - began < MINUTE_MS) {
    all.push(goThrough(candidate));
    await pause(Math.max(began + (all.length * 1_000) / startsPerSecond - performance.now(), 0));
  }
  await Promise.all(all);
  return candidate.times;
};

const momentOf = async (servers: Servers, minute: number, times: readonly number[]): Promise<Moment> => ({
  minute,
  startP50Ms: quantileOf(times, 0.5),
  startP99Ms: quantileOf(times, 0.99),
  finished: times.length,
  workerResidentBytes: (await usageOf(servers.worker().pid)).residentBytes,
  serverResidentBytes: (await usageOf(servers.server.pid())).residentBytes,
  cachedWorkflows: await cachedWorkflowsOf(servers.worker()),
});

/** Keeps many onboardings open and runs others at a steady rate, to find latency or memory that grows without limit. */
export const measureSoak = async (
  servers: Servers,
  { open, minutes, startsPerSecond, tell }: SoakOptions,
): Promise<Figures<'soak'>> => {
  const { count } = await servers.temporal.workflow.count(
    `WorkflowType = "onboarding" AND ExecutionStatus = "Running"`,
  );
  const missing = Math.max(open - count, 0);
  if (missing > 0) await openMore(servers, missing);
  tell(`${open} onboardings are open`);
  const moments: Moment[] = [];
  for (let minute = 1; minute <= minutes; minute += 1) {
    const moment = await momentOf(servers, minute, await runMinute(servers, startsPerSecond));
    const megabytes = (moment.workerResidentBytes / 1e6).toFixed(0);
    tell(
      `minute ${minute}: start ${moment.startP50Ms.toFixed(1)} ms, p99 ${moment.startP99Ms.toFixed(0)} ms, worker ${megabytes} MB`,
    );
    moments.push(moment);
  }
  return { open, minutes, startsPerSecond, moments };
};
