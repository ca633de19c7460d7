import type { Payload } from '@temporalio/common';
import * as E from 'fp-ts/lib/Either.js';
import { parseJson } from '../../shared/decoding.js';
import { withoutTokens } from '../../shared/masking.js';
import { maskJson, type Role } from './mask-json.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

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

const containsToken = (payload: Payload): boolean => {
  const text = Buffer.from(bytesOf(payload)).toString('latin1');
  return withoutTokens(text) !== text;
};

/** Masks a decoded payload for a role. Keeps its encoding, so that the Temporal UI renders it like the original. */
export const maskPayload = (role: Role, payload: Payload): Payload => {
  const encoding = encodingOf(payload);
  if (encoding === 'binary/null') return payload.metadata ? { metadata: payload.metadata } : {};
  if (encoding === 'json/plain' || encoding === 'json/protobuf') {
    const value = parseJson(decoder.decode(bytesOf(payload)));
    return E.isRight(value) ? json(payload.metadata, maskJson(role, value.right)) : withheld(payload);
  }
  return role === 'personal-data' && !containsToken(payload) ? payload : withheld(payload);
};
