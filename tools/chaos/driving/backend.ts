import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { defined } from '../../../shared/defined.js';
import { retry } from '../../processes/retry.js';
import type { Access } from '../environment/environment.js';

interface GatewayResponse {
  readonly status: number;
  readonly body: unknown;
}

/** The gateway rejected a call with an error that a retry does not change. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  readonly code: string;

  constructor(call: string, status: number, code: string) {
    super(`${call} was rejected: ${status} ${code}`);
    this.status = status;
    this.code = code;
  }
}

/** The backend of a service: calls the gateways in turn, and retries transient errors. */
export interface Backend {
  /** Returns the body. Rejects with `Refused` on a final error, and with an `Error` after five minutes of retries. */
  call(method: string, path: string, body?: object, idempotencyKey?: string): Promise<unknown>;
  /** The number of retries by status and error code. */
  readonly repeated: ReadonlyMap<string, number>;
}

/** Longer than the gateway's own limit for a request. */
const REQUEST_TIMEOUT_MS = 35_000;
const RETRY_DELAY_MS = 300;
const RETRY_TIMEOUT_MS = 300_000;

const Problem = t.type({ code: t.string });

const codeOf = (body: unknown): string => {
  const read = Problem.decode(body);
  return E.isRight(read) ? read.right.code : 'unreadable';
};

const isFinal = (status: number): boolean => status < 500 && status !== 408 && status !== 429;

export const createBackend = ({ urls, apiKey }: Access): Backend => {
  const repeated = new Map<string, number>();
  let turn = 0;

  const send = async (
    method: string,
    path: string,
    body: object | undefined,
    key: string | undefined,
  ): Promise<GatewayResponse> => {
    turn += 1;
    const response = await fetch(`${urls[turn % urls.length]}/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...defined({ 'content-type': body && 'application/json', 'idempotency-key': key }),
      },
      ...defined({ body: body && JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    return { status: response.status, body: await response.json() };
  };

  return {
    repeated,
    call: (method, path, body, key) =>
      retry(
        async () => {
          const call = `${method} ${path}`;
          const response = await send(method, path, body, key).catch(() => undefined);
          if (response !== undefined && response.status < 400) return response.body;
          const failure = response === undefined ? 'no response' : `${response.status} ${codeOf(response.body)}`;
          if (response !== undefined && isFinal(response.status))
            throw new Refused(call, response.status, codeOf(response.body));
          repeated.set(failure, (repeated.get(failure) ?? 0) + 1);
          throw new Error(`${call}: ${failure} after ${RETRY_TIMEOUT_MS / 1_000} s of retries`);
        },
        { timeoutMs: RETRY_TIMEOUT_MS, delayMs: RETRY_DELAY_MS, isFinal: (error) => error instanceof Refused },
      ),
  };
};
