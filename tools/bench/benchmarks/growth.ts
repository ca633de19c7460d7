import { openMore } from '../candidates.js';
import type { Servers } from '../environment/servers.js';
import { cachedWorkflowsOf, usageOf } from '../environment/usage.js';
import type { Figures, Stage } from '../results.js';
import { quantileOf, timed } from '../rounds.js';
import { timeStarts } from './start-latency.js';
import { timeMany } from './throughput.js';

const CONCURRENCY = 50;
const STARTS = 30;
const STATUSES = 100;

export interface GrowthOptions {
  /** The number of open onboardings at each stage, in ascending order. */
  readonly sizes: readonly number[];
  /** The number of onboardings that are completed at each stage, to measure the rate. */
  readonly perStage: number;
  readonly tell: (what: string) => void;
}

/** Selects `count` elements at even distances. */
const spread = <A>(all: readonly A[], count: number): readonly A[] =>
  all.filter((_, index) => Math.floor((index * count) / all.length) !== Math.floor(((index - 1) * count) / all.length));

const statusTimes = async ({ client }: Servers, open: readonly string[]): Promise<readonly number[]> => {
  const times: number[] = [];
  for (const workflowId of spread(open, STATUSES)) times.push((await timed(() => client.status(workflowId))).ms);
  return times;
};

const stageOf = async (
  servers: Servers,
  open: readonly string[],
  openedPerSecond: number,
  perStage: number,
): Promise<Stage> => {
  const { onboarding, server, worker } = servers;
  // First, because the measurements below evict the open onboardings from the worker's cache.
  const { residentBytes: workerResidentBytes } = await usageOf(worker().pid);
  const cachedWorkflows = await cachedWorkflowsOf(worker());
  const startMs = quantileOf(await timeStarts(onboarding, STARTS, 1), 0.5);
  const statusMs = quantileOf(await statusTimes(servers, open), 0.5);
  const { perSecond, cpuMs } = await timeMany(onboarding, { concurrency: CONCURRENCY, perRound: perStage });
  return {
    ...{ open: open.length, openedPerSecond, startMs, statusMs, perSecond },
    ...{ workerResidentBytes, workerCpuMs: cpuMs, cachedWorkflows },
    databaseBytes: await server.databaseBytes(),
  };
};

const coldStart = async (
  servers: Servers,
  open: readonly string[],
  perStage: number,
): Promise<Figures<'growth'>['coldStart']> => {
  const size = open.length;
  const readyMs = await servers.crashWorker();
  const times = await statusTimes(servers, open);
  const { perSecond } = await timeMany(servers.onboarding, { concurrency: CONCURRENCY, perRound: perStage });
  return {
    ...{ open: size, readyMs, statuses: times.length, firstStatusMs: times[0] ?? Number.NaN },
    statusP50Ms: quantileOf(times, 0.5),
    statusP99Ms: quantileOf(times, 0.99),
    perSecond,
  };
};

/** Estimates the memory per cached workflow from the first stage and the one with the most cached workflows. */
const bytesPerCached = (stages: readonly Stage[]): number => {
  const [first] = stages;
  const most = stages.reduce((one, other) => (other.cachedWorkflows > one.cachedWorkflows ? other : one));
  if (first === undefined || most.cachedWorkflows === first.cachedWorkflows) return Number.NaN;
  return (most.workerResidentBytes - first.workerResidentBytes) / (most.cachedWorkflows - first.cachedWorkflows);
};

/** Measures latency and rate with a growing number of open onboardings, and the cold start of a worker at the end. */
export const measureGrowth = async (
  servers: Servers,
  { sizes, perStage, tell }: GrowthOptions,
): Promise<Figures<'growth'>> => {
  let open: readonly string[] = [];
  const stages: Stage[] = [];
  for (const size of sizes) {
    const missing = size - open.length;
    const { result: opened, ms } = await timed(() => openMore(servers, missing));
    open = [...open, ...opened];
    const stage = await stageOf(servers, open, (missing / ms) * 1_000, perStage);
    tell(
      `${size} open: start ${stage.startMs.toFixed(1)} ms, status ${stage.statusMs.toFixed(1)} ms, ${stage.perSecond.toFixed(1)}/s`,
    );
    stages.push(stage);
  }
  return {
    stages,
    residentBytesPerCachedWorkflow: bytesPerCached(stages),
    coldStart: await coldStart(servers, open, perStage),
  };
};
