/** A position between two lines: the byte at which the next line begins, and the number of the line before it. */
export interface FilePosition {
  readonly byte: number;
  readonly line: number;
}

export const FILE_START: FilePosition = { byte: 0, line: 0 };

/** A line of a file, without its line feed. `bytes` is undefined if the line is too long. */
export interface PhysicalLine {
  readonly bytes: Buffer | undefined;
  /** The line number, from 1. */
  readonly line: number;
  /** The byte at which the next line begins. */
  readonly nextByte: number;
}

const LINE_FEED = 10;

/** Splits bytes into lines. Holds at most one chunk and one line of `maxBytes` in memory. */
export async function* physicalLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  from: FilePosition = FILE_START,
): AsyncGenerator<PhysicalLine, void, undefined> {
  let { byte, line } = from;
  let held: Buffer[] = [];
  let length = 0;
  const hold = (piece: Buffer) => {
    length += piece.length;
    if (length > maxBytes) held = [];
    else held.push(piece);
  };
  const end = (feed: number): PhysicalLine => {
    line += 1;
    byte += length + feed;
    const [only] = held;
    const whole = held.length === 1 && only !== undefined ? only : Buffer.concat(held);
    const ended = { bytes: length > maxBytes ? undefined : whole, line, nextByte: byte };
    held = [];
    length = 0;
    return ended;
  };
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let feed = bytes.indexOf(LINE_FEED); feed !== -1; feed = bytes.indexOf(LINE_FEED, start)) {
      hold(bytes.subarray(start, feed));
      yield end(1);
      start = feed + 1;
    }
    if (start < bytes.length) hold(bytes.subarray(start));
  }
  if (length > 0) yield end(0);
}
