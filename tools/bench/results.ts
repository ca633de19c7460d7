import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { decodeFields, describeFieldErrors } from '../../shared/decoding.js';

/** The results of several rounds of one measurement. */
export const Spread = t.readonly(t.type({ median: t.number, least: t.number, most: t.number, rounds: t.number }));
export type Spread = t.TypeOf<typeof Spread>;

/** One figure of the onboarding and of the baseline, and the ratio onboarding ÷ baseline of each round. */
export const Compared = t.readonly(t.type({ onboarding: Spread, baseline: Spread, ratio: Spread }));
export type Compared = t.TypeOf<typeof Compared>;

/** The latency of a start as its caller sees it, in ms. */
export const StartLatency = t.readonly(
  t.type({ concurrency: t.number, startsPerRound: t.number, p50: Compared, p99: Compared }),
);
export type StartLatency = t.TypeOf<typeof StartLatency>;

/** Completed executions per second, and the CPU time of the worker's process for each, in ms. */
export const Throughput = t.readonly(
  t.type({ concurrency: t.number, perRound: t.number, perSecond: Compared, workerCpuMs: Compared }),
);
export type Throughput = t.TypeOf<typeof Throughput>;

const Count = t.readonly(t.type({ what: t.string, count: t.number }));

/** The history of one execution, and the actions that Temporal Cloud would bill. */
export const Cost = t.readonly(
  t.type({
    historyEvents: t.number,
    historyBytes: t.number,
    events: t.readonlyArray(Count),
    actions: t.readonlyArray(Count),
  }),
);
export type Cost = t.TypeOf<typeof Cost>;

export const Costs = t.readonly(t.type({ onboarding: Cost, baseline: Cost }));
export type Costs = t.TypeOf<typeof Costs>;

export const Replay = t.readonly(t.type({ histories: t.number, eventsPerSecond: Compared }));
export type Replay = t.TypeOf<typeof Replay>;

/** Figures with a given number of open onboardings. Latencies are medians in ms. */
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

/** Figures of a worker that starts with an empty cache while onboardings are open. Latencies in ms. */
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

/** One minute of a soak test. */
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

/** Webhooks per second: new ones, repeated ones, and those of Fastify without any processing. */
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

/** The median latency of a start in each round, in ms, with and without a batch in progress. */
export const LiveStarts = t.readonly(
  t.type({ startsPerRound: t.number, idleMs: Spread, besideMs: Spread, ratio: Spread }),
);
export type LiveStarts = t.TypeOf<typeof LiveStarts>;

/** Calls to Verifik per second of an audit, the limit of all its workers, and the latency of starts meanwhile. */
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

/** A batch that reads a file of ids, and the peak resident memory of the worker's process. */
export const Streamed = t.readonly(t.type({ ids: t.number, seconds: t.number, workerResidentBytes: t.number }));
export type Streamed = t.TypeOf<typeof Streamed>;

export const Stream = t.readonly(t.type({ files: t.readonlyArray(Streamed) }));
export type Stream = t.TypeOf<typeof Stream>;

/** The onboarding over HTTP on one system. `endMs` is the time from the last report to the outcome. */
export const AlternativeFigures = t.readonly(
  t.type({
    name: t.string,
    startMs: Spread,
    endMs: Spread,
    perSecond: Spread,
    /** The CPU time of the machine for each onboarding, without the callers and the sandbox. */
    cpuMs: Spread,
    /** The memory of all its processes except PostgreSQL's. */
    residentBytes: t.number,
  }),
);
export type AlternativeFigures = t.TypeOf<typeof AlternativeFigures>;

export const Alternatives = t.readonly(
  t.type({ concurrency: t.number, perRound: t.number, systems: t.readonlyArray(AlternativeFigures) }),
);
export type Alternatives = t.TypeOf<typeof Alternatives>;

/** Encryption or decryption: median µs per payload, and the ratio of the rates. 1 is as fast as WebCrypto. */
export const CodecDirection = t.readonly(t.type({ ratio: Spread, oursMicros: t.number, baselineMicros: t.number }));
export type CodecDirection = t.TypeOf<typeof CodecDirection>;

/** The payload size before encryption in bytes, and the number of payloads in one call of the codec. */
export const CodecCase = t.readonly(
  t.type({ bytes: t.number, batch: t.number, encode: CodecDirection, decode: CodecDirection }),
);
export type CodecCase = t.TypeOf<typeof CodecCase>;

/** The ratios are the lowest medians of all cases. */
export const CodecFigures = t.readonly(
  t.type({ ratioEncode: t.number, ratioDecode: t.number, cases: t.readonlyArray(CodecCase) }),
);
export type CodecFigures = t.TypeOf<typeof CodecFigures>;

export const Machine = t.readonly(
  t.type({ cpu: t.string, cores: t.number, memoryBytes: t.number, node: t.string, system: t.string, commit: t.string }),
);
export type Machine = t.TypeOf<typeof Machine>;

/** One part of the results with the time and the machine of its measurement. */
const measured = <A extends t.Mixed>(figures: A) => t.readonly(t.type({ at: t.string, machine: Machine, figures }));

export interface Measured<A> {
  /** An ISO 8601 date. */
  readonly at: string;
  readonly machine: Machine;
  readonly figures: A;
}

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
    alternatives: measured(Alternatives),
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

/** The latest results of each part. */
export type Results = t.TypeOf<typeof Results>;

export const NO_RESULTS: Results = { production: {}, development: {}, codec: undefined };

/** Decodes saved results. Throws an error that names an invalid field. */
export const readResults = (json: string): Results => {
  const read = decodeFields(Results)(JSON.parse(json));
  if (E.isLeft(read)) throw new Error(describeFieldErrors(read.left));
  return read.right;
};
