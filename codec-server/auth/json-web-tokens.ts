import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Logger } from 'pino';
import { defined } from '../../shared/defined.js';
import { ROLES, type Role } from '../masking/mask-json.js';
import { Refusal } from '../refusals.js';
import type { Caller, Credentials } from './authentication.js';

/** The accepted JSON web tokens, and the claim that holds the role. */
export interface JsonWebTokenOptions {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  readonly roleClaim: string;
}

/** Asymmetric algorithms only: a public key must not be able to sign. */
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

/** The errors of `jose` about the issuer's keys, which say nothing about the token. */
const KEY_SET_ERRORS: readonly string[] = ['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC'];

const roleIn = (claim: unknown): Role | undefined => {
  const claimed: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return ROLES.find((role) => claimed.includes(role));
};

/** The caller of a token. A token without a subject is rejected, because the audit log must name each caller. */
const callerIn = (payload: JWTPayload, roleClaim: string): Caller | undefined => {
  const name: unknown = payload.sub;
  return typeof name === 'string' && name !== '' ? defined({ name, role: roleIn(payload[roleClaim]) }) : undefined;
};

const isAboutToken = (error: unknown): boolean =>
  error instanceof errors.JOSEError && !KEY_SET_ERRORS.includes(error.code);

const JWT_FORM = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Verifies JSON web tokens with the keys that their issuer publishes. Tokens need the claims `exp` and `sub`. Throws
 * the refusal `unavailable` while the keys cannot be fetched.
 */
export const jsonWebTokens = (options: JsonWebTokenOptions, logger: Logger): Credentials => {
  const { jwksUrl, issuer, audience, roleClaim } = options;
  const keys = createRemoteJWKSet(new URL(jwksUrl));
  const verification = { issuer, audience, algorithms: ALGORITHMS, requiredClaims: ['exp', 'sub'] };
  return {
    callerOf: async (credential) => {
      if (!JWT_FORM.test(credential)) return undefined;
      try {
        const { payload } = await jwtVerify(credential, keys, verification);
        return callerIn(payload, roleClaim);
      } catch (error) {
        if (isAboutToken(error)) return undefined;
        const problem = error instanceof errors.JOSEError ? error.code : 'the request failed';
        logger.error({ problem }, "the issuer's keys cannot be fetched");
        throw new Refusal('unavailable');
      }
    },
  };
};
