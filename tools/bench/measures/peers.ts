import { cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import pMap from 'p-map';
import type { PeerFigures, Peers } from '../results.js';
import type { Servers } from '../setting/servers.js';
import { usageOf } from '../setting/usage.js';
import { quantileOf, spreadOf } from '../statistics.js';
import { openSystems, type System } from './systems.js';

export interface PeersOptions {
  readonly rounds: number;
  /** Starts one after the other, in each round. */
  readonly starts: number;
  /** Onboardings that go all the way, in each round. */
  readonly perRound: number;
  readonly concurrency: number;
  readonly tell: (what: string) => void;
}

/** Alone, the time to the outcome is measured so finely; with others, every look is work that takes from what is measured. */
const LOOK_AGAIN_MS = { alone: 10, together: 100 } as const;

const goThrough = async (
  system: System,
  lookAgainMs: number,
): Promise<{ readonly startMs: number; readonly endMs: number }> => {
  const began = performance.now();
  const started = await system.start();
  const startMs = performance.now() - began;
  await system.report(started);
  const reported = performance.now();
  for (;;) {
    const outcome = await system.outcome(started);
    if (outcome === 'verified') return { startMs, endMs: performance.now() - reported };
    if (outcome !== undefined) throw new Error(`${system.name}: an onboarding was ${outcome}`);
    await pause(lookAgainMs);
  }
};

/** CPU time of the whole machine, in ms. */
const machineCpuMs = (): number =>
  cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0);

/** CPU time of the machine but for us, who call, and the sandbox. */
const cpuMsOf = async ({ sandbox }: Servers): Promise<number> => {
  const { user, system } = process.cpuUsage();
  return machineCpuMs() - (user + system) / 1_000 - (await usageOf(sandbox.pid)).cpuMs;
};

const measureRound = async (servers: Servers, system: System, { starts, perRound, concurrency }: PeersOptions) => {
  const alone: { startMs: number; endMs: number }[] = [];
  for (let started = 0; started < starts; started += 1) alone.push(await goThrough(system, LOOK_AGAIN_MS.alone));
  const cpuMs = await cpuMsOf(servers);
  const began = performance.now();
  await pMap(Array.from({ length: perRound }), () => goThrough(system, LOOK_AGAIN_MS.together), { concurrency });
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

const figuresOf = async (system: System, rounds: readonly Round[]): Promise<PeerFigures> => {
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

/** The same onboarding over HTTP, on ours and on each of the peers, in turns. */
export const measurePeers = async (servers: Servers, options: PeersOptions): Promise<Peers> => {
  const systems = await openSystems(servers);
  const rounds = new Map<System, Round[]>(systems.map((system) => [system, []]));
  for (const system of systems) await measureRound(servers, system, { ...options, starts: 5, perRound: 30 });
  for (let round = 0; round < options.rounds; round += 1) {
    options.tell(`round ${round + 1}`);
    // Another one goes first each time.
    const order = systems
      .map((_, index) => systems[(index + round) % systems.length])
      .filter((one) => one !== undefined);
    for (const system of order) rounds.get(system)?.push(await measureRound(servers, system, options));
  }
  const figures: PeerFigures[] = [];
  for (const [system, measured] of rounds) figures.push(await figuresOf(system, measured));
  return { concurrency: options.concurrency, perRound: options.perRound, systems: figures };
};
