import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { CODE_WORDS, type CodedErrorType, type Endpoint, sentence, type VerifikError } from './errors.js';

/** An answer that is no success: its status, its body as far as it could be read, and how long it asks to wait. */
export interface Refusal {
  readonly endpoint: Endpoint;
  readonly requestId: string;
  readonly status: number;
  readonly body: unknown;
  readonly retryAfterMs?: number;
}

// The three envelopes in use: {error, message: "CODE"}, {message: "409:code", code}, {success: false, error, code}.
const Envelope = t.partial({ error: t.unknown, message: t.unknown, code: t.unknown });

const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Refused before anything was done. */
const WITHOUT_EFFECT: ReadonlySet<number> = new Set([425, 429]);

/** `409:liveness_failed@0.45` → `liveness_failed`; `Missing countryCode` → `missing_countrycode`. */
const normalise = (text: string): string =>
  text
    .trim()
    .replace(/^\d{3}:/, '')
    .replace(/@.*$/, '')
    .trim()
    .replace(/\s+/g, '_')
    .toLowerCase();

const knownWord = (text: string): string | undefined => {
  const word = normalise(text);
  if (word in CODE_WORDS) return word;
  // Some words go on with free text: `Invalid countryCode format. …`.
  return Object.keys(CODE_WORDS).find((known) => known.includes('_') && word.startsWith(known));
};

const textsOf = (body: unknown): readonly string[] => {
  const envelope = Envelope.decode(body);
  if (E.isLeft(envelope)) return [];
  const { message, error, code } = envelope.right;
  return [message, error, code].filter((text) => typeof text === 'string');
};

/** The first code word that we know, the specific before the general: `PreconditionFailed` often stands beside one that says more. */
const codeWord = (body: unknown): string | undefined => {
  const words = textsOf(body).flatMap((text) => knownWord(text) ?? []);
  return words.find((word) => word.includes('_')) ?? words[0];
};

const byStatus = (status: number): CodedErrorType | 'NotOffered' | undefined => {
  if (status === 401 || status === 403) return 'Credentials';
  if (status === 404 || status === 405) return 'NotOffered';
  return status >= 400 && status < 500 ? 'InvalidRequest' : undefined;
};

/** What an answer that is no success means: decided on the code word first, and on the HTTP status second. */
export const readRefusal = ({ endpoint, requestId, status, body, retryAfterMs }: Refusal): VerifikError => {
  const word = codeWord(body);
  const code = word ?? `http_${status}`;
  const base = (type: VerifikError['type']) => ({
    endpoint,
    requestId,
    status,
    code,
    message: sentence(type, endpoint, code, status),
  });
  const coded = word === undefined ? undefined : CODE_WORDS[word];
  if (coded !== undefined) return { type: coded, ...base(coded) };
  if (TRANSIENT_STATUSES.has(status) || status >= 500)
    return {
      type: 'Transient',
      effect: WITHOUT_EFFECT.has(status) ? 'none' : 'unknown',
      ...base('Transient'),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
  const type = byStatus(status);
  return type === undefined
    ? { type: 'ContractBroken', paths: ['(status)'], ...base('ContractBroken') }
    : { type, ...base(type) };
};
