import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { sentence, type VerifikError } from './errors.js';

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
  /** Runs a call with a token that is good for it; a refused token is renewed once, for all callers together, and the call repeated. */
  readonly withToken: <A>(call: (token: string) => TE.TaskEither<VerifikError, A>) => TE.TaskEither<VerifikError, A>;
}

/** A token is renewed when less than this is left of its 30 days: a day. */
const RENEW_BEFORE_MS = 24 * 3_600_000;

/** After a renewal that failed while the token still lives, the next is tried after this. */
const RENEW_AGAIN_MS = 60_000;

const Claims = t.type({ exp: t.number });

/** When a JSON web token runs out, in ms since the Unix epoch; undefined where it is none or does not say. Nothing is verified. */
export const expiryOf = (token: string): number | undefined => {
  const [, payload, ...rest] = token.split('.');
  if (payload === undefined || rest.length !== 1) return undefined;
  const claims = E.tryCatch((): unknown => JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')), String);
  return pipe(
    claims,
    E.chainW(Claims.decode),
    E.match(
      () => undefined,
      ({ exp }) => exp * 1_000,
    ),
  );
};

/** Shares one client token among all callers, renewing it before it ends and when it is refused. */
export const createSession = ({ source, refresh, now }: SessionConfig): Session => {
  let token: string | undefined;
  let renewAfter = 0;
  let underWay: Promise<E.Either<VerifikError, string>> | undefined;

  /** One renewal at a time: whoever needs one meanwhile gets its result. */
  const singleFlight = (renew: () => Promise<E.Either<VerifikError, string>>) => {
    underWay ??= renew().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };

  const use = (fresh: string): E.Either<VerifikError, string> => {
    token = fresh;
    const expiry = expiryOf(fresh);
    renewAfter = expiry === undefined ? Number.POSITIVE_INFINITY : Math.max(expiry - RENEW_BEFORE_MS, now());
    return E.right(fresh);
  };

  const given = async (): Promise<E.Either<VerifikError, string>> => {
    try {
      return E.right(await source.read());
    } catch {
      const message = sentence('Credentials', 'refreshSession', 'token_unreadable');
      return E.left({
        type: 'Credentials',
        endpoint: 'refreshSession',
        code: 'token_unreadable',
        message,
        requestId: '',
      });
    }
  };

  const renewBefore = async (current: string): Promise<E.Either<VerifikError, string>> => {
    const renewed = await refresh(current)();
    if (E.isRight(renewed)) return use(renewed.right);
    renewAfter = now() + RENEW_AGAIN_MS;
    return E.right(current);
  };

  const current = async (): Promise<E.Either<VerifikError, string>> => {
    if (token === undefined) return singleFlight(async () => pipe(await given(), E.chain(use)));
    if (now() < renewAfter) return E.right(token);
    const present = token;
    return singleFlight(() => renewBefore(present));
  };

  /** The source may have been given a newer token; otherwise Verifik is asked for one. */
  const replace = (refused: string): Promise<E.Either<VerifikError, string>> => {
    if (token !== undefined && token !== refused) return Promise.resolve(E.right(token));
    return singleFlight(async () => {
      const newer = await given();
      if (E.isLeft(newer) || newer.right !== refused) return pipe(newer, E.chain(use));
      const renewed = await refresh(refused)();
      return E.isRight(renewed) ? use(renewed.right) : renewed;
    });
  };

  return {
    withToken: (call) => async () => {
      const first = await current();
      if (E.isLeft(first)) return first;
      const answer = await call(first.right)();
      if (E.isRight(answer) || answer.left.type !== 'Credentials' || answer.left.status === 403) return answer;
      const second = await replace(first.right);
      // Why the renewal failed matters less than that the call was refused.
      return E.isLeft(second) ? answer : call(second.right)();
    },
  };
};
