import { parse } from 'csv-parse/sync';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { VendorId } from '../../../domain/request.js';

/** The content of a line: a registration id, an error, or nothing. */
export type LineContent =
  | { readonly kind: 'id'; readonly appRegistrationId: string }
  | { readonly kind: 'bad'; readonly expected: string }
  | { readonly kind: 'blank' };

export type ReadLine = (text: string) => LineContent;

/** The delimiter of a CSV file, and the index of its column of ids. */
export interface CsvHeader {
  readonly delimiter: string;
  readonly column: number;
}

const ID_COLUMN = 'appRegistrationId';
const DELIMITERS = [',', ';'] as const;
const BLANK: LineContent = { kind: 'blank' };

const bad = (expected: string): LineContent => ({ kind: 'bad', expected });

const idOr = (expected: string, id: unknown): LineContent =>
  VendorId.is(id) ? { kind: 'id', appRegistrationId: id } : bad(expected);

const Rows = t.array(t.array(t.string));

const parsed = (text: string, delimiters: readonly string[]): readonly string[] | undefined =>
  pipe(
    E.tryCatch(
      (): unknown =>
        parse(text, {
          delimiter: [...delimiters],
          record_delimiter: '\n',
          relax_column_count: true,
          trim: true,
        }),
      () => 'no CSV',
    ),
    E.chainW(Rows.decode),
    E.match(
      () => undefined,
      ([row = []]) => row,
    ),
  );

// The CSV parser would take half a minute for a million lines, and most lines have no quotes.
const cellsOf = (text: string, delimiters: readonly string[]): readonly string[] | undefined =>
  text.includes('"') ? parsed(text, delimiters) : text.split(new RegExp(`[${delimiters.join('')}]`));

/** Returns the header if the line contains the name of the column of ids. */
export const headerOf = (text: string): CsvHeader | undefined => {
  for (const delimiter of DELIMITERS) {
    const column = cellsOf(text, [delimiter])?.findIndex((cell) => cell.trim() === ID_COLUMN) ?? -1;
    if (column !== -1) return { delimiter, column };
  }
  return undefined;
};

/** Creates a parser for lines of CSV. Without a header, the id is in the first column. */
export const csvLine = (header?: CsvHeader): ReadLine => {
  const delimiters = header === undefined ? DELIMITERS : [header.delimiter];
  const column = header?.column ?? 0;
  const expected = `${VendorId.name} in ${header === undefined ? 'the first column' : `the column ${ID_COLUMN}`}`;
  return (text) => {
    if (text === '') return BLANK;
    const cells = cellsOf(text, delimiters)?.map((cell) => cell.trim());
    if (cells === undefined) return bad('a line of CSV with balanced quotes');
    return cells.every((cell) => cell === '') ? BLANK : idOr(expected, cells[column]);
  };
};

const NamedId = t.type({ [ID_COLUMN]: t.unknown });

/** Parses a line of NDJSON: an id as a string, or an object with it. */
export const ndjsonLine: ReadLine = (text) => {
  if (text === '') return BLANK;
  const expected = `a JSON string, or an object with ${ID_COLUMN}: ${VendorId.name}`;
  return pipe(
    E.tryCatch(
      (): unknown => JSON.parse(text),
      () => bad('a line of JSON'),
    ),
    E.match(
      (wrong) => wrong,
      (value) => idOr(expected, NamedId.is(value) ? value[ID_COLUMN] : value),
    ),
  );
};
