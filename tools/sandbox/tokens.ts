import { createSecretKey } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';

/** Lifetimes, as Verifik documents them. */
export const LIFETIMES_MS = {
  created: 120 * 60_000,
  resent: 30 * 60_000,
  client: 30 * 24 * 3_600_000,
} as const;

/** Whose token it is: the client's, or one registration's at one generation of its tokens. */
export type Bearer =
  | { readonly kind: 'client' }
  | { readonly kind: 'registration'; readonly appRegistrationId: string; readonly epoch: number };

export interface Tokens {
  mint(bearer: Bearer, lifetimeMs: number): Promise<string>;
  /** Whose token it is, or undefined where it is none of ours or has run out. */
  verify(token: string): Promise<Bearer | undefined>;
}

/** JSON web tokens by HS256, with the sandbox's own clock. */
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
