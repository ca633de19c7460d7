import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { COMMON_HEADERS } from '../shared/http.js';
import { errorWithoutMessage } from '../shared/logging.js';
import type { Api } from './codecs.js';
import { toProblem } from './error-mapping.js';
import { PROBLEM_MEDIA_TYPE, Problem, problemDetails } from './problems.js';

export const sendProblem = (reply: FastifyReply, request: FastifyRequest, problem: Problem): FastifyReply => {
  const { retryAfterS, allow } = problem.options;
  if (problem.code === 'unauthenticated') reply.header('www-authenticate', 'Bearer realm="gateway"');
  if (retryAfterS !== undefined) reply.header('retry-after', retryAfterS);
  if (allow !== undefined) reply.header('allow', allow);
  return reply
    .code(problem.status)
    .type(PROBLEM_MEDIA_TYPE)
    .serializer(JSON.stringify)
    .send(problemDetails(problem, request.id));
};

/** Adds the common headers to every response, and answers errors with problem details. */
export const addErrorHandler = (app: Api, logger: Logger): void => {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...COMMON_HEADERS, 'x-request-id': request.id });
  });
  app.setErrorHandler(async (error: Error, request, reply) => {
    const problem = toProblem(error);
    if (problem.status === 500)
      logger.error({ requestId: request.id, error: errorWithoutMessage(problem.cause) }, 'request failed');
    request.context.problem = problem.code;
    return sendProblem(reply, request, problem);
  });
};

/**
 * Collects the paths of the routes that are added after it. The returned function adds a route to each path that
 * rejects all other methods with 405.
 */
export const rejectOtherMethods = (app: Api): (() => void) => {
  const byPath = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = byPath.get(url) ?? new Set();
    for (const one of [method].flat()) methods.add(one);
    byPath.set(url, methods);
  });
  return () => {
    for (const [url, methods] of [...byPath]) {
      const allow = [...methods].join(', ');
      const reject = async () => {
        throw new Problem('methodNotAllowed', { allow });
      };
      const others = app.supportedMethods.filter((method) => !methods.has(method));
      app.route({ method: others, url, schema: { hide: true }, onRequest: reject, handler: reject });
    }
  };
};
