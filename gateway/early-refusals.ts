import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { sendProblem } from './answers.js';
import type { Api } from './codecs.js';
import type { Metrics } from './metrics.js';
import { COMMON_HEADERS, PROBLEM_MEDIA_TYPE, PROBLEMS, Problem, type ProblemCode, problemDetails } from './problems.js';

const OF_CLIENT_ERRORS: Readonly<Record<string, ProblemCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'requestTimeout',
  HPE_HEADER_OVERFLOW: 'headersTooLarge',
};

const answerOf = (code: ProblemCode, requestId: string): string => {
  const { status } = PROBLEMS[code];
  const body = JSON.stringify(problemDetails(new Problem(code), requestId));
  const headers = {
    ...COMMON_HEADERS,
    'x-request-id': requestId,
    'content-type': PROBLEM_MEDIA_TYPE,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`;
};

interface Connection extends Duplex {
  readonly bytesRead?: number;
}

/**
 * Refuses what never comes to a route: what Node's HTTP server would refuse by itself or leave without an answer, and then closes the
 * connection, and what the framework would. Each as every other refusal, and noted.
 */
export class EarlyRefusals {
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  readonly #answers = new WeakMap<Duplex, ServerResponse>();
  readonly #unmet = new WeakSet<IncomingMessage>();

  constructor(logger: Logger, metrics: Metrics) {
    this.#logger = logger;
    this.#metrics = metrics;
  }

  /** Takes what is no HTTP, or does not come in whole, and never becomes a request. */
  readonly takeError = (error: Error & { readonly code?: string }, socket: Connection): void => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return;
    // Nothing can be put into an answer that has begun.
    const answer = this.#answers.get(socket);
    const isAnswering = answer?.headersSent === true && !answer.writableEnded;
    if (!isAnswering) this.#refuse(OF_CLIENT_ERRORS[error.code ?? ''] ?? 'malformed', socket);
    socket.destroy(error);
  };

  /** Takes an address that is none. The framework's own answer would repeat it. */
  readonly takeAddress = (_error: Error, request: FastifyRequest, reply: FastifyReply): void => {
    this.#note('malformed', request.id);
    sendProblem(reply.headers({ ...COMMON_HEADERS, 'x-request-id': request.id }), request, new Problem('malformed'));
  };

  /** For an app that does not listen yet, whose server does not require a `Host` itself. */
  watch(app: Api): void {
    const server: Server = app.server;
    server.on('request', (request, response) => this.#answers.set(request.socket, response));
    // This is no proxy.
    server.on('connect', (_request, socket: Connection) => {
      this.#refuse('malformed', socket);
      socket.destroy();
    });
    server.on('checkExpectation', (request, response) => {
      this.#unmet.add(request);
      app.routing(request, response);
    });
    app.addHook('onRequest', async ({ raw }, reply) => {
      const hasNoHost = raw.httpVersion === '1.1' && raw.headers.host === undefined;
      if (!hasNoHost && !this.#unmet.has(raw)) return;
      reply.header('connection', 'close');
      throw new Problem(hasNoHost ? 'malformed' : 'expectation');
    });
  }

  #refuse(code: ProblemCode, socket: Connection): void {
    const requestId = randomUUID();
    // Who has only connected has asked for nothing.
    if (socket.bytesRead !== 0) this.#note(code, requestId);
    if (socket.writable) socket.write(answerOf(code, requestId));
  }

  #note(problem: ProblemCode, requestId: string): void {
    const { status } = PROBLEMS[problem];
    this.#logger.warn({ route: 'none', status, requestId, problem }, 'request refused');
    this.#metrics.count({ route: 'none', status, key: 'none', seconds: 0 });
  }
}
