import type { FastifyRequest } from 'fastify';
import { bearerToken } from '../../shared/http.js';
import type { Role } from '../masking/mask-json.js';
import { Refusal } from '../refusals.js';
import { cookieOf } from './sign-in-cookie.js';

export interface Caller {
  /** The name of the token's entry, or the subject of the JSON web token. */
  readonly name: string;
  /** Absent if the credential is valid and grants no role. */
  readonly role?: Role;
}

export interface Credentials {
  /**
   * Finds the caller of a valid credential. Called on every request, so that a revoked credential is rejected at once.
   */
  readonly callerOf: (credential: string) => Promise<Caller | undefined>;
}

export const anyOf = (kinds: readonly Credentials[]): Credentials => ({
  callerOf: async (credential) => {
    for (const kind of kinds) {
      const caller = await kind.callerOf(credential);
      if (caller !== undefined) return caller;
    }
    return undefined;
  },
});

export const requireRole = (caller: Caller | undefined): Required<Caller> => {
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
