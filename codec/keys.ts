import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { closed, decodeFields, describeFieldErrors, type FieldError, matching, refined } from '../shared/decoding.js';
import { MisconfiguredError } from '../shared/misconfigured-error.js';

/** A key's id stands in the clear beside each payload that it encrypts. */
export const KeyId = matching(/^[A-Za-z0-9._-]{1,64}$/, 'a key id of 1 to 64 letters, digits and . _ -');

/** AES-256 takes keys of 32 bytes. */
export const KEY_BYTES = 32;

const KeyText = refined(
  matching(/^[A-Za-z0-9+/]+={0,2}$/, 'base64'),
  `base64 of ${KEY_BYTES} bytes`,
  (text) => Buffer.from(text, 'base64').length === KEY_BYTES,
);

const KeyRingJson = closed(t.type({ current: KeyId, keys: t.record(KeyId, KeyText) }));

/** The keys as their provider has them: what is encrypted with any of them can be read, and `current` encrypts what is new. */
export interface KeyRingSource {
  readonly current: string;
  /** Raw keys of 32 bytes, by their ids. */
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

/**
 * Where the keys come from: a file, the environment, or a key management service that unwraps them. It is asked at the start, now
 * and then, and when a payload names a key that is not known yet, so that keys can be rotated without a restart.
 */
export interface KeyProvider {
  /** @throws KeyProviderError saying what is wrong. */
  readonly read: () => Promise<KeyRingSource>;
}

/** The keys cannot be had, or are not what they should be. The message names the field, never a key. */
export class KeyProviderError extends MisconfiguredError {
  override readonly name = 'KeyProviderError';
}

/** Reads `{"current": "2026-11", "keys": {"2026-11": "<base64 of 32 bytes>", …}}`. */
export const decodeKeyRing = (input: unknown): E.Either<readonly FieldError[], KeyRingSource> =>
  pipe(
    decodeFields(KeyRingJson)(input),
    E.chain(({ current, keys }) =>
      Object.hasOwn(keys, current)
        ? E.right({
            current,
            keys: new Map(Object.entries(keys).map(([id, text]) => [id, Buffer.from(text, 'base64')])),
          })
        : E.left([{ field: 'current', expected: 'the id of one of the keys' }]),
    ),
  );

const parse = (text: string): E.Either<readonly FieldError[], unknown> =>
  E.tryCatch(
    (): unknown => JSON.parse(text),
    () => [{ field: '(root)', expected: 'JSON' }],
  );

/** Reads the key ring's JSON text. */
export const parseKeyRing = (text: string): E.Either<readonly FieldError[], KeyRingSource> =>
  pipe(parse(text), E.chain(decodeKeyRing));

/** The key ring of a JSON text, or a KeyProviderError that says where it came from and which field is wrong. */
export const keyRingOf = (text: string, from: string): KeyRingSource => {
  const read = parseKeyRing(text);
  if (E.isRight(read)) return read.right;
  throw new KeyProviderError(`The encryption keys of ${from} are wrong. ${describeFieldErrors(read.left)}`);
};
