import * as E from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { type Asked, describeError, type VerifikError } from './errors.js';
import { expiryOf, isToken } from './token.js';

/** Where the client's API token comes from. It is read at the first call, and again when Verifik refuses the token. */
export interface TokenSource {
  readonly read: () => Promise<string>;
}

/** Asks Verifik for a new client token with the present one. */
export type Refresh = (token: string) => TE.TaskEither<VerifikError, string>;

export interface SessionConfig {
  readonly source: TokenSource;
  readonly refresh: Refresh;
  /** ms since the Unix epoch. */
  readonly now: () => number;
}

/** The client token's session, shared by all calls. */
export interface Session {
  /**
   * Runs a call with a token that is good for it; a refused token (401) is renewed once, for all callers together, and the call
   * repeated once. The signal ends the waiting for a token, as `Cancelled`.
   */
  readonly withToken: <A>(
    call: (token: string) => TE.TaskEither<VerifikError, A>,
    asked: Asked,
    signal?: AbortSignal,
  ) => TE.TaskEither<VerifikError, A>;
}

/** A token is renewed when less than this is left of its 30 days: a day. */
const RENEW_BEFORE_MS = 24 * 3_600_000;

/** Calls wait for a renewal only when the present token has less than this left; until then it happens beside them. */
const WAIT_BEFORE_MS = 5 * 60_000;

/** After a renewal that failed while the token still lives, the next is tried after this. */
const RENEW_AGAIN_MS = 60_000;

/** Why there is no token, as a code word of ours. */
type NoToken = 'token_unreadable' | 'token_malformed' | 'not_renewed';

type Obtained = E.Either<NoToken, string>;

interface Held {
  readonly token: string;
  /** ms since the Unix epoch, as the next. */
  readonly expiresAt: number;
  readonly renewAfter: number;
}

const hold = (token: string, from: 'source' | 'renewal', now: number): Held => {
  const expiresAt = expiryOf(token) ?? Number.POSITIVE_INFINITY;
  const dayBefore = expiresAt - RENEW_BEFORE_MS;
  // A new token may itself live for less than a day: it is not renewed again at every call, but at half of its life.
  const halfway = Math.max(now + (expiresAt - now) / 2, now + RENEW_AGAIN_MS);
  return { token, expiresAt, renewAfter: from === 'source' || dayBefore > now ? dayBefore : halfway };
};

/** Gives up waiting, though not the work that is shared with others, when the signal says so. */
const unlessCancelled = async <A>(work: Promise<A>, signal: AbortSignal | undefined): Promise<A | 'cancelled'> => {
  if (signal === undefined) return work;
  const waited = new AbortController();
  const cancelled = new Promise<'cancelled'>((resolve) => {
    if (signal.aborted) resolve('cancelled');
    signal.addEventListener('abort', () => resolve('cancelled'), { signal: waited.signal });
  });
  return Promise.race([work, cancelled]).finally(() => waited.abort());
};

const refusesToken = (error: VerifikError): boolean =>
  error.type === 'Credentials' && (error.status === 401 || error.code === 'unauthorized');

/** Shares one client token among all callers, renewing it before it ends and when it is refused. */
export const createSession = ({ source, refresh, now }: SessionConfig): Session => {
  let held: Held | undefined;
  let lastRead: string | undefined;
  let underWay: Promise<Obtained> | undefined;

  /** One at a time: whoever needs a token meanwhile gets the result of what is under way. */
  const singleFlight = (obtain: () => Promise<Obtained>): Promise<Obtained> => {
    underWay ??= obtain().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };

  const keep = (token: string, from: 'source' | 'renewal'): Obtained => {
    held = hold(token, from, now());
    return E.right(token);
  };

  const readSource = async (): Promise<Obtained> => {
    try {
      const token = (await source.read()).trim();
      return isToken(token) ? E.right(token) : E.left('token_malformed');
    } catch {
      return E.left('token_unreadable');
    }
  };

  const load = async (): Promise<Obtained> => {
    const read = await readSource();
    if (E.isLeft(read)) return read;
    lastRead = read.right;
    return keep(read.right, 'source');
  };

  const renew = async (present: Held): Promise<Obtained> => {
    const renewed = await refresh(present.token)();
    if (E.isRight(renewed)) return keep(renewed.right, 'renewal');
    held = { ...present, renewAfter: now() + RENEW_AGAIN_MS };
    return E.right(present.token);
  };

  const present = async (): Promise<Obtained> => {
    const current = held;
    if (current === undefined) return singleFlight(load);
    if (now() < current.renewAfter) return E.right(current.token);
    const renewal = singleFlight(() => renew(current));
    return current.expiresAt - now() > WAIT_BEFORE_MS ? E.right(current.token) : renewal;
  };

  /** The source may have been given a newer token; otherwise Verifik is asked for one; as a last resort there is the source's old one. */
  const insteadOf = async (refused: string): Promise<Obtained> => {
    const read = await readSource();
    if (E.isRight(read) && read.right !== refused && read.right !== lastRead) {
      lastRead = read.right;
      return keep(read.right, 'source');
    }
    const renewed = await refresh(refused)();
    if (E.isRight(renewed)) return keep(renewed.right, 'renewal');
    return E.isRight(read) && read.right !== refused ? keep(read.right, 'source') : E.left('not_renewed');
  };

  const replace = async (refused: string): Promise<Obtained> => {
    // What began before this token was refused may bring a better one, or the very same.
    await underWay;
    if (held !== undefined && held.token !== refused) return E.right(held.token);
    return singleFlight(() => insteadOf(refused));
  };

  const obtained = async (
    token: Promise<Obtained>,
    asked: Asked,
    signal: AbortSignal | undefined,
  ): Promise<E.Either<VerifikError, string>> => {
    const got = await unlessCancelled(token, signal);
    if (got === 'cancelled') return E.left(describeError('Cancelled', asked, 'cancelled'));
    return E.mapLeft((why: NoToken) => describeError('Credentials', asked, why))(got);
  };

  return {
    withToken: (call, asked, signal) => async () => {
      const first = await obtained(present(), asked, signal);
      if (E.isLeft(first)) return first;
      const answer = await call(first.right)();
      if (E.isRight(answer) || !refusesToken(answer.left)) return answer;
      const second = await obtained(replace(first.right), asked, signal);
      if (E.isRight(second)) return call(second.right)();
      // Why the renewal failed matters less than that the call was refused.
      return second.left.type === 'Cancelled' ? second : answer;
    },
  };
};
