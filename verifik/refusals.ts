import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { codeWordOf } from './decode.js';
import {
  type CallIdentity,
  CODE_WORDS,
  type CodedErrorType,
  describeError,
  invalidRequest,
  unexpectedVendorResponse,
  type VerifikError,
} from './errors.js';
import { refusedFields } from './refused-fields.js';

/** An error response. `body` is the text if it is not JSON. */
export interface Refusal extends CallIdentity {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfterMs?: number;
}

// The three envelopes in use: {error, message: "CODE"}, {message: "409:code", code}, {success: false, error, code}.
const Envelope = t.partial({ error: t.unknown, message: t.unknown, code: t.unknown });

const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Only the beginning of an error page is examined. */
const MAX_PAGE = 2_000;

/** Rejected before any effect. */
const WITHOUT_EFFECT: ReadonlySet<number> = new Set([425, 429]);

// Some code words continue with free text: `Invalid countryCode format. …`.
const continuesWith = (word: string, known: string): boolean =>
  known.includes('_') && word.startsWith(known) && !/^[a-z0-9]/.test(word.slice(known.length));

const knownWord = (text: string): string | undefined => {
  // `Missing countryCode` is `missing_countrycode`.
  const word = codeWordOf(text).replace(/\s+/g, '_');
  return Object.hasOwn(CODE_WORDS, word) ? word : Object.keys(CODE_WORDS).find((known) => continuesWith(word, known));
};

const textsOf = (body: unknown): readonly string[] => {
  const envelope = Envelope.decode(body);
  if (E.isLeft(envelope)) return [];
  const { message, error, code } = envelope.right;
  return [message, error, code].filter((text): text is string => typeof text === 'string' && text !== '');
};

/**
 * Returns the first known code word, preferring a specific one: `PreconditionFailed` often accompanies a more precise
 * word.
 */
const codeWord = (body: unknown): string | undefined => {
  const words = textsOf(body).flatMap((text) => knownWord(text) ?? []);
  return words.find((word) => word.includes('_')) ?? words[0];
};

const byStatus = (status: number): CodedErrorType | 'NotSupported' | undefined => {
  if (status === 401 || status === 403) return 'Credentials';
  if (status === 404 || status === 405) return 'NotSupported';
  return status >= 400 && status < 500 ? 'InvalidRequest' : undefined;
};

/** The page of Verifik's own server for a route that it does not have. */
const UNKNOWN_ROUTE = /Cannot (?:GET|POST|PUT|DELETE) \//;

/**
 * True if the response is in none of Verifik's envelopes: an error page of a proxy in front of Verifik, which says
 * nothing about the request.
 */
const isOfProxy = (status: number, body: unknown): boolean =>
  status !== 401 &&
  textsOf(body).length === 0 &&
  !(typeof body === 'string' && UNKNOWN_ROUTE.test(body.slice(0, MAX_PAGE)));

/**
 * Classifies an error response by its code word, otherwise by its HTTP status if it is one of Verifik's own.
 */
export const readRefusal = ({ endpoint, requestId, status, body, retryAfterMs }: Refusal): VerifikError => {
  const identity: CallIdentity = { endpoint, requestId };
  const word = codeWord(body);
  const code = word ?? `http_${status}`;
  const coded = word === undefined ? undefined : CODE_WORDS[word];
  const described = (type: CodedErrorType | 'NotSupported'): VerifikError =>
    type === 'InvalidRequest'
      ? invalidRequest(identity, code, refusedFields(endpoint, textsOf(body)), status)
      : describeError(type, identity, code, status);
  if (coded !== undefined) return described(coded);
  if (TRANSIENT_STATUSES.has(status) || status >= 500 || (status >= 400 && isOfProxy(status, body)))
    return {
      ...describeError('Transient', identity, code, status),
      effect: WITHOUT_EFFECT.has(status) ? 'none' : 'unknown',
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
  const type = byStatus(status);
  return type === undefined ? unexpectedVendorResponse(identity, code, ['(status)'], status) : described(type);
};
