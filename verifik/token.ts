import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import type { EpochMs } from '../shared/time.js';
import { epochOf } from './time.js';

/** True if the text can be a token in an HTTP header: printable ASCII without spaces. */
export const isToken = (text: string): boolean => /^[\x21-\x7e]{1,8192}$/.test(text);

const Claims = t.partial({ exp: t.unknown, expiresAt: t.unknown, issuedAt: t.unknown, iat: t.unknown });

const claimsOf = (token: string): t.TypeOf<typeof Claims> => {
  const [, payload, ...rest] = token.split('.');
  if (payload === undefined || rest.length !== 1) return {};
  return pipe(
    E.tryCatch((): unknown => JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')), String),
    E.chainW(Claims.decode),
    E.getOrElseW(() => ({})),
  );
};

/**
 * Returns the expiry of a JSON web token in ms since the Unix epoch, without verifying it: `exp` or, in tokens of
 * registrations, `expiresAt`. Undefined for other tokens.
 */
export const expiryOf = (token: string): EpochMs | undefined => {
  const { exp, expiresAt } = claimsOf(token);
  return epochOf(exp) ?? epochOf(expiresAt);
};

/**
 * Returns a token's expiry in ms since the Unix epoch: from the token, else from the response, else from the documented
 * lifetime, which begins with the token's `issuedAt` or now.
 */
export type TokenExpiry = (token: string, responseExpiresAt?: unknown) => EpochMs;

export const tokenExpiry =
  (now: () => EpochMs, lifetimeMs: number): TokenExpiry =>
  (token, responseExpiresAt) => {
    const { issuedAt, iat } = claimsOf(token);
    return expiryOf(token) ?? epochOf(responseExpiresAt) ?? (epochOf(issuedAt) ?? epochOf(iat) ?? now()) + lifetimeMs;
  };
