import { randomUUID } from 'node:crypto';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Call, CallOptions, VerifikCall } from './api.js';
import type { Decode } from './decode.js';
import { type Asked, contractBroken, type Endpoint, invalidRequest, type VerifikError } from './errors.js';
import { createSession, type TokenSource } from './session.js';
import { sessionAnswer } from './session-answer.js';
import { isToken } from './token.js';
import { createTransport, type Request } from './transport.js';
import type { TransportConfig } from './transport-config.js';

export interface VerifikClientConfig extends TransportConfig {
  readonly tokenSource: TokenSource;
  /** Told of every request that was sent, renewals of the token included. What it throws is passed over. */
  readonly onCall?: (call: VerifikCall) => void;
}

/** A field of a request that has to be right before anything is sent. */
export interface Check {
  readonly code: string;
  readonly field: string;
  readonly expected: string;
  readonly holds: boolean;
}

/** What an endpoint's file says of a call: the request without its token and id, what to check, and how to read the answer. */
export interface CallPlan<A> extends Omit<Request, 'token' | 'requestId'> {
  readonly checks?: readonly Check[];
  readonly decode: Decode<A>;
}

/** The two ways of calling Verifik. */
export interface Calls {
  /** With the client's own token, from its session. */
  readonly asClient: <A>(plan: CallPlan<A>, options?: CallOptions) => Call<A>;
  /** With the token of the applicant's registration. */
  readonly asApplicant: <A>(token: string, plan: CallPlan<A>, options?: CallOptions) => Call<A>;
  readonly now: () => number;
  readonly close: () => void;
}

/** The client token is renewed for this many months: the vendor's own tokens live for 30 days. */
const SESSION_MONTHS = 1;

/** An id, checked by its looks: anything else would only be a way into another path. */
export const idCheck = (field: string, id: string): Check => ({
  code: 'malformed_id',
  field,
  expected: 'an id of 1 to 64 letters, digits, - and _',
  holds: /^[A-Za-z0-9_-]{1,64}$/.test(id),
});

const tokenCheck = (token: string): Check => ({
  code: 'malformed_token',
  field: 'token',
  expected: "a registration's token",
  holds: isToken(token),
});

const requestIdCheck = (requestId: string): Check => ({
  code: 'malformed_request_id',
  field: 'requestId',
  expected: '1 to 256 printable ASCII characters without spaces',
  holds: /^[\x21-\x7e]{1,256}$/.test(requestId),
});

const firstFault = (asked: Asked, checks: readonly Check[]): VerifikError | undefined => {
  const fault = checks.find(({ holds }) => !holds);
  return fault && invalidRequest(asked, fault.code, fault.field, fault.expected);
};

/** Wires the transport and the session into calls that are checked, sent, told of and decoded. */
export const createCalls = (config: VerifikClientConfig): Calls => {
  const { tokenSource, onCall, now = Date.now } = config;
  const transport = createTransport(config);

  const tell = (endpoint: Endpoint, status: number | undefined, outcome: VerifikCall['outcome'], startedAt: number) => {
    try {
      const durationMs = performance.now() - startedAt;
      onCall?.({ endpoint, outcome, durationMs, ...(status === undefined ? {} : { status }) });
    } catch {
      // The answer of a call that may have cost credits is worth more than its metric.
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
            decode(body),
            E.mapLeft((errors) => {
              const paths = errors.map(({ field, expected }) => `${field} (expected ${expected})`);
              return contractBroken(request, 'wrong_shape', paths, status);
            }),
          ),
        ),
      );
      const status = E.isRight(answer) ? answer.right.status : answer.left.status;
      tell(request.endpoint, status, E.isRight(read) ? 'ok' : read.left.type, startedAt);
      return read;
    };

  const session = createSession({
    source: tokenSource,
    now,
    refresh: (token) => {
      const query = new URLSearchParams({ origin: 'refresh', expiresIn: String(SESSION_MONTHS) });
      const asked: Asked = { endpoint: 'refreshSession', requestId: randomUUID() };
      return send({ ...asked, method: 'GET', path: '/auth/session', query, token }, sessionAnswer);
    },
  });

  const withChecks = <A>(
    { decode, checks = [], ...unsigned }: CallPlan<A>,
    { requestId = randomUUID() }: CallOptions,
    call: (unsigned: Omit<Request, 'token'>, decode: Decode<A>) => Call<A>,
  ): Call<A> => {
    const asked: Asked = { endpoint: unsigned.endpoint, requestId };
    const fault = firstFault(asked, [requestIdCheck(requestId), ...checks]);
    return fault === undefined ? call({ ...unsigned, requestId }, decode) : TE.left(fault);
  };

  return {
    asClient: (plan, options = {}) =>
      withChecks(plan, options, (unsigned, decode) =>
        session.withToken((token) => send({ ...unsigned, token }, decode, options.signal), unsigned, options.signal),
      ),

    asApplicant: (token, plan, options = {}) =>
      withChecks({ ...plan, checks: [tokenCheck(token), ...(plan.checks ?? [])] }, options, (unsigned, decode) =>
        send({ ...unsigned, token }, decode, options.signal),
      ),

    now,
    close: transport.close,
  };
};
