import { timingSafeEqual } from 'node:crypto';
import * as E from 'fp-ts/lib/Either.js';
import { orThrow } from '../errors.js';
import type { Fingerprint } from '../fingerprints.js';

export interface Cursors {
  write(token: Uint8Array): string;
  /** @throws OnboardingError `InvalidRequest` if the cursor is not one of this list. */
  read(cursor: string): Uint8Array;
}

const isEqual = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};

/** The cursors of a list: tokens that are signed together with the list's query, so that no other list takes them. */
export const cursorsOf = (fingerprint: Fingerprint, query: unknown): Cursors => {
  const sign = (token: string): string => fingerprint({ query, token });
  return {
    write: (token) => {
      const text = Buffer.from(token).toString('base64url');
      return `${sign(text)}.${text}`;
    },
    read: (cursor) => {
      const [signature = '', token = ''] = cursor.split('.');
      if (isEqual(signature, sign(token))) return Buffer.from(token, 'base64url');
      return orThrow(E.left([{ field: 'cursor', expected: 'the cursor of the previous page of the same list' }]));
    },
  };
};
