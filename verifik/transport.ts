import { randomUUID } from 'node:crypto';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import fetch, { FetchError, type Response } from 'node-fetch';
import { CONNECT_TIMEOUT, createAgents } from './agents.js';
import { type Endpoint, sentence, type VerifikError } from './errors.js';
import { readRefusal } from './refusals.js';
import { readRetryAfter } from './retry-after.js';

/** What every call takes besides its own arguments. */
export interface CallOptions {
  /** Ends the call early; it then fails as `Cancelled`. */
  readonly signal?: AbortSignal;
  /** Sent as `X-Request-Id`; made up where it is absent. */
  readonly requestId?: string;
}

export interface TransportConfig {
  /** Such as `https://api.verifik.co`. */
  readonly baseUrl: string;
  /** For making a connection. Default 5 s. */
  readonly connectTimeoutMs?: number;
  /** For the whole call, its answer's body included. Default 30 s. */
  readonly totalTimeoutMs?: number;
  /** A larger body fails the call as `ContractBroken`. Default 8 MiB: populated documents can be large. */
  readonly maxResponseBytes?: number;
  /** ms since the Unix epoch. Default: the system's clock. */
  readonly now?: () => number;
}

export interface Request {
  readonly endpoint: Endpoint;
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Below `/v2`, with every id encoded. */
  readonly path: string;
  readonly query?: URLSearchParams;
  readonly body?: unknown;
  readonly token: string;
}

/** Sends a request and answers with the JSON of a 2xx, or with what went wrong. */
export type Transport = (request: Request, options?: CallOptions) => TaskEither<VerifikError, unknown>;

/** Faults in which nothing can have reached the vendor. */
const NOTHING_SENT: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', CONNECT_TIMEOUT]);

const transient = (endpoint: Endpoint, requestId: string, code: string): VerifikError => ({
  type: 'Transient',
  effect: NOTHING_SENT.has(code) ? 'none' : 'unknown',
  endpoint,
  requestId,
  code,
  message: sentence('Transient', endpoint, code),
});

/** An answer that breaks the contract, by the paths of what is wrong in it. */
export const contractBroken = (
  endpoint: Endpoint,
  requestId: string,
  code: string,
  paths: readonly string[],
  status?: number,
): VerifikError => ({
  type: 'ContractBroken',
  paths,
  endpoint,
  requestId,
  code,
  message: `${sentence('ContractBroken', endpoint, code, status)}${paths.length === 0 ? '' : `: ${paths.join(', ')}`}`,
  ...(status === undefined ? {} : { status }),
});

const codeOf = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[\w-]{1,60}$/.test(code) ? code : 'network';
};

/** Parses JSON; keys that would reach into prototypes are left out. */
const parse = (text: string): E.Either<unknown, unknown> =>
  E.tryCatch(
    (): unknown => JSON.parse(text, (key: string, value: unknown) => (key === '__proto__' ? undefined : value)),
    (error) => error,
  );

const urlOf = (baseUrl: string, { path, query }: Request): URL => {
  const url = new URL(`${baseUrl.replace(/\/+$/, '')}/v2${path}`);
  if (query !== undefined) url.search = query.toString();
  return url;
};

const headersOf = ({ token, body }: Request, requestId: string): Record<string, string> => ({
  accept: 'application/json',
  authorization: `Bearer ${token}`,
  'x-request-id': requestId,
  'user-agent': 'verifik-onboarding',
  ...(body === undefined ? {} : { 'content-type': 'application/json' }),
});

const readAnswer = (
  { endpoint }: Request,
  requestId: string,
  response: Response,
  text: string,
  now: number,
): E.Either<VerifikError, unknown> => {
  const { status, ok } = response;
  const parsed = parse(text);
  const broken = (code: string) => E.left(contractBroken(endpoint, requestId, code, [], status));
  if (ok) {
    if (text.trim() === '') return broken('empty');
    return E.isRight(parsed) ? parsed : broken('not_json');
  }
  // A redirect would carry the token elsewhere.
  if (status >= 300 && status < 400) return broken('redirect');
  const retryAfterMs = readRetryAfter(response.headers.get('retry-after'), now);
  const body = E.isRight(parsed) ? parsed.right : undefined;
  return E.left(
    readRefusal({ endpoint, requestId, status, body, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }),
  );
};

/** The transport over HTTP, with connections that are kept open between calls. */
export const createTransport = (config: TransportConfig): { readonly send: Transport; readonly close: () => void } => {
  const { baseUrl, connectTimeoutMs = 5_000, totalTimeoutMs = 30_000, maxResponseBytes = 8 * 1024 * 1024 } = config;
  const now = config.now ?? Date.now;
  const agents = createAgents(connectTimeoutMs);

  const fault = ({ endpoint }: Request, requestId: string, error: unknown, { signal }: CallOptions): VerifikError => {
    if (signal?.aborted === true)
      return {
        type: 'Cancelled',
        endpoint,
        requestId,
        code: 'cancelled',
        message: sentence('Cancelled', endpoint, 'cancelled'),
      };
    if (error instanceof FetchError && error.type === 'max-size')
      return contractBroken(endpoint, requestId, `body_over_${maxResponseBytes}_bytes`, []);
    const timedOut = error instanceof Error && error.name === 'AbortError';
    return transient(endpoint, requestId, timedOut ? 'timeout' : codeOf(error));
  };

  const send: Transport =
    (request, options = {}) =>
    async () => {
      const requestId = options.requestId ?? randomUUID();
      const timeout = AbortSignal.timeout(totalTimeoutMs);
      const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
      try {
        const response = await fetch(urlOf(baseUrl, request), {
          method: request.method,
          headers: headersOf(request, requestId),
          agent: agents.forUrl,
          redirect: 'manual',
          size: maxResponseBytes,
          signal,
          ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
        });
        return readAnswer(request, requestId, response, await response.text(), now());
      } catch (error) {
        return E.left(fault(request, requestId, error, options));
      }
    };

  return { send, close: agents.close };
};
