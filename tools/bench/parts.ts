import { thisMachine } from './machine.js';
import { measureAudit } from './measures/audit.js';
import { measureCodec } from './measures/codec.js';
import { measureCosts } from './measures/costs.js';
import { measureGrowth } from './measures/growth.js';
import { measurePeers } from './measures/peers.js';
import { measureReplay } from './measures/replay.js';
import { measureSoak } from './measures/soak.js';
import { measureStartLatency } from './measures/start-latency.js';
import { measureStream } from './measures/stream.js';
import { measureThroughput } from './measures/throughput.js';
import { measureWebhooks } from './measures/webhooks.js';
import type { Measured, Results, ServerResults } from './results.js';
import type { Servers } from './setting/servers.js';

/** How much is measured. */
export interface Extent {
  readonly rounds: number;
  readonly quick: boolean;
  readonly soakMinutes: number;
  readonly tell: (what: string) => void;
}

/** A part of the results that is measured on a Temporal server. */
export type ServerPart = keyof ServerResults;

export type Part = ServerPart | 'codec';

/** Latency at so many starts at once is that of a busy hour. */
const CROWD = 50;

/** Callers that poll for the outcome are many more calls: fewer at once. */
const PEERS_CROWD = 20;

const OPEN = 10_000;

const stamped = async <A>(figures: A): Promise<Measured<A>> => ({
  at: new Date().toISOString(),
  machine: await thisMachine(),
  figures,
});

type Measure = (servers: Servers, extent: Extent) => Promise<ServerResults>;

/** How each part is measured. */
export const MEASURES: Readonly<Record<ServerPart, Measure>> = {
  startAlone: async (servers, { rounds, quick }) => ({
    startAlone: await stamped(
      await measureStartLatency(servers, { concurrency: 1, startsPerRound: quick ? 20 : 60, rounds }),
    ),
  }),
  startCrowded: async (servers, { rounds, quick }) => ({
    startCrowded: await stamped(
      await measureStartLatency(servers, { concurrency: CROWD, startsPerRound: quick ? 100 : 300, rounds }),
    ),
  }),
  throughput: async (servers, { rounds, quick }) => ({
    throughput: await stamped(
      await measureThroughput(servers, { concurrency: CROWD, perRound: quick ? 100 : 400, rounds }),
    ),
  }),
  costs: async (servers) => ({ costs: await stamped(await measureCosts(servers)) }),
  replay: async (servers, { rounds }) => ({ replay: await stamped(await measureReplay(servers, rounds, 30)) }),
  webhooks: async (servers, { rounds }) => ({ webhooks: await stamped(await measureWebhooks(servers, rounds, 100)) }),
  audit: async (servers, { rounds }) => ({
    audit: await stamped(await measureAudit(servers, { registrations: 1_500, startsPerRound: 60, rounds })),
  }),
  stream: async (servers) => ({ stream: await stamped(await measureStream(servers, [100_000, 1_000_000])) }),
  peers: async (servers, { rounds, tell }) => ({
    peers: await stamped(
      await measurePeers(servers, { rounds, starts: 30, perRound: 150, concurrency: PEERS_CROWD, tell }),
    ),
  }),
  growth: async (servers, { tell }) => ({
    growth: await stamped(await measureGrowth(servers, { sizes: [100, 1_000, OPEN], perStage: 200, tell })),
  }),
  soak: async (servers, { soakMinutes, tell }) => ({
    soak: await stamped(await measureSoak(servers, { open: OPEN, minutes: soakMinutes, startsPerSecond: 5, tell })),
  }),
};

/** Without a server. */
export const measureCodecPart = async (quick: boolean): Promise<Pick<Results, 'codec'>> => ({
  codec: await stamped(await measureCodec(quick ? { rounds: 7 } : {})),
});

/** What each part is, for people. */
export const PARTS: { readonly [Name in Part]: { readonly what: string } } = {
  startAlone: { what: 'how long a caller waits for a start, one at a time' },
  startCrowded: { what: `the same with ${CROWD} at once` },
  throughput: { what: 'how many a second go all the way, and what each costs the worker' },
  costs: { what: 'history events and bytes of one, and what Temporal Cloud would count' },
  replay: { what: 'how many history events a second are replayed' },
  webhooks: { what: 'how many webhooks a second the gateway takes, beside bare Fastify' },
  audit: { what: 'how near an audit comes to its limit of calls, and how live starts do beside it' },
  stream: { what: 'the memory that a million ids in a file take' },
  peers: { what: 'the same onboarding on Restate, on DBOS and on a job queue; on the production server alone' },
  growth: { what: `how all this is with 100, 1,000 and ${OPEN.toLocaleString('en')} open, and a worker's cold start` },
  soak: { what: `${OPEN.toLocaleString('en')} open for a quarter of an hour` },
  codec: { what: 'how fast payloads are encrypted and read, beside WebCrypto alone' },
};

/** In the order in which they are measured; each group on servers of its own. Those that leave many onboardings open come last. */
export const GROUPS: readonly (readonly ServerPart[])[] = [
  ['startAlone', 'startCrowded', 'throughput', 'costs', 'replay', 'webhooks', 'stream', 'audit'],
  ['peers'],
  ['growth', 'soak'],
];

/** What needs the PostgreSQL of the production server. */
export const ON_PRODUCTION_ALONE: readonly ServerPart[] = ['peers'];

export const QUICK: readonly ServerPart[] = ['startAlone', 'startCrowded', 'throughput', 'costs'];
