import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  idsOnly,
  MAX_LINE_BYTES,
  readIds,
  type SourceFormat,
  type SourceItem,
  surveyIds,
} from '../../../activities/revalidation/files/source-file.js';
import { pagesOf } from '../../../activities/revalidation/sources.js';
import type { ScanProgress } from '../../../domain/revalidation/progress.js';
import { DEFAULT_BATCH } from '../../../domain/revalidation/request.js';
import { all, freshStore, streamOf } from '../../support/batch-store.js';

/** Opens content that is read in pieces of this size. */
const opening = (content: Buffer | string, piece = 7) => {
  const bytes = Buffer.from(content);
  return () =>
    streamOf(
      Array.from({ length: Math.ceil(bytes.length / piece) }, (_, index) =>
        bytes.subarray(index * piece, (index + 1) * piece),
      ),
    );
};

const read = (content: Buffer | string, format: SourceFormat = 'csv', piece?: number) =>
  all(readIds(opening(content, piece), format));

const idOf = (n: number): string => `bc3919b7e3c0001${String(n).padStart(9, '0')}`;

const [A, B, C] = [idOf(1), idOf(2), idOf(3)];

const short = (items: readonly SourceItem[]) =>
  items.map((item) => (item.kind === 'id' ? item.appRegistrationId : `${item.line} bad`));

const refused = (expected: string) => ({ fault: 'wrong', kind: 'source', expected: expect.stringContaining(expected) });

const utf16 = (text: string, bigEndian: boolean): Buffer => {
  const bytes = Buffer.from(text, 'utf16le');
  return bigEndian ? bytes.swap16() : bytes;
};

const ENCODINGS = {
  'UTF-8': (text: string) => Buffer.from(text),
  'UTF-8 with a byte order mark': (text: string) => Buffer.from(`\uFEFF${text}`),
  'UTF-16LE with a byte order mark': (text: string) => utf16(`\uFEFF${text}`, false),
  'UTF-16BE with a byte order mark': (text: string) => utf16(`\uFEFF${text}`, true),
  'UTF-16LE without a mark': (text: string) => utf16(text, false),
  'UTF-16BE without a mark': (text: string) => utf16(text, true),
  'Windows-1252': (text: string) => Buffer.from(text, 'latin1'),
} as const;

const LINE_ENDS = { LF: '\n', CRLF: '\r\n', CR: '\r' } as const;

/** A file as a spreadsheet writes it: another person's id, accents, line breaks and separators in quoted cells. */
const spreadsheet = (by: string, end: string): string =>
  [
    ['referrer', 'appRegistrationId', `"Teléfono${end}del ""móvil"""`, 'nota'],
    [C, A, '3001234567', `"José dijo${end}Hola${by} ${B}${end}adiós"`],
    [C, ` ${B} `, '"3007654321"', ''],
    ['', '', '', ''],
    [C, `"${C}"`, '', '"ñ"'],
  ]
    .map((cells) => `${cells.join(by)}${end}`)
    .join('');

describe('a file of registrations', () => {
  it.each(
    Object.entries(ENCODINGS).flatMap(([encoding, encode]) =>
      Object.entries(LINE_ENDS).flatMap(([name, end]) =>
        [',', ';', '\t', '|'].flatMap((by) =>
          ['', `sep=${by}${end}`].map((first) => [encoding, name, by, first, encode, end] as const),
        ),
      ),
    ),
  )('in %s with %s and %j has the ids of its column after %j', async (_encoding, _name, by, first, encode, end) => {
    expect(short(await read(encode(`${first}${spreadsheet(by, end)}`)))).toEqual([A, B, C]);
  });

  it.each([
    ['appRegistrationId', `phone,appRegistrationId\n3001234567,${A}`],
    ['AppRegistrationId', `phone,AppRegistrationId\n3001234567,${A}`],
    ['App_Registration_ID', `phone;App_Registration_ID\n3001234567;${A}`],
    ['app registration id', `"app registration id"\n"${A}"`],
    ['app-registration', `x|app-registration\n|${A}`],
    ['registration_id', `registration_id,phone\n${A},3001234567`],
    ['_id', `_id,phone\n${A},3001234567`],
    ['id', `phone;id\n3001234567;${A}`],
    ['ID, with its ids in capitals', `ID\n${A.toUpperCase()}`],
    ['appRegistrationId beside id', `id,appRegistrationId\n${C},${A}`],
    ['no name, if it has ids only', A],
    ['no name after blank lines', `\n  \n\r\n${A}\n`],
  ])('may name the column %s', async (_name, text) => {
    expect(short(await read(text))).toEqual([A]);
  });

  it.each([
    ['an unknown column', `phone,registro\n3001234567,${A}\n`, 'a header with the column appRegistrationId'],
    ['several columns without a header', `3001234567,${A}\n`, 'a header with the column'],
    ['ids first, but no header', `${A},3001234567\n`, 'a header with the column'],
    ['the columns of another table', `userId;referrerRegistrationId\n${A};${B}\n`, 'a header with the column'],
    ['two columns of the name', `appRegistrationId,App Registration ID\n${A},${B}\n`, 'a single column'],
    ['a title above the header', `Registrations of June\nappRegistrationId\n${A}\n`, 'a header with the column'],
    ['another separator', `phone:appRegistrationId\n3001234567:${A}\n`, 'a header with the column'],
    ['a sep line for another separator', `sep=;\nphone,appRegistrationId\n3,${A}\n`, 'a header with the column'],
    ['two separators', `appRegistrationId,x;appRegistrationId\n${A},${B};${C}\n`, 'a single separator'],
    ['phone numbers only', '3001234567\n3007654321\n', 'a header with the column'],
    ['phone numbers as its ids', 'id\n3001234567\n3007654321\n', '24 hexadecimal digits, in column 1'],
    ['an id column beside ids of others', `id,user\n${A},${B}\n`, 'as line 2 has several ids'],
    ['ids in less than half of its lines', `id\n${A}\n1\n2\n`, '2 of 3 lines differ, line 3 first'],
    ['a header only', 'appRegistrationId\n', 'at least one id'],
    ['nothing', '', 'at least one id, but the file is empty'],
    ['an open quote', `appRegistrationId,note\n${A},"open\n${B},x\n`, 'balanced quotes'],
    [
      'an open quote in its third row',
      `appRegistrationId,note\n\n${A},"a\nb"\n\n${B},"open\n\n${C},x\n${'\n'.repeat(9)}`,
      'the row that begins in line 6',
    ],
    ['a quote within a cell', `appRegistrationId,note\n${A},x\n${B},5" pipe\n`, 'the row that begins in line 3'],
    ['a row that is too long', `appRegistrationId,x\n${A},${'x'.repeat(MAX_LINE_BYTES)}`, 'at most 65536 bytes'],
    ['a header that is too long', `${'x'.repeat(MAX_LINE_BYTES)},appRegistrationId\n,${A}`, 'a header with the column'],
    ['half a character of UTF-16', utf16(`\uFEFF${A}`, false).subarray(0, -1), 'every character is complete'],
    [
      'UTF-32',
      Buffer.concat([...`id\n${A}\n`].map((letter) => Buffer.from([letter.charCodeAt(0), 0, 0, 0]))),
      'header',
    ],
    ['a spreadsheet itself', Buffer.from('PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0', 'latin1'), 'a header with the column'],
  ])('is refused with %s', async (_what, content, expected) => {
    await expect(surveyIds(opening(content, 4_096), 'csv')).rejects.toMatchObject(refused(expected));
  });

  it('skips rows whose cells have moved, as another column may have the id of another person', async () => {
    const rows = ['name;referrer;appRegistrationId', `Lopez; Ana;${A};${B}`, `Ana;${A}`, `Eva;${A};${B}`];
    expect(await read(rows.join('\n'))).toEqual([
      { kind: 'bad', line: 2, expected: 'as many cells as in the header (3)' },
      { kind: 'bad', line: 3, expected: 'as many cells as in the header (3)' },
      { kind: 'id', line: 4, appRegistrationId: B },
    ]);
  });

  it('in NDJSON has its ids as strings, or in objects', async () => {
    const lines = [`"${A}"`, `{"appRegistrationId":"${B}","x":"é"}`, '', '7', `{"id":"${C}"}`, '[]', 'null', 'no'];
    const expected = [A, B, '4 bad', '5 bad', '6 bad', '7 bad', '8 bad'];
    for (const encode of Object.values(ENCODINGS))
      expect(short(await read(encode(lines.join('\r\n')), 'ndjson'))).toEqual(expected);
    const phones = surveyIds(opening('"3001234567"\n'), 'ndjson');
    await expect(phones).rejects.toMatchObject(refused('1 of 1 lines differ, line 1 first'));
  });

  it('can have a line of any length, which is not held in memory', async () => {
    const block = Buffer.alloc(1_048_576, 'x');
    const endless = () =>
      streamOf(
        (function* () {
          for (let n = 0; n < 1_024; n += 1) yield block;
          yield Buffer.from(`\n"${A}"`);
        })(),
      );
    // Half of the line, as garbage is collected late.
    const before = process.memoryUsage().rss;
    expect(short(await all(readIds(endless, 'ndjson')))).toEqual(['1 bad', A]);
    await expect(all(readIds(endless, 'csv'))).rejects.toMatchObject(refused('a header'));
    expect(process.memoryUsage().rss - before).toBeLessThan(512 * 1_048_576);
  });

  it('is surveyed: its ids with the first ones, and its invalid lines with their first numbers', async () => {
    const text = ['appRegistrationId', A, A, '', B, C, C, '?', C, 'secret'].join('\n');
    expect(await surveyIds(opening(text), 'csv')).toEqual({
      ids: 6,
      repeated: 3,
      firstIds: [A, A, B, C, C],
      badLines: 2,
      firstBadLines: [8, 10],
    });
    const { store } = await freshStore();
    const missing = surveyIds(() => store.openSource('c'), 'csv');
    await expect(missing).rejects.toMatchObject({ fault: 'absent', kind: 'source' });
  });
});

const anyText = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 99 }).map(idOf) },
  fc.constantFrom('', ' ', '3001234567', 'é', 'x,"y', '"a\nb"', `"${A}"`, 'id', 'sep=;', '{', 'appRegistrationId'),
  fc.string({ maxLength: 8 }),
);
const anyContent = fc
  .tuple(
    fc.constantFrom('', 'appRegistrationId\n', 'x;appRegistrationId\r\n', 'sep=|\n_id|x\n', '"x",registration id\n'),
    fc.array(fc.tuple(anyText, fc.constantFrom('\n', '\r\n', ',', ';', '|')), { maxLength: 20 }),
  )
  .map(([header, cells]) => `${header}${cells.flat().join('')}`);

describe('a copy of the ids of a file', () => {
  const copyOf = async (content: Buffer | string, format: SourceFormat) =>
    (await all(idsOnly(opening(content), format))).join('');

  it('has nothing but the ids, with the numbers of their lines', async () => {
    const text = `name;id;phone\n"Ana\nde Ayala";${A};3001234567\n\nEva;${B}\nLea;3009999999;\n\nZoe;${C};1\n`;
    expect(await copyOf(text, 'csv')).toBe(`-,appRegistrationId,-\n\n-,${A},-\n\n-,${B}\n-,-,-\n\n-,${C},-\n`);
    const lines = [`{"appRegistrationId":"${A.toUpperCase()}","name":"Ana"}`, '', '{"phone":"3001234567"}', `"${B}"`];
    expect(await copyOf(lines.join('\n'), 'ndjson')).toBe(`"${A}"\n\nnull\n"${B}"\n`);
  });

  it('is read like the file, whatever it contains', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(anyContent, fc.constantFrom<SourceFormat>('csv', 'ndjson'), async (content, format) => {
        const original = await read(content, format).catch(() => undefined);
        if (original === undefined || original.length === 0) return;
        compared += 1;
        expect(await read(await copyOf(content, format), format)).toEqual(original);
      }),
      { numRuns: 300 },
    );
    expect(compared).toBeGreaterThan(50);
  });
});

describe('a scan of a file', () => {
  it('with any size of reads, and continued after any line, is the same as a scan at once', async () => {
    const { store } = await freshStore();
    const counts = { total: 0, results: {}, badLines: 0, credits: 0 };
    const scan = async (format: SourceFormat, from: ScanProgress) => {
      const request = { ...DEFAULT_BATCH, mode: 'audit' as const, source: { kind: 'file' as const, format } };
      const vendor = { acquire: async () => true, list: () => Promise.reject(), read: () => Promise.reject() };
      const visibility = { list: () => streamOf([]), count: async () => 0 };
      const pages = await all(pagesOf({ batch: 'b', request, from }, { store, vendor, visibility }));
      return pages.flatMap(({ entries, bad }) => [...entries, ...bad]);
    };
    await fc.assert(
      fc.asyncProperty(
        anyContent,
        fc.constantFrom<SourceFormat>('csv', 'ndjson'),
        fc.integer({ min: 1, max: 100 }),
        fc.nat(),
        async (content, format, piece, cut) => {
          const outcome = (items: Promise<readonly SourceItem[]>) => items.catch((error: unknown) => String(error));
          const whole = await outcome(read(content, format, 65_536));
          expect(await outcome(read(content, format, piece))).toEqual(whole);
          if (typeof whole === 'string') return;
          const line = whole[cut % Math.max(whole.length, 1)]?.line ?? 0;
          await store.putSource('b', opening(content)());
          const rest = await scan(format, { position: { taken: 0, line }, counts, of: whole.length });
          const lines = rest.map((item) => ('after' in item ? item.after.line : item.line));
          expect(lines.toSorted()).toEqual(whole.flatMap((item) => (item.line > line ? [item.line] : [])).toSorted());
        },
      ),
      { numRuns: 150 },
    );
  });
});
