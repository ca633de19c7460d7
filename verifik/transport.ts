import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import fetch, { FetchError, type Response } from 'node-fetch';
import { describeFieldErrors } from '../shared/decoding.js';
import { defined } from '../shared/defined.js';
import { timeLimit } from '../shared/time-limit.js';
import { CONNECT_TIMEOUT, createAgent, PROXY_FAILED } from './agents.js';
import { type CallIdentity, describeError, unexpectedVendorResponse, type VerifikError } from './errors.js';
import { proxyOf } from './proxy.js';
import { readRefusal } from './refusals.js';
import { readRetryAfter } from './retry-after.js';
import { checkTransportConfig, type TransportConfig } from './transport-config.js';

export interface Request extends CallIdentity {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Relative to `/v2`. Ids are checked before, so that nothing needs encoding. */
  readonly path: string;
  readonly query?: URLSearchParams;
  readonly body?: unknown;
  readonly token: string;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Sends a request once. The signal cancels it. */
export type Transport = (request: Request, signal?: AbortSignal) => TaskEither<VerifikError, Answer>;

/** Errors before anything was sent: of DNS, the proxy, the connection or the certificate. */
const NOTHING_SENT: ReadonlySet<string> = new Set([
  CONNECT_TIMEOUT,
  PROXY_FAILED,
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

const codeOf = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[\w-]{1,60}$/.test(code) ? code : 'network';
};

/** node-fetch sets the failed system call, but does not declare it. */
const failedToConnect = (error: unknown): boolean =>
  error instanceof FetchError && 'erroredSysCall' in error && error.erroredSysCall === 'connect';

const isOversize = (error: unknown): boolean => error instanceof FetchError && error.type === 'max-size';

/** Parses JSON without `__proto__` keys. */
const parse = (text: string): E.Either<unknown, unknown> =>
  E.tryCatch(
    (): unknown => JSON.parse(text, (key: string, value: unknown) => (key === '__proto__' ? undefined : value)),
    (error) => error,
  );

const urlOf = (baseUrl: string, { path, query }: Request): URL => {
  const url = new URL(`${baseUrl}/v2${path}`);
  if (query !== undefined) url.search = query.toString();
  return url;
};

const headersOf = ({ token, body, requestId }: Request, userAgent: string): Record<string, string> => ({
  accept: 'application/json',
  authorization: `Bearer ${token}`,
  'x-request-id': requestId,
  'user-agent': userAgent,
  ...(body === undefined ? {} : { 'content-type': 'application/json' }),
});

const readText = async (response: Response): Promise<string> => {
  try {
    return await response.text();
  } catch (error) {
    // The status alone classifies an error response whose body is too large.
    if (!response.ok && isOversize(error)) return '';
    throw error;
  }
};

const readAnswer = (
  request: Request,
  { status, ok, headers }: Response,
  text: string,
  now: number,
): E.Either<VerifikError, Answer> => {
  const parsed = parse(text);
  const broken = (code: string) => E.left(unexpectedVendorResponse(request, code, [], status));
  if (ok) {
    // A deletion has nothing to answer.
    if (text.trim() === '') return request.method === 'DELETE' ? E.right({ status, body: undefined }) : broken('empty');
    return E.isRight(parsed) ? E.right({ status, body: parsed.right }) : broken('not_json');
  }
  // A redirect would send the token to another host.
  if (status >= 300 && status < 400) return broken('redirect');
  const retryAfterMs = readRetryAfter(headers.get('retry-after'), now);
  const body = E.isRight(parsed) ? parsed.right : text;
  const { endpoint, requestId } = request;
  return E.left(readRefusal({ endpoint, requestId, status, body, ...defined({ retryAfterMs }) }));
};

/**
 * Creates an HTTP transport with kept-alive connections, through the proxy of the environment if there is one.
 *
 * @throws TypeError if the configuration or the proxy's URL is invalid, naming the field.
 */
export const createTransport = (config: TransportConfig): { readonly send: Transport; readonly close: () => void } => {
  const { baseUrl, connectTimeoutMs, totalTimeoutMs, maxResponseBytes, userAgent, now } = checkTransportConfig(config);
  const url = new URL(baseUrl);
  const proxy = proxyOf(url);
  if (E.isLeft(proxy)) throw new TypeError(describeFieldErrors(proxy.left));
  const agent = createAgent(url, proxy.right, connectTimeoutMs);

  const toError = (request: Request, error: unknown, signal: AbortSignal | undefined): VerifikError => {
    if (signal?.aborted === true) return describeError('Cancelled', request, 'cancelled');
    if (isOversize(error)) return unexpectedVendorResponse(request, `body_over_${maxResponseBytes}_bytes`, []);
    const timedOut = error instanceof Error && error.name === 'AbortError';
    const code = timedOut ? 'timeout' : codeOf(error);
    const unsent = NOTHING_SENT.has(code) || failedToConnect(error);
    return { ...describeError('Transient', request, code), effect: unsent ? 'none' : 'unknown' };
  };

  const send: Transport = (request, cancelled) => async () => {
    const { signal, clear } = timeLimit(totalTimeoutMs, ...(cancelled === undefined ? [] : [cancelled]));
    try {
      // node-fetch 3 destroys the body of a request that is aborted already: an error event without a listener.
      signal.throwIfAborted();
      const response = await fetch(urlOf(baseUrl, request), {
        method: request.method,
        headers: headersOf(request, userAgent),
        agent,
        redirect: 'manual',
        size: maxResponseBytes,
        signal,
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      });
      return readAnswer(request, response, await readText(response), now());
    } catch (error) {
      return E.left(toError(request, error, cancelled));
    } finally {
      clear();
    }
  };

  return { send, close: () => agent.destroy() };
};
