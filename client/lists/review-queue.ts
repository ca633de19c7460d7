/**
 * The queue of reviews, in the order in which they are due. Temporal's SQL visibility cannot sort by a search
 * attribute, so that a window of due times is searched that holds few enough reviews to be sorted here.
 */

/** A review's place in the queue: by the due time, then by the id. */
export interface Place {
  readonly workflowId: string;
  readonly dueAt: Date;
}

/** Due times in ms since the Unix epoch, without `to`. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Open reviews by their due times. */
export interface ReviewSource<A extends Place> {
  readonly count: (window: Window) => Promise<number>;
  readonly list: (window: Window) => Promise<readonly A[]>;
}

export interface QueueSlice {
  /** The place after which the slice begins; the start of the queue if absent. */
  readonly after?: Place | undefined;
  /** The due time at which the queue ends, in ms since the Unix epoch. */
  readonly until: number;
  /** The number of reviews to read, if the queue has as many. */
  readonly atLeast: number;
  /** The number of reviews that may be listed at once. More are only if they are due in the same millisecond. */
  readonly atMost: number;
}

export const byPlace = (a: Place, b: Place): number =>
  a.dueAt.getTime() - b.dueAt.getTime() || Number(a.workflowId > b.workflowId) - Number(a.workflowId < b.workflowId);

/**
 * Returns the end of a window from `from` that holds `atLeast` to `atMost` reviews, found by bisection. The window
 * holds fewer only if it ends with the queue, and more only if too many are due in its last millisecond.
 */
export const windowEnd = async (
  count: (to: number) => Promise<number>,
  { from, to }: Window,
  { atLeast, atMost }: Pick<QueueSlice, 'atLeast' | 'atMost'>,
): Promise<number> => {
  if ((await count(to)) <= atMost) return to;
  let [tooFew, enough] = [from, to];
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    const counted = await count(middle);
    if (counted > atMost) enough = middle;
    else if (counted < atLeast) tooFew = middle;
    else return middle;
  }
  return enough;
};

/** Reads the reviews of a slice, sorted, and perhaps some that follow it. */
export const readSlice = async <A extends Place>(
  { count, list }: ReviewSource<A>,
  { after, until, ...numbers }: QueueSlice,
): Promise<readonly A[]> => {
  const read: A[] = [];
  let from = after?.dueAt.getTime() ?? 0;
  while (read.length < numbers.atLeast && from < until) {
    const start = from;
    const to = await windowEnd((end) => count({ from: start, to: end }), { from, to: until }, numbers);
    const listed = await list({ from, to });
    read.push(...listed.filter((one) => after === undefined || byPlace(one, after) > 0).sort(byPlace));
    from = to;
  }
  return read;
};
