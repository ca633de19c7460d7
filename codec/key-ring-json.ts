import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
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
import { KEY_BYTES, KeyId, KeyProviderError, type KeyRingSource, type WrappingKey } from './keys.js';
import { isKeyUri, KEY_URI_FORMS, wrappingKeyAt } from './kms/index.js';

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'base64');

const RawKey = refined(
  matching(/^[A-Za-z0-9+/]+={0,2}$/, 'base64'),
  `base64 of ${KEY_BYTES} bytes`,
  (text) => bytesOf(text).length === KEY_BYTES,
);

const RawKeyOrUri = refined(
  t.string,
  `${RawKey.name}, or a key in a key management service: ${KEY_URI_FORMS}`,
  (text) => RawKey.is(text) || isKeyUri(text),
);

type Decode<K> = (input: unknown) => Read<KeyRingSource<K>>;

const decoderOf = <K>(KeyText: t.Type<string, string, unknown>, keyOf: (text: string) => K): Decode<K> => {
  const decode = decodeFields(closed(t.type({ current: KeyId, keys: recordOf(KeyId, KeyText) })));
  return (input) =>
    pipe(
      decode(input),
      E.chain(({ current, keys: texts }) => {
        const keys = new Map(Object.entries(texts).map(([id, text]) => [id, keyOf(text)]));
        return keys.has(current) ? E.right({ current, keys }) : wrongField('current', 'the id of one of the keys');
      }),
    );
};

/** Decodes `{"current": "2026-11", "keys": {"2026-11": "<base64 of 32 bytes>", …}}`. */
export const decodeRawKeys: Decode<Uint8Array> = decoderOf(RawKey, bytesOf);

/** Decodes keys of the same form, each of which may be the URI of a key in a key management service instead. */
export const decodeKeyRing = decoderOf<Uint8Array | WrappingKey>(
  RawKeyOrUri,
  (text) => wrappingKeyAt(text) ?? bytesOf(text),
);

export const parseKeyRing = <K>(text: string, decode: Decode<K>): Read<KeyRingSource<K>> =>
  pipe(
    parseJsonText(text),
    E.mapLeft((expected) => [{ field: '(root)', expected }]),
    E.chain(decode),
  );

/**
 * Decodes the JSON text of a key ring.
 *
 * @throws KeyProviderError that names the source and the wrong field.
 */
export const keyRingOf = (text: string, from: string): KeyRingSource => {
  const read = parseKeyRing(text, decodeKeyRing);
  if (E.isRight(read)) return read.right;
  throw new KeyProviderError(`The encryption keys of ${from} are wrong. ${describeFieldErrors(read.left)}`);
};
