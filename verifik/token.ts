import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';

/** Whether it could be a token by its looks: what can stand in a header, without white space. */
export const isToken = (text: string): boolean => /^[\x21-\x7e]{1,8192}$/.test(text);

const Claims = t.type({ exp: t.number });

/** The last moment that a `Date` can hold, in ms since the Unix epoch (ECMA-262): what lies beyond is no expiry. */
const MAX_DATE_MS = 8.64e15;

/** When a JSON web token runs out, in ms since the Unix epoch; undefined where it is none or does not say. Nothing is verified. */
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
 * When a registration token runs out, in ms since the Unix epoch: as the token says itself, or else as the answer beside it says
 * (an ISO date), or else after the lifetime that its call is documented with.
 */
export type TokenExpiry = (token: string, saidToExpireAt?: string | null) => number;

export const tokenExpiry =
  (now: () => number, lifetimeMs: number): TokenExpiry =>
  (token, saidToExpireAt) => {
    const said = typeof saidToExpireAt === 'string' ? Date.parse(saidToExpireAt) : Number.NaN;
    return expiryOf(token) ?? (Number.isNaN(said) ? now() + lifetimeMs : said);
  };
