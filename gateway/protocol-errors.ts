import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { COMMON_HEADERS } from '../shared/http.js';
import type { Api } from './codecs.js';
import { sendProblem } from './error-handler.js';
import type { Metrics } from './metrics.js';
import {
  malformed,
  PERCENT_ENCODED,
  PROBLEM_MEDIA_TYPE,
  PROBLEMS,
  Problem,
  type ProblemCode,
  problemDetails,
} from './problems.js';

const CODES: Readonly<Record<string, ProblemCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'requestTimeout',
  HPE_HEADER_OVERFLOW: 'headersTooLarge',
};

const responseOf = (code: ProblemCode, requestId: string): string => {
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
 * Answers requests that reach no route, because Node's HTTP server or Fastify rejects them, with the same problem
 * details as all others, and logs and counts them. Connections with errors of HTTP are closed.
 */
export const answerProtocolErrors = (logger: Logger, { requests, durations }: Metrics) => {
  const responses = new WeakMap<Duplex, ServerResponse>();
  const unmetExpectations = new WeakSet<IncomingMessage>();

  const audit = (problem: ProblemCode, requestId: string): void => {
    const { status } = PROBLEMS[problem];
    logger.warn({ route: 'none', status, requestId, problem }, 'request refused');
    requests.inc({ route: 'none', status, key: 'none' });
    durations.observe({ route: 'none' }, 0);
  };

  const reject = (code: ProblemCode, socket: Connection): void => {
    const requestId = randomUUID();
    // A connection without data is not a request.
    if (socket.bytesRead !== 0) audit(code, requestId);
    if (socket.writable) socket.write(responseOf(code, requestId));
  };

  return {
    /** Handles data that is not HTTP, and requests that do not arrive completely. */
    handleClientError: (error: Error & { readonly code?: string }, socket: Connection): void => {
      if (error.code === 'ECONNRESET' || socket.destroyed) return;
      // A second response must not be written into one that has begun.
      const response = responses.get(socket);
      const isResponding = response?.headersSent === true && !response.writableEnded;
      if (!isResponding) reject(CODES[error.code ?? ''] ?? 'malformed', socket);
      socket.destroy(error);
    },

    /** Handles a malformed URL. Fastify's own response repeats the URL. */
    handleMalformedUrl: (_error: Error, request: FastifyRequest, reply: FastifyReply): void => {
      audit('malformed', request.id);
      sendProblem(
        reply.headers({ ...COMMON_HEADERS, 'x-request-id': request.id }),
        request,
        malformed('path', PERCENT_ENCODED),
      );
    },

    /** Adds the handlers to an app that does not listen yet, and whose server has `requireHostHeader: false`. */
    watch: (app: Api): void => {
      const server: Server = app.server;
      server.on('request', (request, response) => responses.set(request.socket, response));
      // Only a proxy supports CONNECT.
      server.on('connect', (_request, socket: Connection) => {
        reject('malformed', socket);
        socket.destroy();
      });
      server.on('checkExpectation', (request, response) => {
        unmetExpectations.add(request);
        app.routing(request, response);
      });
      app.addHook('onRequest', async ({ raw }, reply) => {
        const hasNoHost = raw.httpVersion === '1.1' && raw.headers.host === undefined;
        if (!hasNoHost && !unmetExpectations.has(raw)) return;
        reply.header('connection', 'close');
        throw new Problem(hasNoHost ? 'malformed' : 'expectation');
      });
    },
  };
};
