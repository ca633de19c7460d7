import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { decodeFields, describeFieldErrors } from '../../shared/decoding.js';

/** What several rounds of one measurement came to. */
export const Spread = t.readonly(t.type({ median: t.number, least: t.number, most: t.number, rounds: t.number }));
export type Spread = t.TypeOf<typeof Spread>;

/** One figure of the onboarding, the same of the floor, and the one ÷ the other, each of them round by round. */
export const Compared = t.readonly(t.type({ onboarding: Spread, floor: Spread, ratio: Spread }));
export type Compared = t.TypeOf<typeof Compared>;

/** How long a caller waits for the answer to a start, in ms. */
export const StartLatency = t.readonly(
  t.type({ concurrency: t.number, startsPerRound: t.number, p50: Compared, p99: Compared }),
);
export type StartLatency = t.TypeOf<typeof StartLatency>;

/** How many a second go all the way, and the CPU time that each costs the worker's process, in ms. */
export const Throughput = t.readonly(
  t.type({ concurrency: t.number, perRound: t.number, perSecond: Compared, workerCpuMs: Compared }),
);
export type Throughput = t.TypeOf<typeof Throughput>;

const Count = t.readonly(t.type({ what: t.string, count: t.number }));

/** What one of them leaves in Temporal, and what Temporal Cloud would count. */
export const Cost = t.readonly(
  t.type({
    historyEvents: t.number,
    historyBytes: t.number,
    events: t.readonlyArray(Count),
    actions: t.readonlyArray(Count),
  }),
);
export type Cost = t.TypeOf<typeof Cost>;

export const Costs = t.readonly(t.type({ onboarding: Cost, floor: Cost }));
export type Costs = t.TypeOf<typeof Costs>;

/** How many history events a second are replayed. */
export const Replay = t.readonly(t.type({ histories: t.number, eventsPerSecond: Compared }));
export type Replay = t.TypeOf<typeof Replay>;

/** How it goes while so many onboardings are open. Latencies are medians in ms. */
export const Stage = t.readonly(
  t.type({
    open: t.number,
    openedPerSecond: t.number,
    startMs: t.number,
    statusMs: t.number,
    perSecond: t.number,
    workerResidentBytes: t.number,
    workerCpuMs: t.number,
    cachedWorkflows: t.number,
    databaseBytes: t.number,
  }),
);
export type Stage = t.TypeOf<typeof Stage>;

/** What a worker that begins finds open, and how soon it serves them. Latencies in ms. */
export const ColdStart = t.readonly(
  t.type({
    open: t.number,
    readyMs: t.number,
    statuses: t.number,
    firstStatusMs: t.number,
    statusP50Ms: t.number,
    statusP99Ms: t.number,
    perSecond: t.number,
  }),
);
export type ColdStart = t.TypeOf<typeof ColdStart>;

export const Growth = t.readonly(
  t.type({ stages: t.readonlyArray(Stage), residentBytesPerCachedWorkflow: t.number, coldStart: ColdStart }),
);
export type Growth = t.TypeOf<typeof Growth>;

/** A moment of a soak. Latencies in ms since the moment before. */
export const Moment = t.readonly(
  t.type({
    minute: t.number,
    startP50Ms: t.number,
    startP99Ms: t.number,
    finished: t.number,
    workerResidentBytes: t.number,
    cachedWorkflows: t.number,
    serverResidentBytes: t.number,
  }),
);
export type Moment = t.TypeOf<typeof Moment>;

export const Soak = t.readonly(
  t.type({ open: t.number, minutes: t.number, startsPerSecond: t.number, moments: t.readonlyArray(Moment) }),
);
export type Soak = t.TypeOf<typeof Soak>;

/** Webhooks a second: those that move an onboarding, those that are repeats, and what bare Fastify answers. */
export const Webhooks = t.readonly(
  t.type({
    connections: t.number,
    new: Spread,
    repeated: Spread,
    bareFastify: Spread,
    ratio: Spread,
    repeatedRatio: Spread,
  }),
);
export type Webhooks = t.TypeOf<typeof Webhooks>;

/** How long a live caller waits for the answer to a start, in ms, with a batch beside it and without: medians of each round. */
export const LiveStarts = t.readonly(
  t.type({ startsPerRound: t.number, idleMs: Spread, besideMs: Spread, ratio: Spread }),
);
export type LiveStarts = t.TypeOf<typeof LiveStarts>;

/** Calls to the vendor a second of an audit, against the limit that its workers are held to, and live starts meanwhile. */
export const Audit = t.readonly(
  t.type({
    limit: t.number,
    workers: t.number,
    registrations: t.number,
    callsPerSecond: t.number,
    busiestTenSeconds: t.number,
    liveStarts: LiveStarts,
  }),
);
export type Audit = t.TypeOf<typeof Audit>;

/** A file of so many ids, read by a batch. The most that the worker's process had resident while it did. */
export const Streamed = t.readonly(t.type({ ids: t.number, seconds: t.number, workerResidentBytes: t.number }));
export type Streamed = t.TypeOf<typeof Streamed>;

export const Stream = t.readonly(t.type({ files: t.readonlyArray(Streamed) }));
export type Stream = t.TypeOf<typeof Stream>;

/** The onboarding over HTTP on one system. Times in ms: of a start, and from the last report to the outcome, one at a time. */
export const PeerFigures = t.readonly(
  t.type({
    name: t.string,
    startMs: Spread,
    endMs: Spread,
    perSecond: Spread,
    /** CPU time of the machine for each, but for the callers and the sandbox. */
    cpuMs: Spread,
    /** Of all its processes but PostgreSQL's. */
    residentBytes: t.number,
  }),
);
export type PeerFigures = t.TypeOf<typeof PeerFigures>;

export const Peers = t.readonly(
  t.type({ concurrency: t.number, perRound: t.number, systems: t.readonlyArray(PeerFigures) }),
);
export type Peers = t.TypeOf<typeof Peers>;

/** One direction: medians of µs a payload, and throughput over throughput. 1 is as fast as WebCrypto alone. */
export const CodecDirection = t.readonly(t.type({ ratio: Spread, oursMicros: t.number, floorMicros: t.number }));
export type CodecDirection = t.TypeOf<typeof CodecDirection>;

/** Payloads of so many bytes before encryption, so many in one call of the codec. */
export const CodecCase = t.readonly(
  t.type({ bytes: t.number, batch: t.number, encode: CodecDirection, decode: CodecDirection }),
);
export type CodecCase = t.TypeOf<typeof CodecCase>;

/** The ratios are the lowest of the cases' medians: what holds for every one of them. */
export const CodecFigures = t.readonly(
  t.type({ ratioEncode: t.number, ratioDecode: t.number, cases: t.readonlyArray(CodecCase) }),
);
export type CodecFigures = t.TypeOf<typeof CodecFigures>;

/** The measured machine. */
export const Machine = t.readonly(
  t.type({ cpu: t.string, cores: t.number, memoryBytes: t.number, node: t.string, system: t.string, commit: t.string }),
);
export type Machine = t.TypeOf<typeof Machine>;

/** One part of the results, with when and where it was measured. */
const measured = <A extends t.Mixed>(figures: A) => t.readonly(t.type({ at: t.string, machine: Machine, figures }));

export interface Measured<A> {
  /** An ISO 8601 date. */
  readonly at: string;
  readonly machine: Machine;
  readonly figures: A;
}

/** What is measured on a Temporal server. */
const ServerResults = t.readonly(
  t.partial({
    startAlone: measured(StartLatency),
    startCrowded: measured(StartLatency),
    throughput: measured(Throughput),
    costs: measured(Costs),
    replay: measured(Replay),
    webhooks: measured(Webhooks),
    audit: measured(Audit),
    stream: measured(Stream),
    peers: measured(Peers),
    growth: measured(Growth),
    soak: measured(Soak),
  }),
);
export type ServerResults = t.TypeOf<typeof ServerResults>;

const Results = t.readonly(
  t.type({
    production: ServerResults,
    development: ServerResults,
    codec: t.union([measured(CodecFigures), t.undefined]),
  }),
);

/** All that has been measured, each part the last time that it was. */
export type Results = t.TypeOf<typeof Results>;

export const NO_RESULTS: Results = { production: {}, development: {}, codec: undefined };

/** Reads what was measured before. Throws with the field that is wrong. */
export const readResults = (json: string): Results => {
  const read = decodeFields(Results)(JSON.parse(json));
  if (E.isLeft(read)) throw new Error(describeFieldErrors(read.left));
  return read.right;
};
