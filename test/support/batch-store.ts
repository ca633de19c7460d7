import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { folderBatchStore } from '../../activities/revalidation/files/store.js';
import type { ReportLine } from '../../domain/revalidation/lines.js';
import { defined } from '../../shared/defined.js';

/** Creates a store in a folder that is removed after the test. */
export const freshStore = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'batches-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return { folder, store: folderBatchStore(folder) };
};

/** Creates lines with ordinals from `first` up to, not including, `end`; `mark` identifies their writer. */
export const linesOf = (first: number, end: number, mark = 'reg'): readonly ReportLine[] =>
  Array.from({ length: end - first }, (_, index) => ({
    ordinal: first + index,
    appRegistrationId: `${mark}-${first + index}`,
    result: 'match',
  }));

export const mismatch = (ordinal: number, known: ReportLine['known'] = 'verified'): ReportLine => ({
  ordinal,
  appRegistrationId: `r${ordinal}`,
  result: 'mismatch',
  status: 'failed',
  ...defined({ known }),
});

export const all = async <A>(items: AsyncIterable<A>): Promise<readonly A[]> => {
  const read: A[] = [];
  for await (const item of items) read.push(item);
  return read;
};

export async function* streamOf<A>(items: Iterable<A>): AsyncGenerator<A, void, undefined> {
  yield* items;
}
