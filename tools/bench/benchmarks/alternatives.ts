import { cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import pMap from 'p-map';
import type { Servers } from '../environment/servers.js';
import { usageOf } from '../environment/usage.js';
import type { AlternativeFigures, Alternatives } from '../results.js';
import { quantileOf, spreadOf } from '../statistics.js';
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

/** A short interval gives precise latencies; a long one keeps polling from reducing the rate. */
const POLL_INTERVAL_MS = { sequential: 10, concurrent: 100 } as const;

const goThrough = async (
  system: System,
  pollIntervalMs: number,
): Promise<{ readonly startMs: number; readonly endMs: number }> => {
  const began = performance.now();
  const started = await system.start();
  const startMs = performance.now() - began;
  await system.report(started);
  const reported = performance.now();
  for (;;) {
    const outcome = await system.outcome(started);
    if (outcome === 'verified') return { startMs, endMs: performance.now() - reported };
    if (outcome !== undefined) throw new Error(`${system.name}: an onboarding ended as ${outcome}`);
    await pause(pollIntervalMs);
  }
};

/** Returns the CPU time of the whole machine, in ms. */
const machineCpuMs = (): number =>
  cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0);

/** Returns the CPU time of the machine without this process, which makes the calls, and the sandbox. */
const cpuMsOf = async ({ sandbox }: Servers): Promise<number> => {
  const { user, system } = process.cpuUsage();
  return machineCpuMs() - (user + system) / 1_000 - (await usageOf(sandbox.pid)).cpuMs;
};

const measureRound = async (
  servers: Servers,
  system: System,
  { starts, perRound, concurrency }: AlternativesOptions,
) => {
  const alone: { startMs: number; endMs: number }[] = [];
  for (let started = 0; started < starts; started += 1)
    alone.push(await goThrough(system, POLL_INTERVAL_MS.sequential));
  const cpuMs = await cpuMsOf(servers);
  const began = performance.now();
  await pMap(Array.from({ length: perRound }), () => goThrough(system, POLL_INTERVAL_MS.concurrent), { concurrency });
  const seconds = (performance.now() - began) / 1_000;
  return {
    startMs: quantileOf(
      alone.map(({ startMs }) => startMs),
      0.5,
    ),
    endMs: quantileOf(
      alone.map(({ endMs }) => endMs),
      0.5,
    ),
    perSecond: perRound / seconds,
    cpuMs: ((await cpuMsOf(servers)) - cpuMs) / perRound,
  };
};

type Round = Awaited<ReturnType<typeof measureRound>>;

const residentBytesOf = async ({ pids }: System): Promise<number> =>
  (await Promise.all(pids().map(usageOf))).reduce((sum, { residentBytes }) => sum + residentBytes, 0);

const figuresOf = async (system: System, rounds: readonly Round[]): Promise<AlternativeFigures> => {
  const of = (read: (round: Round) => number) => spreadOf(rounds.map(read));
  return {
    name: system.name,
    startMs: of(({ startMs }) => startMs),
    endMs: of(({ endMs }) => endMs),
    perSecond: of(({ perSecond }) => perSecond),
    cpuMs: of(({ cpuMs }) => cpuMs),
    residentBytes: await residentBytesOf(system),
  };
};

/** Measures the same onboarding over HTTP on this project and on each alternative, in turns. */
export const measureAlternatives = async (servers: Servers, options: AlternativesOptions): Promise<Alternatives> => {
  const systems = await openSystems(servers);
  const rounds = new Map<System, Round[]>(systems.map((system) => [system, []]));
  for (const system of systems) await measureRound(servers, system, { ...options, starts: 5, perRound: 30 });
  for (let round = 0; round < options.rounds; round += 1) {
    options.tell(`round ${round + 1}`);
    // Each round starts with another system.
    const order = systems
      .map((_, index) => systems[(index + round) % systems.length])
      .filter((one) => one !== undefined);
    for (const system of order) rounds.get(system)?.push(await measureRound(servers, system, options));
  }
  const figures: AlternativeFigures[] = [];
  for (const [system, measured] of rounds) figures.push(await figuresOf(system, measured));
  return { concurrency: options.concurrency, perRound: options.perRound, systems: figures };
};
