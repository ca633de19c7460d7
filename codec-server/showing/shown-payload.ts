import type { Payload } from '@temporalio/common';
import * as E from 'fp-ts/lib/Either.js';
import { withoutTokens } from '../../shared/masking.js';
import { maskJson, type Role } from './masking.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What Temporal's own converters write as JSON. */
const JSON_ENCODINGS: readonly string[] = ['json/plain', 'json/protobuf'];

/** Says nothing but that there is nothing. */
const NOTHING = 'binary/null';

const encodingOf = ({ metadata }: Payload): string => decoder.decode(metadata?.['encoding'] ?? new Uint8Array());

const bytesOf = ({ data }: Payload): Uint8Array => data ?? new Uint8Array();

const json = (metadata: Payload['metadata'], value: unknown): Payload => ({
  ...(metadata ? { metadata } : {}),
  data: encoder.encode(JSON.stringify(value)),
});

/** In place of a payload that nobody here can look into: what it is and how large. */
const withheld = (payload: Payload): Payload => {
  const encoding = /^[\w./+-]{1,64}$/.exec(encodingOf(payload))?.[0] ?? 'unknown';
  const note = { withheld: { encoding, bytes: bytesOf(payload).length } };
  return json({ encoding: encoder.encode('json/plain') }, note);
};

const parsed = (payload: Payload): E.Either<unknown, unknown> =>
  E.tryCatch(
    (): unknown => JSON.parse(decoder.decode(bytesOf(payload))),
    (error) => error,
  );

const holdsToken = (payload: Payload): boolean => {
  const text = Buffer.from(bytesOf(payload)).toString('latin1');
  return withoutTokens(text) !== text;
};

/** The decoded payload as the role may see it. Its encoding stays, so that the Temporal UI renders it as it would the original. */
export const shownTo = (role: Role, payload: Payload): Payload => {
  const encoding = encodingOf(payload);
  if (encoding === NOTHING) return { ...(payload.metadata ? { metadata: payload.metadata } : {}) };
  if (JSON_ENCODINGS.includes(encoding)) {
    const value = parsed(payload);
    return E.isRight(value) ? json(payload.metadata, maskJson(role, value.right)) : withheld(payload);
  }
  return role === 'personal-data' && !holdsToken(payload) ? payload : withheld(payload);
};
