import type { FastifyInstance, FastifyRequest } from 'fastify';

const HEADERS = {
  // Allows only this origin, no inline code and no framing.
  'content-security-policy':
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/** A header that pages of other origins cannot send. It allows calls without a JSON body. */
const OWN_HEADER = 'x-playground';

const isJson = (contentType: string | undefined): boolean =>
  contentType?.split(';')[0]?.trim().toLowerCase() === 'application/json';

/** Protects from cross-site request forgery: changes require what a form of another site cannot send. */
const isAllowed = ({ method, headers }: FastifyRequest): boolean =>
  method === 'GET' ||
  method === 'HEAD' ||
  ((isJson(headers['content-type']) || headers[OWN_HEADER] !== undefined) &&
    (headers['sec-fetch-site'] ?? 'same-origin') === 'same-origin');

/** A reply over HTTP/1, or over any HTTP as in the proxy. */
interface Reply<R> {
  code(status: number): { type(mediaType: string): { send(body: string): R } };
}

/** Sends a problem like the gateway's, so that the page needs one parser. */
export const answerProblem = <R>(reply: Reply<R>, status: number, code: string, detail: string): R =>
  reply
    .code(status)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify({ type: 'about:blank', title: code, status, code, detail }));

/** Protects from DNS rebinding: accepts only loopback names as the host. */
export const keepOnLoopback = (app: FastifyInstance): void => {
  app.addHook('onRequest', async ({ headers: { host = '' } }, reply) => {
    if (!LOOPBACK.test(host)) return answerProblem(reply, 403, 'foreignHost', 'host: expected a loopback address');
  });
};

export const guard = (app: FastifyInstance): void => {
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(HEADERS);
  });
  keepOnLoopback(app);
  app.addHook('onRequest', async (request, reply) => {
    if (isAllowed(request)) return;
    const expected = `content-type: expected application/json, or the header ${OWN_HEADER}, from this origin`;
    return answerProblem(reply, 403, 'foreignRequest', expected);
  });
};
