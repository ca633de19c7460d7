import { createHmac } from 'node:crypto';
import canonicalize from 'canonicalize';
import * as t from 'io-ts';
import type { Fingerprints } from '../contract/messages.js';
import { OnboardingError } from './errors.js';

/** Returns a keyed hash (HMAC-SHA-256, base64url). Equal JSON has equal hashes, whatever the order of its fields. */
export type Fingerprint = (value: unknown) => string;

export const fingerprintWith =
  (secret: string): Fingerprint =>
  (value) =>
    createHmac('sha256', secret)
      .update(`request:${canonicalize(value)}`)
      .digest('base64url');

/** Enough for a comparison of two hashes, and small in each payload: 96 bits. */
const FIELD_HASH_LENGTH = 16;

const leavesOf = (value: unknown, path: readonly string[] = []): readonly (readonly [string, unknown])[] => {
  if (t.UnknownRecord.is(value))
    return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
  return value === undefined ? [] : [[path.join('.'), value]];
};

/** Returns the hashes of a request's fields. A list is one field. */
export const fingerprintsOf = (fingerprint: Fingerprint, request: object): Fingerprints =>
  Object.fromEntries(
    leavesOf(request).map(([field, value]) => [field, fingerprint({ field, value }).slice(0, FIELD_HASH_LENGTH)]),
  );

/** @throws OnboardingError `RequestMismatch` that names the fields in which a request differs from the first one. */
export const requireSameRequest = (what: string, first: Fingerprints, given: Fingerprints): void => {
  const fields = Object.keys({ ...first, ...given })
    .filter((field) => first[field] !== given[field])
    .map((field) => ({ field, expected: 'the same as in the first request' }));
  if (fields.length === 0) return;
  const names = fields.map(({ field }) => field).join(', ');
  throw new OnboardingError('RequestMismatch', `${what} with a different request: it differs in ${names}`, { fields });
};
