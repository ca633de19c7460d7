import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import {
  type Asked,
  CODE_WORDS,
  type CodedErrorType,
  contractBroken,
  describeError,
  type VerifikError,
} from './errors.js';

/** An answer that is no success: its status, its body as far as it could be read, and how long it asks to wait. */
export interface Refusal extends Asked {
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

// Some words go on with free text: `Invalid countryCode format. …`.
const goesOn = (word: string, known: string): boolean =>
  known.includes('_') && word.startsWith(known) && !/^[a-z0-9]/.test(word.slice(known.length));

const knownWord = (text: string): string | undefined => {
  const word = normalise(text);
  return Object.hasOwn(CODE_WORDS, word) ? word : Object.keys(CODE_WORDS).find((known) => goesOn(word, known));
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
  const asked: Asked = { endpoint, requestId };
  const word = codeWord(body);
  const code = word ?? `http_${status}`;
  const coded = word === undefined ? undefined : CODE_WORDS[word];
  if (coded !== undefined) return describeError(coded, asked, code, status);
  if (TRANSIENT_STATUSES.has(status) || status >= 500)
    return {
      ...describeError('Transient', asked, code, status),
      effect: WITHOUT_EFFECT.has(status) ? 'none' : 'unknown',
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
  const type = byStatus(status);
  return type === undefined
    ? contractBroken(asked, code, ['(status)'], status)
    : describeError(type, asked, code, status);
};
