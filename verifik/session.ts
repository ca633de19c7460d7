import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { decodeFields } from '../shared/decoding.js';
import { type Decode, inData, Token } from './decode.js';
import { type CallIdentity, describeError, type VerifikError } from './errors.js';
import { expiryOf, isToken } from './token.js';

const AccessToken = t.type({ accessToken: Token });

/** Decodes `GET /auth/session`, with the token at the top level or under `data`. */
export const sessionAnswer: Decode<string> = (body) =>
  AccessToken.is(body)
    ? E.right(body.accessToken)
    : pipe(
        inData(decodeFields(AccessToken))(body),
        E.map(({ accessToken }) => accessToken),
      );

/** The source of the client's API token. Read at the first call, and again when Verifik rejects the token. */
export interface TokenSource {
  readonly read: () => Promise<string>;
}

export type Refresh = (token: string) => TE.TaskEither<VerifikError, string>;

export interface SessionConfig {
  readonly source: TokenSource;
  readonly refresh: Refresh;
  /** ms since the Unix epoch. */
  readonly now: () => number;
}

export interface Session {
  /**
   * Runs a call with a valid token. A rejected token (401) is renewed once for all callers, and the call is repeated
   * once. The signal cancels the wait for a token.
   */
  readonly withToken: <A>(
    call: (token: string) => TE.TaskEither<VerifikError, A>,
    identity: CallIdentity,
    signal?: AbortSignal,
  ) => TE.TaskEither<VerifikError, A>;
}

/** A token is renewed a day before its 30 days end. */
const RENEW_BEFORE_MS = 24 * 3_600_000;

/** Calls wait for a renewal only if the present token has less time left than this. */
const WAIT_BEFORE_MS = 5 * 60_000;

/** The interval between renewals after one has failed. */
const RENEW_AGAIN_MS = 60_000;

type TokenErrorCode = 'token_unreadable' | 'token_malformed' | 'not_renewed';

type TokenResult = E.Either<TokenErrorCode, string>;

interface SessionToken {
  readonly token: string;
  readonly expiresAt: number;
  readonly renewAfter: number;
}

const toSessionToken = (token: string, from: 'source' | 'renewal', now: number): SessionToken => {
  const expiresAt = expiryOf(token) ?? Number.POSITIVE_INFINITY;
  const dayBefore = expiresAt - RENEW_BEFORE_MS;
  // A new token that lives for less than a day is renewed after half its life instead of at every call.
  const halfway = Math.max(now + (expiresAt - now) / 2, now + RENEW_AGAIN_MS);
  return { token, expiresAt, renewAfter: from === 'source' || dayBefore > now ? dayBefore : halfway };
};

/** Stops waiting on cancellation. The shared work continues. */
const unlessCancelled = async <A>(work: Promise<A>, signal: AbortSignal | undefined): Promise<A | 'cancelled'> => {
  if (signal === undefined) return work;
  const finished = new AbortController();
  const cancelled = new Promise<'cancelled'>((resolve) => {
    if (signal.aborted) resolve('cancelled');
    signal.addEventListener('abort', () => resolve('cancelled'), { signal: finished.signal });
  });
  return Promise.race([work, cancelled]).finally(() => finished.abort());
};

const refusesToken = (error: VerifikError): boolean =>
  error.type === 'Credentials' && (error.status === 401 || error.code === 'unauthorized');

/** Creates a session that renews the token before it expires or when Verifik rejects it. */
export const createSession = ({ source, refresh, now }: SessionConfig): Session => {
  let sessionToken: SessionToken | undefined;
  let lastRead: string | undefined;
  let pending: Promise<TokenResult> | undefined;

  const singleFlight = (obtain: () => Promise<TokenResult>): Promise<TokenResult> => {
    pending ??= obtain().finally(() => {
      pending = undefined;
    });
    return pending;
  };

  const keep = (token: string, from: 'source' | 'renewal'): TokenResult => {
    sessionToken = toSessionToken(token, from, now());
    return E.right(token);
  };

  const readSource = async (): Promise<TokenResult> => {
    try {
      const token = (await source.read()).trim();
      return isToken(token) ? E.right(token) : E.left('token_malformed');
    } catch {
      return E.left('token_unreadable');
    }
  };

  const load = async (): Promise<TokenResult> => {
    const read = await readSource();
    if (E.isLeft(read)) return read;
    lastRead = read.right;
    return keep(read.right, 'source');
  };

  const renew = async (present: SessionToken): Promise<TokenResult> => {
    const renewed = await refresh(present.token)();
    if (E.isRight(renewed)) return keep(renewed.right, 'renewal');
    sessionToken = { ...present, renewAfter: now() + RENEW_AGAIN_MS };
    return E.right(present.token);
  };

  const currentToken = async (): Promise<TokenResult> => {
    const current = sessionToken;
    if (current === undefined) return singleFlight(load);
    if (now() < current.renewAfter) return E.right(current.token);
    const renewal = singleFlight(() => renew(current));
    return current.expiresAt - now() > WAIT_BEFORE_MS ? E.right(current.token) : renewal;
  };

  /** Tries a newer token from the source, then a renewal, then the source's old token. */
  const obtainReplacement = async (refused: string): Promise<TokenResult> => {
    const read = await readSource();
    if (E.isRight(read) && read.right !== refused && read.right !== lastRead) {
      lastRead = read.right;
      return keep(read.right, 'source');
    }
    const renewed = await refresh(refused)();
    if (E.isRight(renewed)) return keep(renewed.right, 'renewal');
    return E.isRight(read) && read.right !== refused ? keep(read.right, 'source') : E.left('not_renewed');
  };

  const replace = async (refused: string): Promise<TokenResult> => {
    // A renewal that began before the rejection can yield a better token, or the same one.
    await pending;
    if (sessionToken !== undefined && sessionToken.token !== refused) return E.right(sessionToken.token);
    return singleFlight(() => obtainReplacement(refused));
  };

  const awaitToken = async (
    token: Promise<TokenResult>,
    identity: CallIdentity,
    signal: AbortSignal | undefined,
  ): Promise<E.Either<VerifikError, string>> => {
    const result = await unlessCancelled(token, signal);
    if (result === 'cancelled') return E.left(describeError('Cancelled', identity, 'cancelled'));
    return E.mapLeft((code: TokenErrorCode) => describeError('Credentials', identity, code))(result);
  };

  return {
    withToken: (call, identity, signal) => async () => {
      const first = await awaitToken(currentToken(), identity, signal);
      if (E.isLeft(first)) return first;
      const answer = await call(first.right)();
      if (E.isRight(answer) || !refusesToken(answer.left)) return answer;
      const second = await awaitToken(replace(first.right), identity, signal);
      if (E.isRight(second)) return call(second.right)();
      // The rejection of the call is more informative than the error of the renewal.
      return second.left.type === 'Cancelled' ? second : answer;
    },
  };
};
