/** Items of a batch that were written together, with ascending numbers from `first`. */
export interface Segment<A> {
  readonly first: number;
  /** The time of writing, in any unit. */
  readonly writtenAt: bigint;
  readonly items: readonly A[];
}

/** Returns the file name of a segment. Names sort like their first numbers. */
export const segmentName = (first: number): string => `${String(first).padStart(16, '0')}.ndjson`;

/** Returns the first number of a segment from its file name; `undefined` for other files. */
export const firstOfName = (name: string): number | undefined =>
  /^\d{16}\.ndjson$/.test(name) ? Number(name.slice(0, 16)) : undefined;

/**
 * Merges segments that ascend by `first` into a sequence with each number once and in order. Segments may overlap,
 * because a scan that crashed continues from its last heartbeat: the item that was written last wins, as in the batch's
 * counts. If two segments have the same time, the one that begins later wins. Holds only overlapping items in memory.
 */
export async function* merged<A>(
  segments: AsyncIterable<Segment<A>>,
  numberOf: (item: A) => number,
): AsyncGenerator<A, void, undefined> {
  const held = new Map<number, { readonly item: A; readonly writtenAt: bigint }>();
  const release = (before: number): readonly A[] => {
    const numbers = [...held.keys()].filter((number) => number < before).sort((a, b) => a - b);
    return numbers.flatMap((number) => {
      const entry = held.get(number);
      held.delete(number);
      return entry === undefined ? [] : [entry.item];
    });
  };
  for await (const { first, writtenAt, items } of segments) {
    yield* release(first);
    for (const item of items) {
      const other = held.get(numberOf(item));
      if (other === undefined || other.writtenAt <= writtenAt) held.set(numberOf(item), { item, writtenAt });
    }
  }
  yield* release(Number.POSITIVE_INFINITY);
}
