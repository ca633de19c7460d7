import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { Count, decodeExact, HttpStatus, oneOf, Rate } from '../decoding.js';
import { createRandom, type Random } from '../random.js';

/**
 * When each kind of fault applies: it delays the request, or replaces the response before or after the request takes
 * effect.
 */
export const FAULT_PHASES = {
  latency: 'delay',
  status: 'before',
  expiredToken: 'before',
  proxyPage: 'before',
  reset: 'before',
  hang: 'before',
  lostAnswer: 'after',
  heldAnswer: 'after',
  cutBody: 'after',
  nonJson: 'after',
  empty: 'after',
  wrongShape: 'after',
} as const satisfies Readonly<Record<string, 'delay' | 'before' | 'after'>>;

export const FAULT_KINDS: readonly string[] = Object.keys(FAULT_PHASES);

const REQUIRED = {
  /** A call such as `POST /v2/app-registrations/:id/sync`, or `*` for all calls of Verifik's API. */
  match: t.string,
  kind: oneOf(
    'latency',
    'status',
    'expiredToken',
    'proxyPage',
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
  rate: Rate,
  /** The maximum number of times. Default: unlimited. */
  times: Count,
  /** The number of matching calls to skip first. */
  after: Count,
  latencyMs: Count,
  jitterMs: Count,
  status: HttpStatus,
  code: t.string,
  /** For `status`: the message in place of one with the code. */
  message: t.string,
  retryAfter: t.string,
  /** For `status`: sends `Retry-After` as an HTTP date, this many milliseconds from now, rounded down to seconds. */
  retryAfterDateMs: Count,
};

const FaultCodec = t.intersection([t.type(REQUIRED), t.partial(OPTIONAL)]);

export type Fault = t.TypeOf<typeof FaultCodec>;

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

interface ActiveFault {
  readonly fault: Fault;
  matched: number;
  applied: number;
}

/** The faults of one call: a delay, and at most one other fault. */
export interface SelectedFaults {
  readonly delayMs: number;
  readonly fault?: Fault;
  /** Undoes the selection of the fault, which then applies to a later call. */
  readonly release: () => void;
}

/** Accepts any placeholder, as `:id` or `{id}`. */
const normalise = (route: string): string => route.replace(/\{\w+\}|:\w+/g, ':id');

/** The active faults. For the same seed and calls, it selects the same faults. */
export class Faults {
  readonly #random: Random;
  readonly calls = new Set<string>();
  #active: readonly ActiveFault[] = [];

  constructor(seed: number) {
    this.#random = createRandom(seed);
  }

  set(faults: readonly Fault[]): void {
    this.#active = faults.map((fault) => ({ fault, matched: 0, applied: 0 }));
  }

  get on(): readonly Fault[] {
    return this.#active.map(({ fault }) => fault);
  }

  read(input: unknown): E.Either<string, readonly Fault[]> {
    if (!Array.isArray(input)) return E.left('(root): expected a list of faults');
    const fields = [...Object.keys(REQUIRED), ...Object.keys(OPTIONAL)];
    const faults: Fault[] = [];
    for (const [index, one] of input.entries()) {
      const decoded = decodeExact(FaultCodec, fields, one);
      if (E.isLeft(decoded)) return E.left(`${index}: ${decoded.left}`);
      const { match } = decoded.right;
      if (match !== '*' && !this.calls.has(normalise(match)))
        return E.left(`${index}: match: no such call; expected * or one of ${[...this.calls].join(', ')}`);
      faults.push(decoded.right);
    }
    return E.right(faults);
  }

  /** Selects the faults for a call: all due delays, and the first other fault that is due. */
  select(call: string): SelectedFaults {
    let delayMs = 0;
    let selected: ActiveFault | undefined;
    for (const active of this.#active) {
      const { fault } = active;
      if (fault.match !== '*' && normalise(fault.match) !== normalise(call)) continue;
      active.matched += 1;
      if (selected !== undefined && fault.kind !== 'latency') continue;
      if (!this.#isDue(active)) continue;
      active.applied += 1;
      if (fault.kind === 'latency') delayMs += (fault.latencyMs ?? 0) + this.#random.below((fault.jitterMs ?? 0) + 1);
      else selected = active;
    }
    const release = () => {
      if (selected !== undefined) selected.applied -= 1;
    };
    return { delayMs, release, ...(selected === undefined ? {} : { fault: selected.fault }) };
  }

  #isDue({ fault: { after = 0, times = Number.POSITIVE_INFINITY, rate = 1 }, matched, applied }: ActiveFault): boolean {
    return matched > after && applied < times && this.#random.next() < rate;
  }
}
