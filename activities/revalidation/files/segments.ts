/** Some items of a batch that were written together: numbers ascend from `first` on. */
export interface Segment<A> {
  readonly first: number;
  /** When it was written, in any unit. */
  readonly writtenAt: bigint;
  readonly items: readonly A[];
}

/** The name that the same segment has again, and that sorts as the numbers do. */
export const segmentName = (first: number): string => `${String(first).padStart(16, '0')}.ndjson`;

/** The first number of a segment, by its name; `undefined` where it is no segment's. */
export const firstOfName = (name: string): number | undefined =>
  /^\d{16}\.ndjson$/.test(name) ? Number(name.slice(0, 16)) : undefined;

/**
 * The items of segments that ascend by `first`, each number once and in order. After a crash a walk begins again at where it had got
 * to for certain, so that segments may overlap: what was written last stands, as the counts of the batch are counted by it too. Of
 * segments that were written at the same time, the one that begins later. Holds as many items as overlap.
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
