import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { envelope } from './refusals.js';
import { problems } from './settings.js';
import type { World } from './world.js';

const KINDS = {
  latency: null,
  status: null,
  reset: null,
  hang: null,
  expiredToken: null,
  lostAnswer: null,
  heldAnswer: null,
  cutBody: null,
  nonJson: null,
  empty: null,
  wrongShape: null,
};

/** The kinds of faults, by their names. */
export const FAULT_KINDS: readonly string[] = Object.keys(KINDS);

/** One fault: for which calls, what, and how often. */
export const FaultCodec = t.intersection([
  t.type({
    /** `POST /v2/app-registrations`, with `:id` for ids, or `*` for all of Verifik's calls. */
    match: t.string,
    kind: t.keyof(KINDS, FAULT_KINDS.join(' or ')),
  }),
  t.partial({
    /** How likely, from 0 to 1. Default 1. */
    rate: t.number,
    /** How many times at most. */
    times: t.number,
    /** How many matching calls are spared first. */
    after: t.number,
    /** For `latency`. */
    latencyMs: t.number,
    /** For `status`. Default 503. */
    status: t.number,
    /** For `status`: a code word of Verifik's. */
    code: t.string,
    /** For `status`: the header `Retry-After`, in either form. */
    retryAfter: t.string,
  }),
]);

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

interface LiveFault extends Fault {
  seen: number;
  done: number;
}

/** The faults that are on, and which of them a call meets. */
export class Faults {
  readonly #world: World;
  #live: LiveFault[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  set(faults: readonly Fault[]): void {
    this.#live = faults.map((fault) => ({ ...fault, seen: 0, done: 0 }));
  }

  /** The faults that this call meets, in their order. */
  draw(call: string): readonly Fault[] {
    return this.#live.filter((fault) => {
      if (fault.match !== '*' && fault.match !== call) return false;
      fault.seen += 1;
      if (fault.seen <= (fault.after ?? 0) || fault.done >= (fault.times ?? Number.POSITIVE_INFINITY)) return false;
      if (this.#world.random.next() >= (fault.rate ?? 1)) return false;
      fault.done += 1;
      return true;
    });
  }
}

/** Reads a list of faults, or says what is wrong with it. */
export const readFaults = (input: unknown): E.Either<string, readonly Fault[]> =>
  E.mapLeft(problems)(t.array(FaultCodec, 'a list of faults').decode(input));

const never = <A>(): Promise<A> => new Promise<A>(() => undefined);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const destroy = <A>({ raw }: FastifyRequest): Promise<A> => {
  raw.socket.destroy();
  return never<A>();
};

const before = async (world: World, fault: Fault, request: FastifyRequest, reply: FastifyReply): Promise<void> => {
  switch (fault.kind) {
    case 'latency':
      return pause(fault.latencyMs ?? 0);
    case 'reset':
      return destroy(request);
    case 'hang':
      return never();
    case 'expiredToken':
      await reply.code(401).send(envelope(world.settings.errorEnvelope, 401, 'Unauthorized'));
      return;
    case 'status': {
      const status = fault.status ?? 503;
      if (fault.retryAfter !== undefined) reply.header('retry-after', fault.retryAfter);
      const code = fault.code ?? 'unavailable';
      await reply.code(status).send(envelope(world.settings.errorEnvelope, status, code));
      return;
    }
    default:
      return;
  }
};

const cut = <A>({ raw }: FastifyRequest, payload: string): Promise<A> => {
  const length = Buffer.byteLength(payload);
  const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
  raw.socket.write(head + payload.slice(0, Math.floor(payload.length / 2)), () => raw.socket.destroy());
  return never<A>();
};

const after = async (fault: Fault, request: FastifyRequest, reply: FastifyReply, payload: string): Promise<string> => {
  switch (fault.kind) {
    case 'lostAnswer':
      return destroy(request);
    case 'heldAnswer':
      return never();
    case 'cutBody':
      return cut(request, payload);
    case 'nonJson':
      reply.code(200).header('content-type', 'text/html').removeHeader('content-length');
      return '<html><body>Service</body></html>';
    case 'empty':
      reply.code(200).removeHeader('content-length');
      return '';
    case 'wrongShape':
      reply.code(200).removeHeader('content-length');
      return '{"data":{"unexpected":true}}';
    default:
      return payload;
  }
};

/** Puts the faults between the calls of Verifik's API and their answers. */
export const addFaults = (app: FastifyInstance, world: World, faults: Faults): void => {
  const drawn = new WeakMap<FastifyRequest, readonly Fault[]>();
  app.addHook('onRequest', async (request, reply) => {
    if (world.settings.latencyMs > 0) await pause(world.settings.latencyMs);
    const met = faults.draw(`${request.method} ${request.routeOptions.url ?? ''}`);
    drawn.set(request, met);
    for (const fault of met) {
      if (!reply.sent) await before(world, fault, request, reply);
    }
  });
  app.addHook('onSend', async (request, reply, payload) => {
    let answer = typeof payload === 'string' ? payload : '';
    // A call that was refused has had no effect whose answer could go astray.
    if (reply.statusCode >= 300) return payload;
    for (const fault of drawn.get(request) ?? []) answer = await after(fault, request, reply, answer);
    return answer;
  });
};
