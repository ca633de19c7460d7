import { createSecretKey } from 'node:crypto';
import { type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { Settings } from './settings.js';

export const LIFETIMES_MS = {
  created: 120 * 60_000,
  resent: 30 * 60_000,
  client: 30 * 24 * 3_600_000,
} as const;

/**
 * The subject of a token: the client, a registration in one epoch, or a login of its applicant at the customer's own
 * system, which Verifik's API does not accept.
 */
export type Bearer =
  | { readonly kind: 'client'; readonly account?: string }
  | { readonly kind: 'registration' | 'login'; readonly appRegistrationId: string; readonly epoch: number };

/** The further claims of a registration token. */
export interface RegistrationClaims {
  readonly accessType: string;
  readonly step: string;
}

export interface Tokens {
  mint(bearer: Bearer, lifetimeMs: number, claims?: RegistrationClaims): Promise<string>;
  /** Returns the subject of a valid token, or undefined if the token is unknown or expired. */
  verify(token: string): Promise<Bearer | undefined>;
}

/** Formats a time as Verifik's texts do: UTC without a zone, such as `2026-09-09 22:14:14`. */
export const withoutZone = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ');

const expiryClaim = (kind: Settings['tokenClaims'], at: number): Readonly<Record<string, number | string>> => {
  switch (kind) {
    case 'expiresAt':
      return { expiresAt: Math.floor(at / 1_000) };
    case 'expiresAtMs':
      return { expiresAt: at };
    case 'expiresAtText':
      return { expiresAt: withoutZone(at) };
    case 'exp':
      return { exp: Math.floor(at / 1_000) };
  }
};

/** Times below this are in seconds. */
const MIN_MS = 1e11;

/** Reads a time claim. Returns ms since the Unix epoch. */
const timeOf = (claim: unknown): number => {
  if (typeof claim === 'number') return claim < MIN_MS ? claim * 1_000 : claim;
  return typeof claim === 'string' ? Date.parse(`${claim.replace(' ', 'T')}Z`) : Number.POSITIVE_INFINITY;
};

const bearerOf = ({ kind, account, appRegistrationId, epoch }: JWTPayload): Bearer | undefined => {
  if (kind === 'client') return typeof account === 'string' ? { kind, account } : { kind };
  const isRegistration = kind === 'registration' || kind === 'login';
  return isRegistration && typeof appRegistrationId === 'string' && typeof epoch === 'number'
    ? { kind, appRegistrationId, epoch }
    : undefined;
};

/**
 * Creates and verifies JSON Web Tokens (HS256) by the sandbox's clock. Registration tokens have their expiry in the
 * configured claim, client tokens in `exp`.
 */
export const createTokens = (seed: number, now: () => number, claim: () => Settings['tokenClaims']): Tokens => {
  const key = createSecretKey(Buffer.from(`verifik-sandbox-${seed}-`.padEnd(32, '0')));
  let serial = 0;
  return {
    mint: (bearer, lifetimeMs, claims) => {
      serial += 1;
      const times = {
        ...expiryClaim(bearer.kind === 'client' ? 'exp' : claim(), now() + lifetimeMs),
        ...(bearer.kind === 'client' ? {} : { issuedAt: Math.floor(now() / 1_000) }),
      };
      return new SignJWT({ ...bearer, ...claims, ...times, jti: String(serial) })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setIssuedAt(new Date(now()))
        .sign(key);
    },
    verify: async (token) => {
      try {
        const { payload } = await jwtVerify(token, key, { currentDate: new Date(now()), algorithms: ['HS256'] });
        return timeOf(payload['expiresAt']) > now() ? bearerOf(payload) : undefined;
      } catch {
        return undefined;
      }
    },
  };
};
