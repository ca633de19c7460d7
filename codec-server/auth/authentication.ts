import type { FastifyRequest } from 'fastify';
import { bearerToken } from '../../shared/http.js';
import type { Role } from '../masking/mask-json.js';
import { Refusal } from '../refusals.js';
import type { Caller, Credentials } from './caller.js';
import { cookieOf } from './sign-in-cookie.js';

export interface AuthorizedCaller extends Caller {
  readonly role: Role;
}

export const requireRole = (caller: Caller | undefined): AuthorizedCaller => {
  if (caller === undefined) throw new Refusal('unauthenticated');
  const { role, name } = caller;
  if (role === undefined) throw new Refusal('noRole');
  return { name, role };
};

/**
 * Authenticates a request by its bearer token or its cookie. An invalid token does not rule out the cookie: the
 * Temporal UI sends an invalid bearer token if it is configured to pass one and its user is not signed in.
 */
export const authenticate = async (credentials: Credentials, request: FastifyRequest): Promise<void> => {
  for (const credential of [bearerToken(request), cookieOf(request)]) {
    const caller = credential === undefined ? undefined : await credentials.callerOf(credential);
    if (caller === undefined) continue;
    request.auditContext.caller = caller;
    requireRole(caller);
    return;
  }
  throw new Refusal('unauthenticated');
};
