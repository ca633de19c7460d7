import { createSecretKey } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';

export const LIFETIMES_MS = {
  created: 120 * 60_000,
  resent: 30 * 60_000,
  client: 30 * 24 * 3_600_000,
} as const;

/** The subject of a token: the client, or a registration in one epoch. */
export type Bearer =
  | { readonly kind: 'client' }
  | { readonly kind: 'registration'; readonly appRegistrationId: string; readonly epoch: number };

export interface Tokens {
  mint(bearer: Bearer, lifetimeMs: number): Promise<string>;
  /** Returns the subject of a valid token, or undefined if the token is unknown or expired. */
  verify(token: string): Promise<Bearer | undefined>;
}

/** Creates and verifies JSON Web Tokens (HS256) by the sandbox's clock. */
export const createTokens = (seed: number, now: () => number): Tokens => {
  const key = createSecretKey(Buffer.from(`verifik-sandbox-${seed}-`.padEnd(32, '0')));
  let serial = 0;
  return {
    mint: (bearer, lifetimeMs) => {
      serial += 1;
      return new SignJWT({ ...bearer, jti: String(serial) })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setIssuedAt(new Date(now()))
        .setExpirationTime(new Date(now() + lifetimeMs))
        .sign(key);
    },
    verify: async (token) => {
      try {
        const { payload } = await jwtVerify(token, key, { currentDate: new Date(now()), algorithms: ['HS256'] });
        const { kind, appRegistrationId, epoch } = payload;
        if (kind === 'client') return { kind };
        return kind === 'registration' && typeof appRegistrationId === 'string' && typeof epoch === 'number'
          ? { kind, appRegistrationId, epoch }
          : undefined;
      } catch {
        return undefined;
      }
    },
  };
};
