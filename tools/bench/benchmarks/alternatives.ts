import pMap from 'p-map';
import { sum } from 'simple-statistics';
import type { Servers } from '../environment/servers.js';
import { machineCpuMs, usageOf } from '../environment/usage.js';
import type { AlternativeFigures, Figures } from '../results.js';
import { quantileOf, spreadOf, timed } from '../rounds.js';
import { openSystems, type System } from './systems.js';

export interface AlternativesOptions {
  readonly rounds: number;
  /** The number of sequential onboardings in each round, to measure latencies. */
  readonly starts: number;
  /** The number of concurrent onboardings in each round, to measure the rate. */
  readonly perRound: number;
  readonly concurrency: number;
  readonly tell: (what: string) => void;
}

const REST = 'PostgreSQL and the kernel';

/** A short interval gives precise latencies; a long one keeps polling from reducing the rate. */
const POLL_INTERVAL_MS = { sequential: 10, concurrent: 100 } as const;

interface Latency {
  readonly startMs: number;
  /** The time from the last report to the outcome. */
  readonly endMs: number;
}

const goThrough = async (system: System, pollIntervalMs: number): Promise<Latency> => {
  const { result: started, ms: startMs } = await timed(() => system.start());
  await system.report(started);
  const { result: outcome, ms: endMs } = await timed(() => system.outcome(started, pollIntervalMs));
  if (outcome !== 'verified') throw new Error(`${system.name}: an onboarding ended as ${outcome}`);
  return { startMs, endMs };
};

/** Returns the CPU time of the machine without this process, which makes the calls, and the sandbox. */
const cpuMsOf = async ({ sandbox }: Servers): Promise<number> => {
  const { user, system } = process.cpuUsage();
  return machineCpuMs() - (user + system) / 1_000 - (await usageOf(sandbox.pid)).cpuMs;
};

/** The CPU time of each process of a system so far, in ms, and of the rest of the machine. */
const cpuMsByProcess = async (servers: Servers, { processes }: System): Promise<ReadonlyMap<string, number>> => {
  const all = await cpuMsOf(servers);
  const used = new Map<string, number>();
  for (const [name, pid] of Object.entries(processes())) used.set(name, (await usageOf(pid)).cpuMs);
  return used.set(REST, all - sum([...used.values()]));
};

const measureRound = async (
  servers: Servers,
  system: System,
  { starts, perRound, concurrency }: AlternativesOptions,
) => {
  const alone: Latency[] = [];
  for (let started = 0; started < starts; started += 1)
    alone.push(await goThrough(system, POLL_INTERVAL_MS.sequential));
  const medianOf = (read: (latency: Latency) => number) => quantileOf(alone.map(read), 0.5);
  const before = await cpuMsByProcess(servers, system);
  const { ms } = await timed(() =>
    pMap(Array.from({ length: perRound }), () => goThrough(system, POLL_INTERVAL_MS.concurrent), { concurrency }),
  );
  const after = await cpuMsByProcess(servers, system);
  return {
    startMs: medianOf(({ startMs }) => startMs),
    endMs: medianOf(({ endMs }) => endMs),
    perSecond: (perRound / ms) * 1_000,
    cpuMs: new Map([...after].map(([name, used]) => [name, (used - (before.get(name) ?? 0)) / perRound])),
  };
};

type Round = Awaited<ReturnType<typeof measureRound>>;

const figuresOf = async ({ name, processes }: System, rounds: readonly Round[]): Promise<AlternativeFigures> => {
  const of = (read: (round: Round) => number) => spreadOf(rounds.map(read));
  const usages = await Promise.all(Object.values(processes()).map(usageOf));
  return {
    name,
    startMs: of(({ startMs }) => startMs),
    endMs: of(({ endMs }) => endMs),
    perSecond: of(({ perSecond }) => perSecond),
    cpuMs: of(({ cpuMs }) => sum([...cpuMs.values()])),
    processes: [...Object.keys(processes()), REST].map((process) => ({
      name: process,
      cpuMs: of(({ cpuMs }) => cpuMs.get(process) ?? 0),
    })),
    residentBytes: sum(usages.map(({ residentBytes }) => residentBytes)),
  };
};

/** Measures the same onboarding over HTTP on this project and on each alternative, in turns. */
export const measureAlternatives = async (
  servers: Servers,
  options: AlternativesOptions,
): Promise<Figures<'alternatives'>> => {
  const systems = await openSystems(servers);
  const measured = systems.map((system) => ({ system, rounds: [] as Round[] }));
  for (const system of systems) await measureRound(servers, system, { ...options, starts: 5, perRound: 30 });
  for (let round = 0; round < options.rounds; round += 1) {
    options.tell(`round ${round + 1}`);
    // Each round starts with another system.
    const first = round % systems.length;
    for (const { system, rounds } of [...measured.slice(first), ...measured.slice(0, first)])
      rounds.push(await measureRound(servers, system, options));
  }
  const figures: AlternativeFigures[] = [];
  for (const { system, rounds } of measured) figures.push(await figuresOf(system, rounds));
  return { concurrency: options.concurrency, perRound: options.perRound, systems: figures };
};
