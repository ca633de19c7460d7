import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type * as t from 'io-ts';
import { decodeFields, describeFieldErrors } from '../../../shared/decoding.js';
import { BatchStoreError, type FileKind } from './errors.js';
import { physicalLines } from './physical-lines.js';

/** Longer than any line that the store writes. */
const MAX_BYTES = 1_048_576;

export const lineOfNdjson = (value: unknown): string => `${JSON.stringify(value)}\n`;

const parse = (bytes: Buffer | undefined): E.Either<string, unknown> =>
  E.tryCatch(
    (): unknown => JSON.parse(bytes?.toString('utf8') ?? ''),
    () => 'a line of JSON',
  );

/** Decodes lines of JSON. */
export async function* fromNdjson<A>(
  kind: FileKind,
  codec: t.Decoder<unknown, A>,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<A, void, undefined> {
  const decode = decodeFields(codec);
  for await (const { bytes, line } of physicalLines(chunks, MAX_BYTES)) {
    const decoded = pipe(
      parse(bytes),
      E.chain((value) => pipe(decode(value), E.mapLeft(describeFieldErrors))),
    );
    if (E.isLeft(decoded)) throw new BatchStoreError('wrong', kind, `in line ${line} ${decoded.left}`);
    yield decoded.right;
  }
}
