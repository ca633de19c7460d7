import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { Count, decodeOnly, HttpStatus, oneOf, Rate } from './decoding.js';
import { createRandom, type Random } from './random.js';

/** How each kind of fault shows: it slows the call down, or it befalls it before or after its effect. */
export const FAULT_SHOWS = {
  latency: 'slow',
  status: 'before',
  expiredToken: 'before',
  reset: 'before',
  hang: 'before',
  lostAnswer: 'after',
  heldAnswer: 'after',
  cutBody: 'after',
  nonJson: 'after',
  empty: 'after',
  wrongShape: 'after',
} as const satisfies Readonly<Record<string, 'slow' | 'before' | 'after'>>;

/** The kinds of faults, by their names. */
export const FAULT_KINDS: readonly string[] = Object.keys(FAULT_SHOWS);

const REQUIRED = {
  /** `POST /v2/app-registrations`, with `:id` for ids, or `*` for all of Verifik's calls. */
  match: t.string,
  kind: oneOf(
    'latency',
    'status',
    'expiredToken',
    'reset',
    'hang',
    'lostAnswer',
    'heldAnswer',
    'cutBody',
    'nonJson',
    'empty',
    'wrongShape',
  ),
};

const OPTIONAL = {
  /** How likely, from 0 to 1. Default 1. */
  rate: Rate,
  /** How many times at most. */
  times: Count,
  /** How many matching calls are spared first. */
  after: Count,
  /** For `latency`. */
  latencyMs: Count,
  /** For `latency`: up to so many milliseconds more. */
  jitterMs: Count,
  /** For `status`. Default 503. */
  status: HttpStatus,
  /** For `status`: a code word of Verifik's. */
  code: t.string,
  /** For `status`: the header `Retry-After`, as it is to stand. */
  retryAfter: t.string,
  /** For `status`: the header `Retry-After` as an HTTP date so many milliseconds from the answer on, in whole seconds. */
  retryAfterDateMs: Count,
};

const FaultCodec = t.intersection([t.type(REQUIRED), t.partial(OPTIONAL)]);

/** One fault: for which calls, what, and how often. */
export type Fault = t.TypeOf<typeof FaultCodec>;

/** Named sets of faults. */
export const FAULT_PROFILES: Readonly<Record<'calm' | 'flaky' | 'storm', readonly Fault[]>> = {
  calm: [],
  flaky: [
    { match: '*', kind: 'latency', latencyMs: 40 },
    { match: '*', kind: 'status', status: 503, rate: 0.05 },
    { match: '*', kind: 'lostAnswer', rate: 0.03 },
  ],
  storm: [
    { match: '*', kind: 'latency', latencyMs: 150 },
    { match: '*', kind: 'status', status: 503, rate: 0.15 },
    { match: '*', kind: 'status', status: 429, retryAfter: '1', rate: 0.05 },
    { match: '*', kind: 'lostAnswer', rate: 0.08 },
    { match: '*', kind: 'cutBody', rate: 0.04 },
    { match: '*', kind: 'nonJson', rate: 0.03 },
    { match: '*', kind: 'reset', rate: 0.04 },
  ],
};

interface LiveFault {
  readonly fault: Fault;
  seen: number;
  done: number;
}

/** What one call meets: some slowness, and at most one other fault. */
export interface Met {
  readonly delayMs: number;
  readonly fault?: Fault;
  /** The fault had no occasion to show: it is still to come. */
  readonly giveBack: () => void;
}

/** Any name of an id will do, and braces too: `/v2/app-registrations/{id}/sync`. */
const normalise = (route: string): string => route.replace(/\{\w+\}|:\w+/g, ':id');

/** The faults that are on, and which of them a call meets: the same ones for the same seed and the same calls. */
export class Faults {
  readonly #random: Random;
  /** The calls that there are, as `POST /v2/app-registrations`. */
  readonly calls = new Set<string>();
  #live: readonly LiveFault[] = [];

  constructor(seed: number) {
    this.#random = createRandom(seed);
  }

  set(faults: readonly Fault[]): void {
    this.#live = faults.map((fault) => ({ fault, seen: 0, done: 0 }));
  }

  /** The faults that are on. */
  get on(): readonly Fault[] {
    return this.#live.map(({ fault }) => fault);
  }

  /** Reads a list of faults, or says which field of which is wrong. */
  read(input: unknown): E.Either<string, readonly Fault[]> {
    if (!Array.isArray(input)) return E.left('(root): expected a list of faults');
    const fields = [...Object.keys(REQUIRED), ...Object.keys(OPTIONAL)];
    const faults: Fault[] = [];
    for (const [index, one] of input.entries()) {
      const decoded = decodeOnly(FaultCodec, fields, one);
      if (E.isLeft(decoded)) return E.left(`${index}: ${decoded.left}`);
      const { match } = decoded.right;
      if (match !== '*' && !this.calls.has(normalise(match)))
        return E.left(`${index}: match: no such call; expected * or one of ${[...this.calls].join(', ')}`);
      faults.push(decoded.right);
    }
    return E.right(faults);
  }

  /** What a call meets. Of faults that end a call, the first that is due. */
  meet(call: string): Met {
    let delayMs = 0;
    let met: LiveFault | undefined;
    for (const live of this.#live) {
      const { fault } = live;
      if (fault.match !== '*' && normalise(fault.match) !== normalise(call)) continue;
      live.seen += 1;
      if (met !== undefined && fault.kind !== 'latency') continue;
      if (!this.#isDue(live)) continue;
      live.done += 1;
      if (fault.kind === 'latency') delayMs += (fault.latencyMs ?? 0) + this.#random.below((fault.jitterMs ?? 0) + 1);
      else met = live;
    }
    const giveBack = () => {
      if (met !== undefined) met.done -= 1;
    };
    return { delayMs, giveBack, ...(met === undefined ? {} : { fault: met.fault }) };
  }

  #isDue({ fault: { after = 0, times = Number.POSITIVE_INFINITY, rate = 1 }, seen, done }: LiveFault): boolean {
    return seen > after && done < times && this.#random.next() < rate;
  }
}
