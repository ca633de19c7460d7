import type { Payload } from '@temporalio/common';
import * as E from 'fp-ts/lib/Either.js';
import { withoutTokens } from '../../shared/masking.js';
import { maskJson, type Role } from './mask-json.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const JSON_ENCODINGS: readonly string[] = ['json/plain', 'json/protobuf'];

const NULL_ENCODING = 'binary/null';

const encodingOf = ({ metadata }: Payload): string => decoder.decode(metadata?.['encoding'] ?? new Uint8Array());

const bytesOf = ({ data }: Payload): Uint8Array => data ?? new Uint8Array();

const json = (metadata: Payload['metadata'], value: unknown): Payload => ({
  ...(metadata ? { metadata } : {}),
  data: encoder.encode(JSON.stringify(value)),
});

/** Replaces a payload that cannot be inspected by a note with its encoding and size. */
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

const containsToken = (payload: Payload): boolean => {
  const text = Buffer.from(bytesOf(payload)).toString('latin1');
  return withoutTokens(text) !== text;
};

/** Masks a decoded payload for a role. Keeps its encoding, so that the Temporal UI renders it like the original. */
export const maskPayload = (role: Role, payload: Payload): Payload => {
  const encoding = encodingOf(payload);
  if (encoding === NULL_ENCODING) return { ...(payload.metadata ? { metadata: payload.metadata } : {}) };
  if (JSON_ENCODINGS.includes(encoding)) {
    const value = parsed(payload);
    return E.isRight(value) ? json(payload.metadata, maskJson(role, value.right)) : withheld(payload);
  }
  return role === 'personal-data' && !containsToken(payload) ? payload : withheld(payload);
};
