import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { framesOf } from '../service/logging.js';
import type { Api } from './codecs.js';
import { PROBLEM_MEDIA_TYPE, PROBLEMS, Problem, type ProblemCode, problemDetails } from './problems.js';
import { toProblem } from './problems-of-errors.js';

const noteFailure = (logger: Logger, { id }: FastifyRequest, { cause }: Problem): void => {
  const error = cause instanceof Error ? { name: cause.name, frames: framesOf(cause) } : {};
  const deeper = cause instanceof Error && cause.cause instanceof Error ? { cause: framesOf(cause.cause) } : {};
  logger.error({ requestId: id, error: { ...error, ...deeper } }, 'request failed');
};

const send = (reply: FastifyReply, request: FastifyRequest, problem: Problem): FastifyReply => {
  if (problem.code === 'unauthenticated') reply.header('www-authenticate', 'Bearer realm="gateway"');
  if (problem.retryAfterS !== undefined) reply.header('retry-after', problem.retryAfterS);
  if (problem.allow !== undefined) reply.header('allow', problem.allow);
  return reply
    .code(PROBLEMS[problem.code].status)
    .type(PROBLEM_MEDIA_TYPE)
    .serializer(JSON.stringify)
    .send(problemDetails(problem, request.id));
};

/** Gives every answer its headers, and every refusal its problem details. */
export const addAnswers = (app: Api, logger: Logger): void => {
  app.addHook('onRequest', async (request, reply) => {
    reply
      .header('cache-control', 'no-store')
      .header('x-content-type-options', 'nosniff')
      .header('x-request-id', request.id);
  });
  app.setErrorHandler(async (error: FastifyError | Error, request, reply) => {
    const problem = toProblem(error);
    if (PROBLEMS[problem.code].status === 500) noteFailure(logger, request, problem);
    request.call.problem = problem.code;
    return send(reply, request, problem);
  });
};

/** An address that is none never comes to a route. The framework's own answer would repeat it. */
export const refuseAddress = (_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
  send(reply.header('x-request-id', request.id), request, new Problem('malformed'));
};

const OF_CLIENT_ERRORS: Readonly<Record<string, ProblemCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'requestTimeout',
  HPE_HEADER_OVERFLOW: 'headersTooLarge',
};

/** What is no HTTP, or does not come in whole, never becomes a request. */
export const refuseConnection = (error: Error & { readonly code?: string }, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const code = OF_CLIENT_ERRORS[error.code ?? ''] ?? 'malformed';
  const { status } = PROBLEMS[code];
  const body = JSON.stringify(problemDetails(new Problem(code), 'none'));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${PROBLEM_MEDIA_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroy(error);
};
