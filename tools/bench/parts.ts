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
import { thisMachine } from './machine.js';
import type { Measured, Results, ServerResults } from './results.js';

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

const CONCURRENCY = 50;

/** Lower, because these callers also poll for the outcome. */
const ALTERNATIVES_CONCURRENCY = 20;

const OPEN = 10_000;

const stamped = async <A>(figures: A): Promise<Measured<A>> => ({
  at: new Date().toISOString(),
  machine: await thisMachine(),
  figures,
});

type Benchmark = (servers: Servers, scope: Scope) => Promise<ServerResults>;

export const BENCHMARKS: Readonly<Record<ServerPart, Benchmark>> = {
  startAlone: async (servers, { rounds, quick }) => ({
    startAlone: await stamped(
      await measureStartLatency(servers, { concurrency: 1, startsPerRound: quick ? 20 : 60, rounds }),
    ),
  }),
  startCrowded: async (servers, { rounds, quick }) => ({
    startCrowded: await stamped(
      await measureStartLatency(servers, { concurrency: CONCURRENCY, startsPerRound: quick ? 100 : 300, rounds }),
    ),
  }),
  throughput: async (servers, { rounds, quick }) => ({
    throughput: await stamped(
      await measureThroughput(servers, { concurrency: CONCURRENCY, perRound: quick ? 100 : 400, rounds }),
    ),
  }),
  costs: async (servers) => ({ costs: await stamped(await measureCosts(servers)) }),
  replay: async (servers, { rounds }) => ({ replay: await stamped(await measureReplay(servers, rounds, 30)) }),
  webhooks: async (servers, { rounds }) => ({ webhooks: await stamped(await measureWebhooks(servers, rounds, 100)) }),
  audit: async (servers, { rounds }) => ({
    audit: await stamped(await measureAudit(servers, { registrations: 1_500, startsPerRound: 60, rounds })),
  }),
  stream: async (servers) => ({ stream: await stamped(await measureStream(servers, [100_000, 1_000_000])) }),
  alternatives: async (servers, { rounds, tell }) => ({
    alternatives: await stamped(
      await measureAlternatives(servers, {
        rounds,
        starts: 30,
        perRound: 150,
        concurrency: ALTERNATIVES_CONCURRENCY,
        tell,
      }),
    ),
  }),
  growth: async (servers, { tell }) => ({
    growth: await stamped(await measureGrowth(servers, { sizes: [100, 1_000, OPEN], perStage: 200, tell })),
  }),
  soak: async (servers, { soakMinutes, tell }) => ({
    soak: await stamped(await measureSoak(servers, { open: OPEN, minutes: soakMinutes, startsPerSecond: 5, tell })),
  }),
};

/** Runs the benchmark of the codec, which needs no server. */
export const measureCodecPart = async (quick: boolean): Promise<Pick<Results, 'codec'>> => ({
  codec: await stamped(await measureCodec(quick ? { rounds: 7 } : {})),
});

/** The parts and their descriptions. */
export const PARTS: { readonly [Name in Part]: { readonly what: string } } = {
  startAlone: { what: 'latency of a start, one at a time' },
  startCrowded: { what: `latency of a start, ${CONCURRENCY} at once` },
  throughput: { what: "completed onboardings per second, and the worker's CPU time for each" },
  costs: { what: 'history events, history bytes and Temporal Cloud actions of one onboarding' },
  replay: { what: 'replayed history events per second' },
  webhooks: { what: "webhooks per second of the gateway, compared with Fastify's" },
  audit: { what: 'the call rate of an audit against its limit, and the latency of starts meanwhile' },
  stream: { what: "the worker's memory while it reads a file of a million ids" },
  alternatives: { what: 'the same onboarding on Restate, DBOS and a job queue (production server only)' },
  growth: {
    what: `latency and rate with 100, 1,000 and ${OPEN.toLocaleString('en')} open onboardings, and a cold start`,
  },
  soak: { what: `latency and memory with ${OPEN.toLocaleString('en')} open onboardings over a quarter of an hour` },
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
