import { randomUUID } from 'node:crypto';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Call, CallOptions, VerifikCall } from './api.js';
import type { Decode } from './decode.js';
import {
  type CallIdentity,
  type Endpoint,
  invalidRequest,
  unexpectedVendorResponse,
  type VerifikError,
} from './errors.js';
import { createSession, sessionAnswer, type TokenSource } from './session.js';
import { isToken } from './token.js';
import { createTransport, type Request } from './transport.js';
import type { TransportConfig } from './transport-config.js';

export interface VerifikClientConfig extends TransportConfig {
  readonly tokenSource: TokenSource;
  /** Called after every request, including token renewals. Its errors are ignored. */
  readonly onCall?: (call: VerifikCall) => void;
  /** Returns what is decoded in place of a response. For the contract check: a response holds personal data. */
  readonly inspect?: (body: unknown) => unknown;
}

/** A precondition of a request field, checked before sending. */
export interface Precondition {
  readonly code: string;
  readonly field: string;
  readonly expected: string;
  readonly holds: boolean;
}

/** The definition of a call: the request without token and id, its preconditions and its decoder. */
export interface CallPlan<A> extends Omit<Request, 'token' | 'requestId'> {
  readonly preconditions?: readonly Precondition[];
  readonly decode: Decode<A>;
}

export interface Calls {
  readonly asClient: <A>(plan: CallPlan<A>, options?: CallOptions) => Call<A>;
  readonly asApplicant: <A>(token: string, plan: CallPlan<A>, options?: CallOptions) => Call<A>;
  readonly now: () => number;
  readonly close: () => void;
}

/** The requested lifetime of a renewed token, in months. Verifik's own tokens live for 30 days. */
const SESSION_MONTHS = 1;

/** The renewal of the client's token. */
export const REFRESH: CallPlan<string> = {
  endpoint: 'refreshSession',
  method: 'GET',
  path: '/auth/session',
  query: new URLSearchParams({ origin: 'refresh', expiresIn: String(SESSION_MONTHS) }),
  decode: sessionAnswer,
};

/** Checks the shape of an id. Any other text could change the path. */
export const validId = (field: string, id: string): Precondition => ({
  code: 'malformed_id',
  field,
  expected: 'an id of 1 to 64 letters, digits, - and _',
  holds: /^[A-Za-z0-9_-]{1,64}$/.test(id),
});

const validToken = (token: string): Precondition => ({
  code: 'malformed_token',
  field: 'token',
  expected: "a registration's token",
  holds: isToken(token),
});

const validRequestId = (requestId: string): Precondition => ({
  code: 'malformed_request_id',
  field: 'requestId',
  expected: '1 to 256 printable ASCII characters without spaces',
  holds: /^[\x21-\x7e]{1,256}$/.test(requestId),
});

const firstViolation = (identity: CallIdentity, preconditions: readonly Precondition[]): VerifikError | undefined => {
  const violation = preconditions.find(({ holds }) => !holds);
  if (violation === undefined) return undefined;
  const { code, field, expected } = violation;
  return invalidRequest(identity, code, [{ field, expected }]);
};

export const createCalls = (config: VerifikClientConfig): Calls => {
  const { tokenSource, onCall, inspect = (body: unknown) => body, now = Date.now } = config;
  const transport = createTransport(config);

  const reportCall = (
    endpoint: Endpoint,
    status: number | undefined,
    outcome: VerifikCall['outcome'],
    startedAt: number,
  ) => {
    try {
      const durationMs = performance.now() - startedAt;
      onCall?.({ endpoint, outcome, durationMs, ...(status === undefined ? {} : { status }) });
    } catch {
      // The response can have cost credits: an error in `onCall` must not lose it.
    }
  };

  const send =
    <A>(request: Request, decode: Decode<A>, signal?: AbortSignal): Call<A> =>
    async () => {
      const startedAt = performance.now();
      const answer = await transport.send(request, signal)();
      const read = pipe(
        answer,
        E.chain(({ status, body }) =>
          pipe(
            decode(inspect(body)),
            E.mapLeft((errors) => {
              const paths = errors.map(({ field, expected }) => `${field} (expected ${expected})`);
              return unexpectedVendorResponse(request, 'wrong_shape', paths, status);
            }),
          ),
        ),
      );
      const status = E.isRight(answer) ? answer.right.status : answer.left.status;
      reportCall(request.endpoint, status, E.isRight(read) ? 'ok' : read.left.type, startedAt);
      return read;
    };

  const session = createSession({
    source: tokenSource,
    now,
    refresh: (token) => send({ ...REFRESH, requestId: randomUUID(), token }, REFRESH.decode),
  });

  const withPreconditions = <A>(
    { decode, preconditions = [], ...unsigned }: CallPlan<A>,
    { requestId = randomUUID() }: CallOptions,
    call: (unsigned: Omit<Request, 'token'>, decode: Decode<A>) => Call<A>,
  ): Call<A> => {
    const identity: CallIdentity = { endpoint: unsigned.endpoint, requestId };
    const violation = firstViolation(identity, [validRequestId(requestId), ...preconditions]);
    return violation === undefined ? call({ ...unsigned, requestId }, decode) : TE.left(violation);
  };

  return {
    asClient: (plan, options = {}) =>
      withPreconditions(plan, options, (unsigned, decode) =>
        session.withToken((token) => send({ ...unsigned, token }, decode, options.signal), unsigned, options.signal),
      ),

    asApplicant: (token, plan, options = {}) =>
      withPreconditions(
        { ...plan, preconditions: [validToken(token), ...(plan.preconditions ?? [])] },
        options,
        (unsigned, decode) => send({ ...unsigned, token }, decode, options.signal),
      ),

    now,
    close: transport.close,
  };
};
