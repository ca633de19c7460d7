import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { merged, type Segment } from '../../../activities/revalidation/files/segments.js';
import { SUMMARY_NAMES } from '../../../activities/revalidation/files/store.js';
import type { OutcomeLine } from '../../../domain/revalidation/lines.js';
import { all, freshStore, linesOf, streamOf } from '../../support/batch-store.js';

const bytes = (content: string) => streamOf([Buffer.from(content)]);

describe('the lines of a report', () => {
  it('are read in order and once, as they were written last, whatever the order and size of their segments', async () => {
    const { store } = await freshStore();
    await store.writeLines('b', 100, linesOf(100, 137, 'crashed'));
    await store.writeLines('b', 1, linesOf(1, 100));
    await store.writeLines('b', 100, linesOf(100, 200, 'before'));
    await store.writeLines('b', 138, linesOf(138, 238, 'after'));
    await store.writeLines('b', 50, linesOf(50, 130, 'crashed'));
    await store.writeLines('b', 50, linesOf(50, 120, 'later'));
    expect(await all(store.readLines('b'))).toEqual([
      ...linesOf(1, 50),
      ...linesOf(50, 120, 'later'),
      ...linesOf(120, 138, 'before'),
      ...linesOf(138, 238, 'after'),
    ]);
  });

  it('equal a map of all writes, for any sequence of writes', async () => {
    const write = fc.record({ first: fc.integer({ min: 1, max: 60 }), length: fc.integer({ min: 1, max: 30 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 12 }), async (writes) => {
        const model = new Map<number, string>();
        const segments = new Map<number, Segment<{ ordinal: number; appRegistrationId: string }>>();
        for (const [at, { first, length }] of writes.entries()) {
          // A segment with the same first number is replaced completely.
          const lines = linesOf(first, first + length, `write${at}`);
          segments.set(first, { first, writtenAt: BigInt(at), items: lines });
        }
        const byTime = [...segments.values()].sort((a, b) => Number(a.writtenAt - b.writtenAt));
        for (const { items } of byTime) for (const line of items) model.set(line.ordinal, line.appRegistrationId);
        const sorted = [...segments.values()].sort((a, b) => a.first - b.first);
        const read = await all(merged(streamOf(sorted), ({ ordinal }) => ordinal));
        expect(read.map(({ ordinal, appRegistrationId }) => [ordinal, appRegistrationId])).toEqual(
          [...model].sort(([a], [b]) => a - b),
        );
      }),
    );
  });

  it('are empty before any write, and separate from bad lines', async () => {
    const { store } = await freshStore();
    expect(await all(store.readLines('b'))).toEqual([]);
    expect(await all(store.readOutcomes('b'))).toEqual([]);
    await store.writeLines('b', 1, []);
    await store.writeBadLines('b', 1, [{ line: 7, expected: 'UTF-8' }]);
    await store.writeBadLines('b', 1, [
      { line: 7, expected: 'UTF-8' },
      { line: 9, expected: 'an id' },
    ]);
    expect(await all(store.readLines('b'))).toEqual([]);
    expect(await all(store.readBadLines('b'))).toEqual([
      { line: 7, expected: 'UTF-8' },
      { line: 9, expected: 'an id' },
    ]);
  });

  it('are rejected out of order, and reported by kind if they are invalid', async () => {
    const { store, folder } = await freshStore();
    const refused = { name: 'BatchStoreError', fault: 'wrong', kind: 'lines' };
    await expect(store.writeLines('b', 2, linesOf(1, 3))).rejects.toMatchObject(refused);
    await expect(store.writeLines('b', 1, [...linesOf(1, 3), ...linesOf(1, 2)])).rejects.toMatchObject(refused);
    await expect(store.writeLines('b', 0, [])).rejects.toMatchObject(refused);

    await store.writeLines('b', 1, linesOf(1, 3));
    await writeFile(join(folder, 'b', 'lines', '0000000000000001.ndjson'), '{"ordinal":1,"result":"secret-word"}\n');
    const error = await all(store.readLines('b')).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(refused);
    expect(String(error)).toContain('result: expected match, mismatch');
    expect(String(error)).not.toContain('secret-word');
  });
});

describe('a file of a batch', () => {
  it('is written atomically, and errors of its content are rethrown', async () => {
    const { store, folder } = await freshStore();
    await store.putSource('b', bytes('first'));
    async function* breaking() {
      yield Buffer.from('second, of which only');
      throw new RangeError('the upload broke off');
    }
    await expect(store.putSource('b', breaking())).rejects.toThrow(new RangeError('the upload broke off'));
    expect(await text(store.openSource('b'))).toBe('first');
    expect(await readdir(join(folder, 'b'))).toEqual(['source']);
  });

  it('and its folders are accessible only to the user of the process', async () => {
    const { store, folder } = await freshStore();
    await store.requireWritable('a');
    await store.putSource('b', bytes('one'));
    await store.writeLines('b', 1, linesOf(1, 3));
    const paths = await readdir(folder, { recursive: true });
    const modes = await Promise.all(paths.map(async (path) => (await stat(join(folder, path))).mode & 0o777));
    expect(Object.fromEntries(paths.map((path, index) => [path, modes[index]?.toString(8)]))).toEqual({
      ...{ a: '700', b: '700', 'b/source': '600', 'b/lines': '700' },
      'b/lines/0000000000000001.ndjson': '600',
    });
  });

  it('can be read', async () => {
    const { store } = await freshStore();
    await store.putSource('b', bytes('one\ntwo\n'));
    expect(await text(store.openSource('b'))).toBe('one\ntwo\n');

    const outcomes: readonly OutcomeLine[] = [
      { workflowId: 'reverify-b-1', status: 'verified', appRegistrationId: '1' },
      { workflowId: 'reverify-b-2', status: 'failed' },
    ];
    await store.writeOutcomes('b', streamOf(outcomes));
    await store.writeOutcomes('b', streamOf(outcomes));
    expect(await all(store.readOutcomes('b'))).toEqual(outcomes);

    await store.write('b', 'summary.md', '# One');
    await store.write('b', 'report.csv', streamOf(['a\n', 'é\n']));
    expect(await text(await store.read('b', 'summary.md'))).toBe('# One');
    expect(await text(await store.read('b', 'report.csv'))).toBe('a\né\n');
  });

  it('is deleted by `clear`, except the source and files of other batches', async () => {
    const { store, folder } = await freshStore();
    for (const batch of ['b', 'other']) {
      await store.putSource(batch, bytes('one'));
      await store.writeLines(batch, 1, linesOf(1, 3));
      await store.writeBadLines(batch, 1, [{ line: 1, expected: 'an id' }]);
      await store.writeOutcomes(batch, streamOf([{ workflowId: 'w', status: 'verified' as const }]));
      for (const name of SUMMARY_NAMES) await store.write(batch, name, 'x');
    }
    await store.clear('b');
    await store.clear('nobody');
    expect(await readdir(join(folder, 'b'))).toEqual(['source']);
    expect(await readdir(join(folder, 'other'))).toHaveLength(8);
  });

  it('makes its batch listed, unless it is a temporary file of a crash', async () => {
    const { store, folder } = await freshStore();
    expect(await store.list()).toEqual([]);
    await store.writeLines('2026-06', 1, linesOf(1, 2));
    await store.write('2026-05', 'summary.json', '{}');
    await mkdir(join(folder, 'empty'));
    await mkdir(join(folder, 'crashed', 'lines'), { recursive: true });
    await mkdir(join(folder, '.hidden', 'lines'), { recursive: true });
    await writeFile(join(folder, 'a-file'), '');
    await mkdir(join(folder, 'started'));
    await writeFile(join(folder, 'started', 'source.1.tmp'), 'half');
    expect(await store.list()).toEqual(['2026-05', '2026-06']);
  });

  it('is never outside the folder: invalid ids are rejected', async () => {
    const { store } = await freshStore();
    for (const id of ['..', '../b', 'a/b', '', '.hidden', 'a\0b', 'x'.repeat(81)]) {
      const refused = { name: 'BatchStoreError', fault: 'wrong', kind: 'batch' };
      await expect(store.putSource(id, bytes(''))).rejects.toMatchObject(refused);
      await expect(store.clear(id)).rejects.toMatchObject(refused);
      await expect(store.writeLines(id, 1, linesOf(1, 2))).rejects.toMatchObject(refused);
      await expect(all(store.readLines(id))).rejects.toMatchObject(refused);
      await expect(all(store.readOutcomes(id))).rejects.toMatchObject(refused);
      await expect(store.read(id, 'summary.md')).rejects.toMatchObject(refused);
      await expect(text(store.openSource(id))).rejects.toMatchObject(refused);
    }
  });

  it('is in a subfolder of the batch, whatever the id', async () => {
    const { store, folder } = await freshStore();
    for (const id of ['report', 'segments.ts', 'source', 'con']) await store.putSource(id, bytes(id));
    await store.clear('report');
    expect((await readdir(folder, { recursive: true })).sort()).toEqual([
      'con',
      'con/source',
      'report',
      'report/source',
      'segments.ts',
      'segments.ts/source',
      'source',
      'source/source',
    ]);
  });

  it('that is absent or not accessible causes an error with its kind', async () => {
    const { store, folder } = await freshStore();
    await expect(text(store.openSource('b'))).rejects.toMatchObject({ fault: 'absent', kind: 'source' });
    await expect(store.read('b', 'report.html')).rejects.toMatchObject({ fault: 'absent', kind: 'report.html' });
    await writeFile(join(folder, 'b'), 'in the way');
    await expect(store.write('b', 'summary.md', '')).rejects.toMatchObject({
      fault: 'unavailable',
      kind: 'summary.md',
    });
  });
});
