import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { folderBatchStore } from '../../../activities/revalidation/files/store.js';
import type { ReportLine } from '../../../domain/revalidation/lines.js';

/** A store in a folder that is there for as long as the test. */
export const freshStore = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'batches-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return { folder, store: folderBatchStore(folder) };
};

/** Lines with ordinals from `first` to before `end`; `mark` tells who wrote them. */
export const linesOf = (first: number, end: number, mark = 'reg'): readonly ReportLine[] =>
  Array.from({ length: end - first }, (_, index) => ({
    ordinal: first + index,
    appRegistrationId: `${mark}-${first + index}`,
    result: 'unchanged',
  }));

/** A line that has drifted. */
export const drifted = (ordinal: number, known: ReportLine['known'] = 'verified'): ReportLine => ({
  ordinal,
  appRegistrationId: `r${ordinal}`,
  result: 'drifted',
  standing: 'failed',
  ...(known === undefined ? {} : { known }),
});

export const all = async <A>(items: AsyncIterable<A>): Promise<readonly A[]> => {
  const read: A[] = [];
  for await (const item of items) read.push(item);
  return read;
};

export async function* streamOf<A>(items: Iterable<A>): AsyncGenerator<A, void, undefined> {
  yield* items;
}
