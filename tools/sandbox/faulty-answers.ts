import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { APPLICANT_HEADER } from './device.js';
import { FAULT_SHOWS, type Fault, type Faults, type Met } from './faults.js';
import type { LoggedRequest } from './ledger.js';
import { envelope } from './refusals.js';
import type { World } from './world.js';

const never = <A>(): Promise<A> => new Promise<A>(() => undefined);

const destroy = <A>({ raw }: FastifyRequest): Promise<A> => {
  raw.socket.destroy();
  return never<A>();
};

const refuse = async (world: World, reply: FastifyReply, status: number, word: string): Promise<void> => {
  await reply.code(status).send(envelope(world.settings.errorEnvelope, { status, word }));
};

const befall = async (world: World, fault: Fault, request: FastifyRequest, reply: FastifyReply): Promise<void> => {
  switch (fault.kind) {
    case 'reset':
      return destroy(request);
    case 'hang':
      return never();
    case 'expiredToken':
      return refuse(world, reply, 401, 'Unauthorized');
    case 'status': {
      const { status = 503, code = 'unavailable', retryAfter, retryAfterDateMs } = fault;
      if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
      // Callers reckon it from their own clock, not from the sandbox's.
      if (retryAfterDateMs !== undefined)
        reply.header('retry-after', new Date(Date.now() + retryAfterDateMs).toUTCString());
      return refuse(world, reply, status, code);
    }
    default:
      return;
  }
};

const cut = <A>({ raw }: FastifyRequest, payload: string): Promise<A> => {
  const bytes = Buffer.from(payload);
  const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${bytes.length}\r\n\r\n`;
  const half = bytes.subarray(0, Math.floor(bytes.length / 2));
  raw.socket.write(Buffer.concat([Buffer.from(head), half]), () => raw.socket.destroy());
  return never<A>();
};

const replace = (reply: FastifyReply, type: string, payload: string): string => {
  reply.code(200).header('content-type', type).removeHeader('content-length');
  return payload;
};

const spoil = async (fault: Fault, request: FastifyRequest, reply: FastifyReply, payload: string): Promise<string> => {
  switch (fault.kind) {
    case 'lostAnswer':
      return destroy(request);
    case 'heldAnswer':
      return never();
    case 'cutBody':
      return cut(request, payload);
    case 'nonJson':
      return replace(reply, 'text/html', '<html><body>Service</body></html>');
    case 'empty':
      return replace(reply, 'application/json', '');
    case 'wrongShape':
      return replace(reply, 'application/json', '{"data":{"unexpected":true}}');
    default:
      return payload;
  }
};

/** How the rate limit refuses a call. */
const TOO_MANY: Fault = { match: '*', kind: 'status', status: 429, code: 'too_many_requests', retryAfter: '1' };

const NOTHING_MET: Met = { delayMs: 0, giveBack: () => undefined };

/** The sandbox's own applicants are at devices of their own: their calls use up nobody else's limit. */
const isLetThrough = (world: World, request: FastifyRequest): boolean =>
  request.headers[APPLICANT_HEADER] !== undefined || world.ledger.traffic.arrived(world.settings.callsPerSecond);

const log = (world: World, request: FastifyRequest): LoggedRequest => {
  const requestId = request.headers['x-request-id'];
  const logged: LoggedRequest = {
    at: world.now(),
    method: request.method,
    route: request.routeOptions.url ?? '(unknown)',
    status: null,
    fault: null,
    ...(typeof requestId === 'string' ? { requestId } : {}),
  };
  world.ledger.arrived(logged);
  return logged;
};

/** Keeps the ledger of calls, and puts the faults between the calls of Verifik's API and their answers. */
export const addFaults = (app: FastifyInstance, world: World, faults: Faults): void => {
  const calls = new WeakMap<FastifyRequest, { readonly met: Met; readonly logged: LoggedRequest }>();
  const closing = new AbortController();
  // Each call that is held back listens to it: as many as there are calls.
  setMaxListeners(0, closing.signal);

  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) if (one !== 'HEAD') faults.calls.add(`${one} ${url.replace(/:\w+/g, ':id')}`);
  });
  app.addHook('preClose', async () => closing.abort());

  app.addHook('onRequest', async (request, reply) => {
    const isRefused = !isLetThrough(world, request);
    const met = isRefused ? NOTHING_MET : faults.meet(`${request.method} ${request.routeOptions.url ?? ''}`);
    const logged = log(world, request);
    calls.set(request, { met, logged });
    const delayMs = world.settings.latencyMs + met.delayMs;
    if (delayMs > 0) await wait(delayMs, undefined, { signal: closing.signal }).catch(() => destroy(request));
    if (isRefused) return befall(world, TOO_MANY, request, reply);
    if (met.fault === undefined || FAULT_SHOWS[met.fault.kind] !== 'before') return;
    logged.fault = met.fault.kind;
    await befall(world, met.fault, request, reply);
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const call = calls.get(request);
    const fault = call?.met.fault;
    if (call === undefined || fault === undefined || FAULT_SHOWS[fault.kind] !== 'after') return payload;
    // A call that was refused has had no effect whose answer could go astray.
    if (reply.statusCode >= 300) {
      call.met.giveBack();
      return payload;
    }
    call.logged.fault = fault.kind;
    return spoil(fault, request, reply, typeof payload === 'string' ? payload : '');
  });

  app.addHook('onResponse', async (request, reply) => {
    const call = calls.get(request);
    if (call !== undefined && reply.raw.writableFinished) call.logged.status = reply.statusCode;
  });
};
