import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { decodeFields, describeFieldErrors } from '../../shared/decoding.js';

const figures = <P extends t.Props>(props: P) => t.readonly(t.type(props));

/** The results of several rounds of one measurement. */
const Spread = figures({ median: t.number, least: t.number, most: t.number, rounds: t.number });
export type Spread = t.TypeOf<typeof Spread>;

/** One figure of the onboarding and of the baseline, and the ratio onboarding ÷ baseline of each round. */
const Compared = figures({ onboarding: Spread, baseline: Spread, ratio: Spread });
export type Compared = t.TypeOf<typeof Compared>;

/** The latency of a start as its caller sees it, in ms. */
const StartLatency = figures({ concurrency: t.number, startsPerRound: t.number, p50: Compared, p99: Compared });

/**
 * Completed executions per second, and the CPU time of the worker's process for each, in ms: with reports in a row, and
 * with pauses between them, so that each has its own workflow task.
 */
const Throughput = figures({
  concurrency: t.number,
  perRound: t.number,
  perSecond: Compared,
  workerCpuMs: Compared,
  paced: figures({ betweenMs: t.number, workerCpuMs: Compared }),
});

const Counts = t.readonlyArray(figures({ what: t.string, count: t.number }));

/** Event types or actions, and the number of occurrences of each. */
export type Counts = t.TypeOf<typeof Counts>;

/** The history of one execution, and the actions that Temporal Cloud would bill. */
const Cost = figures({ historyEvents: t.number, historyBytes: t.number, events: Counts, actions: Counts });
export type Cost = t.TypeOf<typeof Cost>;

/** Figures with a given number of open onboardings. Latencies are medians in ms. */
const Stage = figures({
  open: t.number,
  openedPerSecond: t.number,
  startMs: t.number,
  statusMs: t.number,
  perSecond: t.number,
  workerResidentBytes: t.number,
  workerCpuMs: t.number,
  cachedWorkflows: t.number,
  databaseBytes: t.number,
});
export type Stage = t.TypeOf<typeof Stage>;

/** Figures of a worker that starts with an empty cache while onboardings are open. Latencies in ms. */
const ColdStart = figures({
  open: t.number,
  readyMs: t.number,
  statuses: t.number,
  firstStatusMs: t.number,
  statusP50Ms: t.number,
  statusP99Ms: t.number,
  perSecond: t.number,
});

/** One minute of a soak test. */
const Moment = figures({
  minute: t.number,
  startP50Ms: t.number,
  startP99Ms: t.number,
  finished: t.number,
  workerResidentBytes: t.number,
  cachedWorkflows: t.number,
  serverResidentBytes: t.number,
});
export type Moment = t.TypeOf<typeof Moment>;

/**
 * Webhooks per second: new ones, repeated ones, signals that a client sends to the minimal workflow, and webhooks of
 * Fastify without any processing.
 */
const Webhooks = figures({
  connections: t.number,
  new: Spread,
  repeated: Spread,
  signals: Spread,
  bareFastify: Spread,
  newRatio: Spread,
  repeatedRatio: Spread,
});

/** Calls to Verifik per second of an audit, the limit of all its workers, and the latency of starts meanwhile. */
const Audit = figures({
  limit: t.number,
  workers: t.number,
  registrations: t.number,
  callsPerSecond: t.number,
  busiestTenSeconds: t.number,
  /** The median latency of a start in each round, in ms, with and without a batch in progress. */
  liveStarts: figures({ startsPerRound: t.number, idleMs: Spread, besideMs: Spread, ratio: Spread }),
});

/** A batch that reads a file of ids, and the peak resident memory of the worker's process. */
const Streamed = figures({ ids: t.number, seconds: t.number, workerResidentBytes: t.number });
export type Streamed = t.TypeOf<typeof Streamed>;

/** The onboarding over HTTP on one system. `endMs` is the time from the last report to the outcome. */
const AlternativeFigures = figures({
  name: t.string,
  startMs: Spread,
  endMs: Spread,
  perSecond: Spread,
  /** The CPU time of the machine for each onboarding, without the callers and the sandbox. */
  cpuMs: Spread,
  /** The part of each process, and of the rest of the machine: PostgreSQL and the kernel. */
  processes: t.readonlyArray(figures({ name: t.string, cpuMs: Spread })),
  /** The memory of all its processes except PostgreSQL's. */
  residentBytes: t.number,
});
export type AlternativeFigures = t.TypeOf<typeof AlternativeFigures>;

/** Encryption or decryption: median µs per payload, and the ratio of the rates. 1 is as fast as WebCrypto. */
const CodecDirection = figures({ ratio: Spread, oursMicros: t.number, baselineMicros: t.number });
export type CodecDirection = t.TypeOf<typeof CodecDirection>;

/** The payload size before encryption in bytes, and the number of payloads in one call of the codec. */
const CodecCase = figures({ bytes: t.number, batch: t.number, encode: CodecDirection, decode: CodecDirection });
export type CodecCase = t.TypeOf<typeof CodecCase>;

/** The ratios are the lowest medians of all cases. */
const CodecFigures = figures({ ratioEncode: t.number, ratioDecode: t.number, cases: t.readonlyArray(CodecCase) });
export type CodecFigures = t.TypeOf<typeof CodecFigures>;

const Machine = figures({
  cpu: t.string,
  cores: t.number,
  memoryBytes: t.number,
  node: t.string,
  system: t.string,
  commit: t.string,
});
export type Machine = t.TypeOf<typeof Machine>;

/** One part of the results with the time and the machine of its measurement. */
const measured = <A extends t.Mixed>(part: A) => figures({ at: t.string, machine: Machine, figures: part });

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
    costs: measured(figures({ onboarding: Cost, baseline: Cost })),
    replay: measured(figures({ histories: t.number, eventsPerSecond: Compared })),
    webhooks: measured(Webhooks),
    audit: measured(Audit),
    stream: measured(figures({ files: t.readonlyArray(Streamed) })),
    alternatives: measured(
      figures({ concurrency: t.number, perRound: t.number, systems: t.readonlyArray(AlternativeFigures) }),
    ),
    growth: measured(
      figures({ stages: t.readonlyArray(Stage), residentBytesPerCachedWorkflow: t.number, coldStart: ColdStart }),
    ),
    soak: measured(
      figures({ open: t.number, minutes: t.number, startsPerSecond: t.number, moments: t.readonlyArray(Moment) }),
    ),
  }),
);
export type ServerResults = t.TypeOf<typeof ServerResults>;

/** The figures of a part that is measured on a Temporal server. */
export type Figures<Part extends keyof ServerResults> = NonNullable<ServerResults[Part]>['figures'];

const Results = figures({
  production: ServerResults,
  development: ServerResults,
  codec: t.union([measured(CodecFigures), t.undefined]),
});

/** The latest results of each part. */
export type Results = t.TypeOf<typeof Results>;

export const NO_RESULTS: Results = { production: {}, development: {}, codec: undefined };

/** Decodes saved results. Throws an error that names an invalid field. */
export const readResults = (json: string): Results => {
  const read = decodeFields(Results)(JSON.parse(json));
  if (E.isLeft(read)) throw new Error(describeFieldErrors(read.left));
  return read.right;
};
