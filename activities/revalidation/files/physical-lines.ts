/** A line of a file, without its line feed. `bytes` is undefined if the line is too long. */
export interface PhysicalLine {
  readonly bytes: Buffer | undefined;
  /** The line number, from 1. */
  readonly line: number;
}

const LINE_FEED = 10;

/** Splits bytes into lines. Holds at most one chunk and one line of `maxBytes` in memory. */
export async function* physicalLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<PhysicalLine, void, undefined> {
  let line = 0;
  let held: Buffer[] = [];
  let length = 0;
  const hold = (piece: Buffer) => {
    length += piece.length;
    if (length > maxBytes) held = [];
    else held.push(piece);
  };
  const end = (): PhysicalLine => {
    line += 1;
    const [only] = held;
    const whole = held.length === 1 && only !== undefined ? only : Buffer.concat(held);
    const ended = { bytes: length > maxBytes ? undefined : whole, line };
    held = [];
    length = 0;
    return ended;
  };
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let feed = bytes.indexOf(LINE_FEED); feed !== -1; feed = bytes.indexOf(LINE_FEED, start)) {
      hold(bytes.subarray(start, feed));
      yield end();
      start = feed + 1;
    }
    if (start < bytes.length) hold(bytes.subarray(start));
  }
  if (length > 0) yield end();
}
