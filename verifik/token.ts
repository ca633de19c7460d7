import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';

/** True if the text can be a token in an HTTP header: printable ASCII without spaces. */
export const isToken = (text: string): boolean => /^[\x21-\x7e]{1,8192}$/.test(text);

const Claims = t.type({ exp: t.number });

/** The maximum time value of a `Date` in ms (ECMA-262). */
const MAX_DATE_MS = 8.64e15;

/**
 * Returns the expiry of a JSON web token in ms since the Unix epoch, without verifying it. Undefined for other tokens.
 */
export const expiryOf = (token: string): number | undefined => {
  const [, payload, ...rest] = token.split('.');
  if (payload === undefined || rest.length !== 1) return undefined;
  return pipe(
    E.tryCatch((): unknown => JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')), String),
    E.chainW(Claims.decode),
    E.match(
      () => undefined,
      ({ exp }) => (exp >= 0 && exp * 1_000 <= MAX_DATE_MS ? Math.floor(exp * 1_000) : undefined),
    ),
  );
};

/**
 * Returns a token's expiry in ms since the Unix epoch: from the token, else from the response (an ISO date), else from
 * the documented lifetime.
 */
export type TokenExpiry = (token: string, responseExpiresAt?: string | null) => number;

export const tokenExpiry =
  (now: () => number, lifetimeMs: number): TokenExpiry =>
  (token, responseExpiresAt) => {
    const parsed = typeof responseExpiresAt === 'string' ? Date.parse(responseExpiresAt) : Number.NaN;
    return expiryOf(token) ?? (Number.isNaN(parsed) ? now() + lifetimeMs : parsed);
  };
