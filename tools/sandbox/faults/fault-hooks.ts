import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { documentedStatus, envelope } from '../answers/refusals.js';
import { APPLICANT_HEADER } from '../applicant/device.js';
import type { LoggedRequest } from '../ledger.js';
import type { SandboxState } from '../state.js';
import { FAULT_PHASES, type Fault, type Faults, type SelectedFaults } from './faults.js';

const never = <A>(): Promise<A> => new Promise<A>(() => undefined);

const destroy = <A>({ raw }: FastifyRequest): Promise<A> => {
  raw.socket.destroy();
  return never<A>();
};

const refuse = async (
  state: SandboxState,
  reply: FastifyReply,
  { status, word, message }: { readonly status: number; readonly word: string; readonly message?: string | undefined },
): Promise<void> => {
  await reply.code(status).send(envelope(state.settings.errorEnvelope, { status, word, message }));
};

const applyBefore = async (
  state: SandboxState,
  fault: Fault,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> => {
  switch (fault.kind) {
    case 'reset':
      return destroy(request);
    case 'hang':
      return never();
    case 'expiredToken':
      return refuse(state, reply, { status: 401, word: 'Unauthorized' });
    case 'proxyPage': {
      const { status = 403 } = fault;
      await reply.code(status).type('text/html').send(`<html><body><h1>${status}</h1><hr>proxy</body></html>`);
      return;
    }
    case 'status': {
      const { code: word = 'unavailable', status = documentedStatus(word) ?? 503, message } = fault;
      const { retryAfter, retryAfterDateMs } = fault;
      if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
      // By the real clock, because clients compare the date with theirs, not with the sandbox's.
      if (retryAfterDateMs !== undefined)
        reply.header('retry-after', new Date(Date.now() + retryAfterDateMs).toUTCString());
      return refuse(state, reply, { status, word, message });
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

const applyAfter = async (
  fault: Fault,
  request: FastifyRequest,
  reply: FastifyReply,
  payload: string,
): Promise<string> => {
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

const TOO_MANY: Fault = { match: '*', kind: 'status', status: 429, code: 'too_many_requests', retryAfter: '1' };

const NO_FAULTS: SelectedFaults = { delayMs: 0, release: () => undefined };

/** The sandbox's own applicants have devices of their own, so their calls do not count for the rate limit. */
const isAdmitted = (state: SandboxState, request: FastifyRequest): boolean =>
  request.headers[APPLICANT_HEADER] !== undefined || state.ledger.traffic.admit(state.settings.callsPerSecond);

const log = (state: SandboxState, request: FastifyRequest): LoggedRequest => {
  const requestId = request.headers['x-request-id'];
  const logged: LoggedRequest = {
    at: state.now(),
    method: request.method,
    route: request.routeOptions.url ?? '(unknown)',
    status: null,
    fault: null,
    ...(typeof requestId === 'string' ? { requestId } : {}),
  };
  state.ledger.addRequest(logged);
  return logged;
};

/** Records all calls of Verifik's API in the ledger, and applies the rate limit and the faults. */
export const addFaults = (app: FastifyInstance, state: SandboxState, faults: Faults): void => {
  const calls = new WeakMap<FastifyRequest, { readonly selected: SelectedFaults; readonly logged: LoggedRequest }>();
  const closing = new AbortController();
  // Each delayed call adds a listener.
  setMaxListeners(0, closing.signal);

  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) if (one !== 'HEAD') faults.calls.add(`${one} ${url.replace(/:\w+/g, ':id')}`);
  });
  app.addHook('preClose', async () => closing.abort());

  app.addHook('onRequest', async (request, reply) => {
    const isRefused = !isAdmitted(state, request);
    const selected = isRefused ? NO_FAULTS : faults.select(`${request.method} ${request.routeOptions.url ?? ''}`);
    const logged = log(state, request);
    calls.set(request, { selected, logged });
    const delayMs = state.settings.latencyMs + selected.delayMs;
    if (delayMs > 0) await wait(delayMs, undefined, { signal: closing.signal }).catch(() => destroy(request));
    if (isRefused) return applyBefore(state, TOO_MANY, request, reply);
    if (selected.fault === undefined || FAULT_PHASES[selected.fault.kind] !== 'before') return;
    logged.fault = selected.fault.kind;
    await applyBefore(state, selected.fault, request, reply);
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const call = calls.get(request);
    const fault = call?.selected.fault;
    if (call === undefined || fault === undefined || FAULT_PHASES[fault.kind] !== 'after') return payload;
    // A refused call has no effect, so losing its response would not test anything.
    if (reply.statusCode >= 300) {
      call.selected.release();
      return payload;
    }
    call.logged.fault = fault.kind;
    return applyAfter(fault, request, reply, typeof payload === 'string' ? payload : '');
  });

  app.addHook('onResponse', async (request, reply) => {
    const call = calls.get(request);
    if (call !== undefined && reply.raw.writableFinished) call.logged.status = reply.statusCode;
  });
};
