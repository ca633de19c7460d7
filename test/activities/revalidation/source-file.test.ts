import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countIds,
  MAX_LINE_BYTES,
  readSource,
  type SourceFormat,
  type SourceItem,
} from '../../../activities/revalidation/files/source-file.js';
import { all, freshStore, streamOf } from '../../support/batch-store.js';

/** Creates a source that returns its bytes in chunks of this size. */
const sourceOf = (content: Buffer | string, piece = 7) => ({
  openSource: (_batch: string, fromByte: number) => {
    const bytes = Buffer.from(content).subarray(fromByte);
    const pieces = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, index) =>
      bytes.subarray(index * piece, (index + 1) * piece),
    );
    return Readable.from(pieces);
  },
});

const read = (content: Buffer | string, format: SourceFormat, piece?: number) =>
  all(readSource(sourceOf(content, piece), 'b', format));

const short = (items: readonly SourceItem[]) =>
  items.map((item) => (item.kind === 'id' ? `${item.line} ${item.appRegistrationId}` : `${item.line} bad`));

describe('a file of registrations', () => {
  it('in CSV has its ids in the first column, or in the one that its header names', async () => {
    expect(short(await read('a1,x\nb2;y\nc3\n', 'csv'))).toEqual(['1 a1', '2 b2', '3 c3']);
    expect(short(await read('name,appRegistrationId\nx,a1\n"y, z",b2\n', 'csv'))).toEqual(['2 a1', '3 b2']);
    expect(short(await read('name;appRegistrationId\nx, y;a1\n', 'csv'))).toEqual(['2 a1']);
    expect(short(await read('\uFEFF"appRegistrationId"\r\n"a1"\r\n b2 \r\n', 'csv'))).toEqual(['2 a1', '3 b2']);
    expect(short(await read('\n\n x ; appRegistrationId \n;a1', 'csv'))).toEqual(['4 a1']);
    expect(await read('appRegistrationId\n', 'csv')).toEqual([]);
    expect(await read('', 'csv')).toEqual([]);
  });

  it('in NDJSON has its ids as strings, or in objects', async () => {
    const content =
      '\uFEFF"a1"\r\n{"appRegistrationId":"b2","x":1}\n\n7\n{"id":"c3"}\n{"appRegistrationId":7}\n[]\nnull\nno';
    expect(short(await read(content, 'ndjson'))).toEqual([
      '1 a1',
      '2 b2',
      '4 bad',
      '5 bad',
      '6 bad',
      '7 bad',
      '8 bad',
      '9 bad',
    ]);
  });

  it('may have bad lines, which are reported by the expected content, never by the actual content', async () => {
    const content = Buffer.concat([
      Buffer.from('a1\n\n   \n,,\nno id\n"open,secret\n'),
      Buffer.from([0xff, 0xfe, 10]),
      Buffer.from(`${'s'.repeat(MAX_LINE_BYTES + 1)}\n`),
      Buffer.from('b2'),
    ]);
    const items = await read(content, 'csv', 1_000);
    expect(short(items)).toEqual(['1 a1', '5 bad', '6 bad', '7 bad', '8 bad', '9 b2']);
    expect(items.flatMap((item) => (item.kind === 'bad' ? [item.expected] : []))).toEqual([
      'an id of letters, digits, - and _ (64 at most) in the first column',
      'a line of CSV with balanced quotes',
      'UTF-8',
      'a line of at most 65536 bytes',
    ]);
    expect(items.at(-1)?.nextByte).toBe(content.length);
  });

  it('can have a line of any length, which is not held in memory', async () => {
    const block = Buffer.alloc(1_048_576, 'x');
    const endless = {
      openSource: () =>
        Readable.from(
          (function* () {
            for (let n = 0; n < 512; n += 1) yield block;
            yield Buffer.from('\na1');
          })(),
        ),
    };
    const before = process.memoryUsage().rss;
    expect(short(await all(readSource(endless, 'b', 'ndjson')))).toEqual(['1 bad', '2 bad']);
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1_048_576);
  });

  it('can be counted', async () => {
    const { store } = await freshStore();
    await store.putSource('b', streamOf([Buffer.from('appRegistrationId\na1\na1\n\n?\n')]));
    expect(await countIds(store, 'b', 'csv')).toEqual({ ids: 2, badLines: 1 });
    await expect(countIds(store, 'c', 'csv')).rejects.toMatchObject({ fault: 'absent', kind: 'source' });
  });
});

const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,24}$/);
const line = fc
  .oneof(
    { weight: 4, arbitrary: id },
    { weight: 2, arbitrary: fc.tuple(id, id, fc.constantFrom(',', ';')).map(([a, b, by]) => `${a}${by}"${b}"`) },
    { weight: 2, arbitrary: id.map((a) => JSON.stringify({ appRegistrationId: a })) },
    { weight: 2, arbitrary: id.map((a) => JSON.stringify(a)) },
    fc.constantFrom('', ' ', ',', '"broken', 'x,"y', 'é,ü', '{', 'appRegistrationId', 'x'.repeat(MAX_LINE_BYTES + 1)),
    fc.string(),
  )
  .map((text) => Buffer.from(text.replaceAll('\n', '')));
const anyLine = fc.oneof({ weight: 8, arbitrary: line }, fc.uint8Array({ maxLength: 8 }).map(Buffer.from));
const content = fc
  .record({
    bom: fc.constantFrom('', '\uFEFF'),
    header: fc.constantFrom('', 'appRegistrationId\n', 'x;appRegistrationId\r\n', '\n"x",appRegistrationId\n'),
    lines: fc.array(fc.tuple(anyLine, fc.constantFrom('\n', '\r\n')), { maxLength: 20 }),
    last: anyLine,
  })
  .map(({ bom, header, lines, last }) =>
    Buffer.concat([Buffer.from(bom + header), ...lines.flatMap(([bytes, feed]) => [bytes, Buffer.from(feed)]), last]),
  );

const upTo = async (items: AsyncIterable<SourceItem>, most: number): Promise<readonly SourceItem[]> => {
  const taken: SourceItem[] = [];
  for await (const item of items) if (taken.push(item) >= most) break;
  return taken;
};

/** Reads a source a few items at a time, each time from the position after the last item. */
const inChunks = async (source: ReturnType<typeof sourceOf>, format: SourceFormat, chunks: readonly number[]) => {
  const all: SourceItem[] = [];
  for (let chunk = 0; ; chunk += 1) {
    const last = all.at(-1);
    const from = last === undefined ? undefined : { byte: last.nextByte, line: last.line };
    const taken = await upTo(readSource(source, 'b', format, from), chunks[chunk % chunks.length] ?? 1);
    if (taken.length === 0) return all;
    all.push(...taken);
  }
};

describe('a scan of a file', () => {
  it('in chunks, with any points of resuming and any read size, is the same as a scan at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        content,
        fc.constantFrom<SourceFormat>('csv', 'ndjson'),
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 100 }),
        async (bytes, format, chunks, piece) => {
          const whole = await read(bytes, format, 65_536);
          const source = sourceOf(bytes, bytes.length > 10_000 ? piece * 300 : piece);
          expect(await inChunks(source, format, chunks)).toEqual(whole);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('finds all ids in order between other lines', async () => {
    const filler = fc.constantFrom('', '  ', '"broken', '?', 'é');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.array(filler), id)),
        fc.constantFrom('\n', '\r\n'),
        fc.constantFrom(',', ';'),
        async (groups, feed, by) => {
          const rows = groups.flatMap(([fillers, a]) => [...fillers, `"some ""x""${by}"${by}${a}`]);
          const text = [`"what"${by}appRegistrationId`, ...rows].join(feed);
          const items = await read(text, 'csv');
          expect(items.flatMap((item) => (item.kind === 'id' ? [item.appRegistrationId] : []))).toEqual(
            groups.map(([, a]) => a),
          );
        },
      ),
      { numRuns: 100 },
    );
  });
});
