import { BatchStoreError } from './errors.js';

const CARRIAGE_RETURN = 13;
const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

type Convert = (bytes: Buffer, isLast: boolean) => Buffer;

const fromUtf16 = (encoding: 'utf-16le' | 'utf-16be'): Convert => {
  const decoder = new TextDecoder(encoding, { fatal: true });
  return (bytes, isLast) => {
    try {
      return Buffer.from(decoder.decode(bytes, { stream: !isLast }));
    } catch {
      throw new BatchStoreError('wrong', 'source', 'UTF-16 in which every character is complete');
    }
  };
};

const asItIs: Convert = (bytes) => bytes;

/** Detects UTF-16 by its byte order mark, or by the zero byte of a first character that is ASCII. */
const conversionOf = ([first, second]: Buffer): Convert => {
  if ((first === 0xff && second === 0xfe) || second === 0) return fromUtf16('utf-16le');
  if ((first === 0xfe && second === 0xff) || first === 0) return fromUtf16('utf-16be');
  return asItIs;
};

const withoutMark = (start: Buffer): Buffer =>
  start.subarray(0, UTF8_MARK.length).equals(UTF8_MARK) ? start.subarray(UTF8_MARK.length) : start;

async function* decoded(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  let start = Buffer.alloc(0);
  let convert: Convert | undefined;
  for await (const chunk of chunks) {
    if (convert !== undefined) {
      yield convert(Buffer.from(chunk), false);
      continue;
    }
    start = Buffer.concat([start, chunk]);
    if (start.length < UTF8_MARK.length) continue;
    convert = conversionOf(start);
    yield convert(withoutMark(start), false);
  }
  yield convert === undefined ? conversionOf(start)(start, true) : convert(Buffer.alloc(0), true);
}

const isReturn = (byte: number | undefined): boolean => byte === CARRIAGE_RETURN;

/**
 * Converts a list of ids to bytes that extend ASCII, with line feeds and without a byte order mark. Separators, quotes
 * and ids are ASCII, so that only UTF-16 has to be converted, and UTF-8, Windows-1252 and their like remain as they
 * are.
 *
 * @throws BatchStoreError
 */
export async function* plainBytes(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  let wasReturn = false;
  for await (const bytes of decoded(chunks)) {
    // The line feed of a line end may be in the next chunk.
    const rest = wasReturn && bytes[0] === 10 ? bytes.subarray(1) : bytes;
    if (bytes.length > 0) wasReturn = isReturn(bytes.at(-1));
    yield rest.includes(CARRIAGE_RETURN)
      ? Buffer.from(rest.toString('latin1').replace(/\r\n?/g, '\n'), 'latin1')
      : rest;
  }
}
