import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { framesOf } from '../shared/logging.js';
import type { Api } from './codecs.js';
import { COMMON_HEADERS, PROBLEM_MEDIA_TYPE, PROBLEMS, type Problem, problemDetails } from './problems.js';
import { toProblem } from './problems-of-errors.js';

const noteFailure = (logger: Logger, { id }: FastifyRequest, { cause }: Problem): void => {
  const error = cause instanceof Error ? { name: cause.name, frames: framesOf(cause) } : {};
  const deeper = cause instanceof Error && cause.cause instanceof Error ? { cause: framesOf(cause.cause) } : {};
  logger.error({ requestId: id, error: { ...error, ...deeper } }, 'request failed');
};

/** Answers with problem details. */
export const sendProblem = (reply: FastifyReply, request: FastifyRequest, problem: Problem): FastifyReply => {
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
    reply.headers({ ...COMMON_HEADERS, 'x-request-id': request.id });
  });
  app.setErrorHandler(async (error: FastifyError | Error, request, reply) => {
    const problem = toProblem(error);
    if (PROBLEMS[problem.code].status === 500) noteFailure(logger, request, problem);
    request.call.problem = problem.code;
    return sendProblem(reply, request, problem);
  });
};
