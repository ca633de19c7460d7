import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Logger } from 'pino';
import { ROLES, type Role } from '../showing/masking.js';
import type { Caller, Credentials } from './caller.js';

/** Whose JSON web tokens are good, and where in them the role is. */
export interface JsonWebTokenOptions {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  /** The claim that holds a role, or a list that has one in it. */
  readonly roleClaim: string;
}

/** Asymmetric ones alone: a key that anyone may fetch must not be able to sign. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** The errors that are about the issuer's keys and say nothing about the token. */
const KEY_SET_TROUBLES: readonly string[] = ['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC'];

/** The issuer's keys cannot be had, so that nothing can be said about a token. */
export class KeySetUnavailableError extends Error {
  override readonly name = 'KeySetUnavailableError';
}

const roleIn = (claim: unknown): Role | undefined => {
  const claimed: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return ROLES.find((role) => claimed.includes(role));
};

/** Nobody without a name: what somebody saw has to be written down as theirs. */
const callerIn = (payload: JWTPayload, roleClaim: string): Caller | undefined => {
  const name: unknown = payload.sub;
  const role = roleIn(payload[roleClaim]);
  return typeof name === 'string' && name !== '' ? { name, ...(role === undefined ? {} : { role }) } : undefined;
};

const isAboutToken = (error: unknown): boolean =>
  error instanceof errors.JOSEError && !KEY_SET_TROUBLES.includes(error.code);

/** Three parts with dots between them: anything else is not worth asking about. */
const LOOKS_LIKE_ONE = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * JSON web tokens, verified with the keys that their issuer publishes. They have to expire and to name their subject. Calls throw
 * KeySetUnavailableError while the issuer's keys cannot be had.
 */
export const jsonWebTokens = (options: JsonWebTokenOptions, logger: Logger): Credentials => {
  const { jwksUrl, issuer, audience, roleClaim } = options;
  const keys = createRemoteJWKSet(new URL(jwksUrl));
  const verification = { issuer, audience, algorithms: ALGORITHMS, requiredClaims: ['exp', 'sub'] };
  return {
    callerOf: async (credential) => {
      if (!LOOKS_LIKE_ONE.test(credential)) return undefined;
      try {
        const { payload } = await jwtVerify(credential, keys, verification);
        return callerIn(payload, roleClaim);
      } catch (error) {
        if (isAboutToken(error)) return undefined;
        const problem = error instanceof errors.JOSEError ? error.code : 'they cannot be fetched';
        logger.error({ problem }, "the issuer's keys cannot be had");
        throw new KeySetUnavailableError("The issuer's keys cannot be had.");
      }
    },
  };
};
