import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { closed, decodeFields, describeFieldErrors, matching } from '../../shared/decoding.js';
import { Refusal } from '../refusals.js';
import { type Credentials, requireRole } from './authentication.js';
import { clearCookie, MAX_TOKEN_LENGTH, setCookie } from './sign-in-cookie.js';
import { PAGE, PAGE_POLICY } from './sign-in-page.js';

const SignIn = closed(
  t.type({
    token: matching(
      new RegExp(`^[\\x21-\\x7e]{1,${MAX_TOKEN_LENGTH}}$`),
      `a token of at most ${MAX_TOKEN_LENGTH} characters`,
    ),
  }),
);

const tokenIn = (body: unknown): string => {
  const read = decodeFields(SignIn)(body);
  if (E.isLeft(read)) throw new Refusal('malformed', describeFieldErrors(read.left));
  return read.right.token;
};

/** Adds sign-in by cookie, for a Temporal UI that has no token to pass. */
export const addSignIn = (app: FastifyInstance, credentials: Credentials, onLoopback: boolean): void => {
  // Behind a proxy that terminates TLS, only the page's origin shows that the connection is secure.
  const isSecure = ({ headers: { origin = '' } }: FastifyRequest) => !onLoopback || origin.startsWith('https:');

  app.get('/sign-in', async (_request, reply) =>
    reply
      .header('content-security-policy', PAGE_POLICY)
      .header('x-frame-options', 'DENY')
      .type('text/html; charset=utf-8')
      .send(PAGE),
  );

  app.post('/sign-in', async (request, reply) => {
    const token = tokenIn(request.body);
    const caller = await credentials.callerOf(token);
    if (caller !== undefined) request.auditContext.caller = caller;
    const { name, role } = requireRole(caller);
    return setCookie(reply, token, isSecure(request)).send({ name, role });
  });

  app.post('/sign-out', async (request, reply) => clearCookie(reply, isSecure(request)).send({}));
};
