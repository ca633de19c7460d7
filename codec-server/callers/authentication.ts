import type { FastifyRequest } from 'fastify';
import { bearerOf } from '../../shared/bearer.js';
import { Refusal } from '../refusals.js';
import type { Role } from '../showing/masking.js';
import type { Caller, Credentials } from './caller.js';
import { cookieOf } from './sign-in-cookie.js';

/** A caller who has a role. */
export interface KnownCaller extends Caller {
  readonly role: Role;
}

/** The role that a caller needs, or a refusal. */
export const withRole = (caller: Caller | undefined): KnownCaller => {
  if (caller === undefined) throw new Refusal('unauthenticated');
  const { role, name } = caller;
  if (role === undefined) throw new Refusal('noRole');
  return { name, role };
};

/**
 * Tells who calls, by bearer token or by cookie. Either will do: the Temporal UI sends a bearer token that is none where it has been
 * told to pass one and its user is not signed in.
 */
export const authenticate = async (credentials: Credentials, request: FastifyRequest): Promise<void> => {
  for (const credential of [bearerOf(request), cookieOf(request)]) {
    const caller = credential === undefined ? undefined : await credentials.callerOf(credential);
    if (caller === undefined) continue;
    request.facts.caller = caller;
    withRole(caller);
    return;
  }
  throw new Refusal('unauthenticated');
};
