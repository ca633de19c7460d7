import { arch, cpus, platform, release, totalmem } from 'node:os';
import { execa } from 'execa';
import { measureAlternatives } from './benchmarks/alternatives.js';
import { measureAudit } from './benchmarks/audit.js';
import { measureCodec } from './benchmarks/codec.js';
import { measureCosts } from './benchmarks/costs.js';
import { measureGrowth } from './benchmarks/growth.js';
import { measureReplay } from './benchmarks/replay.js';
import { measureSoak } from './benchmarks/soak.js';
import { measureStartLatency } from './benchmarks/start-latency.js';
import { measureStream } from './benchmarks/stream.js';
import { measureThroughput } from './benchmarks/throughput.js';
import { measureWebhooks } from './benchmarks/webhooks.js';
import type { Servers } from './environment/servers.js';
import type { Figures, Machine, Measured, Results, ServerResults } from './results.js';

/** The amount of work of a benchmark. */
export interface Scope {
  readonly rounds: number;
  readonly quick: boolean;
  readonly soakMinutes: number;
  readonly tell: (what: string) => void;
}

/** A part of the results that is measured on a Temporal server. */
export type ServerPart = keyof ServerResults;

export type Part = ServerPart | 'codec';

interface Benchmark<P extends ServerPart> {
  readonly what: string;
  readonly measure: (servers: Servers, scope: Scope) => Promise<Figures<P>>;
}

const CONCURRENCY = 50;

/** Lower, because these callers also poll for the outcome. */
const ALTERNATIVES_CONCURRENCY = 20;

const OPEN = 10_000;

/** The parts that are measured on a Temporal server. */
const BENCHMARKS: { readonly [P in ServerPart]: Benchmark<P> } = {
  startAlone: {
    what: 'latency of a start, one at a time',
    measure: (servers, { rounds, quick }) =>
      measureStartLatency(servers, { concurrency: 1, startsPerRound: quick ? 20 : 60, rounds }),
  },
  startCrowded: {
    what: `latency of a start, ${CONCURRENCY} at once`,
    measure: (servers, { rounds, quick }) =>
      measureStartLatency(servers, { concurrency: CONCURRENCY, startsPerRound: quick ? 100 : 300, rounds }),
  },
  throughput: {
    what: "completed onboardings per second, and the worker's CPU time for each",
    measure: (servers, { rounds, quick }) =>
      measureThroughput(servers, { concurrency: CONCURRENCY, perRound: quick ? 100 : 400, rounds }),
  },
  costs: {
    what: 'history events, history bytes and Temporal Cloud actions of one onboarding',
    measure: measureCosts,
  },
  replay: {
    what: 'replayed history events per second',
    measure: (servers, { rounds }) => measureReplay(servers, rounds, 30),
  },
  webhooks: {
    what: "webhooks per second of the gateway, compared with Fastify's",
    measure: (servers, { rounds }) => measureWebhooks(servers, rounds, 100),
  },
  audit: {
    what: 'the call rate of an audit against its limit, and the latency of starts meanwhile',
    measure: (servers, { rounds }) => measureAudit(servers, { registrations: 1_500, startsPerRound: 60, rounds }),
  },
  stream: {
    what: "the worker's memory while it reads a file of a million ids",
    measure: (servers) => measureStream(servers, [100_000, 1_000_000]),
  },
  alternatives: {
    what: 'the same onboarding on Restate, DBOS and a job queue (production server only)',
    measure: (servers, { rounds, tell }) =>
      measureAlternatives(servers, { rounds, starts: 30, perRound: 150, concurrency: ALTERNATIVES_CONCURRENCY, tell }),
  },
  growth: {
    what: `latency and rate with 100, 1,000 and ${OPEN.toLocaleString('en')} open onboardings, and a cold start`,
    measure: (servers, { tell }) => measureGrowth(servers, { sizes: [100, 1_000, OPEN], perStage: 200, tell }),
  },
  soak: {
    what: `latency and memory with ${OPEN.toLocaleString('en')} open onboardings over a quarter of an hour`,
    measure: (servers, { soakMinutes, tell }) =>
      measureSoak(servers, { open: OPEN, minutes: soakMinutes, startsPerSecond: 5, tell }),
  },
};

/** The parts and their descriptions. */
export const PARTS: { readonly [P in Part]: { readonly what: string } } = {
  ...BENCHMARKS,
  codec: { what: "encryption and decryption rates, compared with WebCrypto's" },
};

/**
 * The parts in the order of measurement. Each group has its own servers; parts that leave many onboardings open come
 * last.
 */
export const GROUPS: readonly (readonly ServerPart[])[] = [
  ['startAlone', 'startCrowded', 'throughput', 'costs', 'replay', 'webhooks', 'stream', 'audit'],
  ['alternatives'],
  ['growth', 'soak'],
];

/** The parts that need the PostgreSQL of the production server. */
export const PRODUCTION_ONLY: readonly ServerPart[] = ['alternatives'];

export const QUICK: readonly ServerPart[] = ['startAlone', 'startCrowded', 'throughput', 'costs'];

const describeMachine = async (): Promise<Machine> => {
  const { stdout: commit } = await execa('git', ['describe', '--always', '--dirty'], { reject: false });
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    node: process.version,
    system: `${platform()} ${release()} ${arch()}`,
    commit: commit || 'unknown',
  };
};

/** Described once, because saving results makes the work tree dirty. */
let machine: Promise<Machine> | undefined;

const stamped = async <A>(figures: A): Promise<Measured<A>> => {
  machine ??= describeMachine();
  return { at: new Date().toISOString(), machine: await machine, figures };
};

/** Measures a part on servers. */
export const measurePart = async (part: ServerPart, servers: Servers, scope: Scope): Promise<ServerResults> => ({
  [part]: await stamped(await BENCHMARKS[part].measure(servers, scope)),
});

/** Runs the benchmark of the codec, which needs no server. */
export const measureCodecPart = async (quick: boolean): Promise<Pick<Results, 'codec'>> => ({
  codec: await stamped(await measureCodec(quick ? { rounds: 7 } : {})),
});
