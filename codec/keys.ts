import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { MisconfiguredError } from '../shared/config.js';
import {
  closed,
  decodeFields,
  describeFieldErrors,
  matching,
  type Read,
  recordOf,
  refined,
  wrongField,
} from '../shared/decoding.js';
import { parseJsonText } from '../shared/text-file.js';

/** The id of a key, which is unencrypted metadata of each payload that the key encrypts. */
export const KeyId = matching(/^[A-Za-z0-9._-]{1,64}$/, 'a key id of 1 to 64 letters, digits and . _ -');

/** AES-256 takes keys of 32 bytes. */
export const KEY_BYTES = 32;

const KeyText = refined(
  matching(/^[A-Za-z0-9+/]+={0,2}$/, 'base64'),
  `base64 of ${KEY_BYTES} bytes`,
  (text) => Buffer.from(text, 'base64').length === KEY_BYTES,
);

const KeyRingJson = closed(t.type({ current: KeyId, keys: recordOf(KeyId, KeyText) }));

/** The raw keys of a provider. `current` encrypts new payloads; the others only decrypt. */
export interface KeyRingSource {
  readonly current: string;
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

/**
 * A source of keys, such as a file, the environment or a key management service. Keys are read at the start, at
 * intervals, and when a payload names an unknown key, so that they can be rotated without a restart.
 */
export interface KeyProvider {
  /** @throws KeyProviderError if the keys cannot be read or are wrong. */
  readonly read: () => Promise<KeyRingSource>;
}

/** The keys cannot be read or are wrong. The message names the field, never a key. */
export class KeyProviderError extends MisconfiguredError {
  override readonly name = 'KeyProviderError';
}

/** Decodes `{"current": "2026-11", "keys": {"2026-11": "<base64 of 32 bytes>", …}}`. */
export const decodeKeyRing = (input: unknown): Read<KeyRingSource> =>
  pipe(
    decodeFields(KeyRingJson)(input),
    E.chain(({ current, keys: texts }) => {
      const keys = new Map(Object.entries(texts).map(([id, text]) => [id, Buffer.from(text, 'base64')]));
      return keys.has(current) ? E.right({ current, keys }) : wrongField('current', 'the id of one of the keys');
    }),
  );

export const parseKeyRing = (text: string): Read<KeyRingSource> =>
  pipe(
    parseJsonText(text),
    E.mapLeft((expected) => [{ field: '(root)', expected }]),
    E.chain(decodeKeyRing),
  );

/**
 * Decodes the JSON text of a key ring.
 *
 * @throws KeyProviderError that names the source and the wrong field.
 */
export const keyRingOf = (text: string, from: string): KeyRingSource => {
  const read = parseKeyRing(text);
  if (E.isRight(read)) return read.right;
  throw new KeyProviderError(`The encryption keys of ${from} are wrong. ${describeFieldErrors(read.left)}`);
};
