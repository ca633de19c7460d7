import { createHmac } from 'node:crypto';

/**
 * Returns a keyed hash (HMAC-SHA-256, base64url) of a request. Equal JSON has equal hashes, whatever the order of its
 * fields.
 */
export type Fingerprint = (value: unknown) => string;

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const sorted = (_key: string, value: unknown): unknown =>
  isObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;

export const fingerprintWith =
  (secret: string): Fingerprint =>
  (value) =>
    createHmac('sha256', secret)
      .update(`request:${JSON.stringify(value, sorted)}`)
      .digest('base64url');
