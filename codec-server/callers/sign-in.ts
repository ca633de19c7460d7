import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { closed, decodeFields, describeFieldErrors, matching } from '../../shared/decoding.js';
import { Refusal } from '../refusals.js';
import { withRole } from './authentication.js';
import type { Credentials } from './caller.js';
import { clearCookie, LONGEST_TOKEN, setCookie } from './sign-in-cookie.js';
import { PAGE, PAGE_POLICY } from './sign-in-page.js';

const SignIn = closed(
  t.type({
    token: matching(
      new RegExp(`^[\\x21-\\x7e]{1,${LONGEST_TOKEN}}$`),
      `a token of at most ${LONGEST_TOKEN} characters`,
    ),
  }),
);

const tokenIn = (body: unknown): string => {
  const read = decodeFields(SignIn)(body);
  if (E.isLeft(read)) throw new Refusal('malformed', describeFieldErrors(read.left));
  return read.right.token;
};

/** For the Temporal UI where it has no token of its own to pass: it sends the cookie of this server along. */
export const addSignIn = (app: FastifyInstance, credentials: Credentials, onLoopback: boolean): void => {
  // Behind a proxy that speaks TLS, the page's own origin tells so.
  const secureFor = ({ headers: { origin } }: FastifyRequest) => ({
    secure: !onLoopback || (origin ?? '').startsWith('https:'),
  });

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
    if (caller !== undefined) request.facts.caller = caller;
    const { name, role } = withRole(caller);
    return setCookie(reply, token, secureFor(request)).send({ name, role });
  });

  app.post('/sign-out', async (request, reply) => clearCookie(reply, secureFor(request)).send({}));
};
