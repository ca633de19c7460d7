import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { REGISTRATION_ID, registrationIdOf } from '../../../domain/ids.js';
import type { BatchRequest } from '../../../domain/revalidation/request.js';
import { parseJson } from '../../../shared/decoding.js';
import { type CsvLayout, csvLayoutOf, csvOptions } from './csv-layout.js';
import { BatchStoreError } from './errors.js';
import { physicalLines } from './physical-lines.js';
import { plainBytes } from './plain-bytes.js';

export type SourceFormat = Extract<BatchRequest['source'], { readonly kind: 'file' }>['format'];

/** A line of the file; of a CSV row with line breaks, the last one. `expected` never contains the line's content. */
export type SourceItem =
  | { readonly kind: 'id'; readonly appRegistrationId: string; readonly line: number }
  | { readonly kind: 'bad'; readonly expected: string; readonly line: number };

/** Opens a file at its start. It is called twice for CSV. */
export type OpenSource = () => AsyncIterable<Uint8Array>;

export const MAX_LINE_BYTES = 65_536;

const itemOf = (line: number, text: unknown, expected: string): SourceItem => {
  const appRegistrationId = typeof text === 'string' ? registrationIdOf(text) : undefined;
  return appRegistrationId === undefined ? { kind: 'bad', line, expected } : { kind: 'id', line, appRegistrationId };
};

const layoutOf = async (open: OpenSource): Promise<CsvLayout> => {
  const head = await headOf(open);
  if (head.length === 0) throw new BatchStoreError('wrong', 'source', 'at least one id, but the file is empty');
  return csvLayoutOf(head);
};

const headOf = async (open: OpenSource): Promise<Buffer> => {
  let head = Buffer.alloc(0);
  for await (const bytes of plainBytes(open())) {
    head = Buffer.concat([head, bytes]);
    if (head.length >= MAX_LINE_BYTES) break;
  }
  return head;
};

const RowCodec = t.type({ record: t.array(t.string), info: t.type({ lines: t.number, records: t.number }) });

interface Row {
  readonly cells: readonly string[];
  readonly line: number;
}

/** Reads a row. Cells that have moved to other columns could be the ids of other people. */
const itemOfRow = (cells: readonly string[], line: number, { width, column, isOnlyId }: CsvLayout): SourceItem => {
  if (cells.length !== width) return { kind: 'bad', line, expected: `as many cells as in the header (${width})` };
  if (isOnlyId && cells.filter(registrationIdOf).length > 1)
    throw new BatchStoreError(
      'wrong',
      'source',
      `the name appRegistrationId for the column of ids, as line ${line} has several ids`,
    );
  return itemOf(line, cells[column], `${REGISTRATION_ID}, in column ${column + 1}`);
};

async function* rowsOf(open: OpenSource, { delimiter, headerRows }: CsvLayout): AsyncGenerator<Row> {
  let last = { lines: 0, empty_lines: 0 };
  const rows = parse({
    ...csvOptions(delimiter),
    info: true,
    max_record_size: MAX_LINE_BYTES,
    // Not in the iteration, which misses the rows that are parsed together with an error.
    on_record: (row, { lines, empty_lines }) => {
      last = { lines, empty_lines };
      return row;
    },
  });
  // A failure of the source also destroys the parser, and is thrown by its iteration.
  pipeline(Readable.from(plainBytes(open())), rows).catch(() => undefined);
  try {
    const parsed: AsyncIterable<unknown> = rows;
    for await (const row of parsed)
      if (RowCodec.is(row) && row.info.records > headerRows) yield { cells: row.record, line: row.info.lines };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // The parser only knows the last line that it has read, which can be the end of the file.
    const begin = last.lines + 1 + (rows.info.empty_lines - last.empty_lines);
    const expected = `balanced quotes, and rows of at most ${MAX_LINE_BYTES} bytes; the row that begins in line ${begin} differs`;
    throw new BatchStoreError('wrong', 'source', expected);
  }
}

async function* readCsv(open: OpenSource): AsyncGenerator<SourceItem, void, undefined> {
  const layout = await layoutOf(open);
  for await (const { cells, line } of rowsOf(open, layout)) yield itemOfRow(cells, line, layout);
}

const NDJSON_EXPECTED = `a JSON string, or an object with appRegistrationId: ${REGISTRATION_ID}`;

const NamedId = t.type({ appRegistrationId: t.unknown });

async function* readNdjson(open: OpenSource): AsyncGenerator<SourceItem, void, undefined> {
  for await (const { bytes, line } of physicalLines(plainBytes(open()), MAX_LINE_BYTES)) {
    const text = bytes?.toString('latin1').trim();
    if (text === '') continue;
    const value = E.getOrElseW(() => undefined)(parseJson(text ?? ''));
    yield itemOf(line, NamedId.is(value) ? value.appRegistrationId : value, NDJSON_EXPECTED);
  }
}

/**
 * Streams the ids and the invalid lines of a file in order. Skips blank lines.
 *
 * @throws BatchStoreError if it is not clear which ids the file contains.
 */
export const readIds = (open: OpenSource, format: SourceFormat): AsyncGenerator<SourceItem, void, undefined> =>
  format === 'csv' ? readCsv(open) : readNdjson(open);

/** The number of different ids that are remembered, which takes 60 MB. */
const MAX_REMEMBERED = 1_000_000;

/**
 * Returns a function that is true for an id that it was given before, in capitals or not. Beyond a million different
 * ids, it forgets further ones.
 */
export const repeatedIds = (): ((id: string) => boolean) => {
  const seen = new Set<string>();
  return (id) => {
    const key = id.toLowerCase();
    if (seen.has(key)) return true;
    if (seen.size < MAX_REMEMBERED) seen.add(key);
    return false;
  };
};

const COLUMN = 'appRegistrationId';

/** Replaces the content of cells that are not kept. Not empty, as a row of empty cells would be skipped. */
const REMOVED = '-';

interface SourceLine {
  readonly line: number;
  readonly text: string;
}

async function* idsOnlyOfCsv(open: OpenSource): AsyncGenerator<SourceLine> {
  const layout = await layoutOf(open);
  const { column, width, headerRows } = layout;
  const written = (cells: readonly string[], kept: (cell: string) => string | undefined) =>
    cells.map((cell, index) => (index === column && kept(cell)) || REMOVED).join(',');
  if (headerRows > 0) yield { line: 1, text: written(new Array<string>(width).fill(''), () => COLUMN) };
  for await (const { cells, line } of rowsOf(open, layout)) yield { line, text: written(cells, registrationIdOf) };
}

async function* idsOnlyOfNdjson(open: OpenSource): AsyncGenerator<SourceLine> {
  for await (const item of readNdjson(open))
    yield { line: item.line, text: JSON.stringify(item.kind === 'id' ? item.appRegistrationId : null) };
}

/**
 * Streams a copy of a file that contains nothing but its ids, and from which `readIds` reads the same: the ids, the
 * invalid lines and their numbers.
 */
export async function* idsOnly(open: OpenSource, format: SourceFormat): AsyncGenerator<string, void, undefined> {
  let next = 1;
  for await (const { line, text } of format === 'csv' ? idsOnlyOfCsv(open) : idsOnlyOfNdjson(open)) {
    yield `${'\n'.repeat(line - next)}${text}\n`;
    next = line + 1;
  }
}

/** A file of ids, as it was understood. */
export interface SourceSurvey {
  /** The number of ids, including repeated ones. */
  readonly ids: number;
  /** The number of ids that stand further up in the file already. A batch skips them. */
  readonly repeated: number;
  readonly firstIds: readonly string[];
  /** The number of invalid lines, which a batch skips. */
  readonly badLines: number;
  readonly firstBadLines: readonly number[];
}

const SHOWN = 5;

/**
 * Reads a file of ids to its end.
 *
 * @throws BatchStoreError if it is not clear which ids the file contains, or most lines contain none.
 */
export const surveyIds = async (open: OpenSource, format: SourceFormat): Promise<SourceSurvey> => {
  const firstIds: string[] = [];
  const firstBadLines: number[] = [];
  const isRepeated = repeatedIds();
  let [ids, repeated, badLines] = [0, 0, 0];
  let expected = 'at least one id';
  for await (const item of readIds(open, format)) {
    if (item.kind === 'id') {
      ids += 1;
      repeated += Number(isRepeated(item.appRegistrationId));
      if (ids <= SHOWN) firstIds.push(item.appRegistrationId);
      continue;
    }
    badLines += 1;
    if (badLines === 1) ({ expected } = item);
    if (badLines <= SHOWN) firstBadLines.push(item.line);
  }
  if (ids > 0 && badLines <= ids) return { ids, repeated, firstIds, badLines, firstBadLines };
  const [firstBad] = firstBadLines;
  const most = firstBad === undefined ? '' : `; ${badLines} of ${ids + badLines} lines differ, line ${firstBad} first`;
  throw new BatchStoreError('wrong', 'source', `${expected}${most}`);
};
