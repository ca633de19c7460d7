import { parse } from 'csv-parse/sync';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { registrationIdOf } from '../../../domain/ids.js';
import { BatchStoreError } from './errors.js';

/** The layout of a CSV file of ids. */
export interface CsvLayout {
  readonly delimiter: string;
  /** The number of cells of each row. */
  readonly width: number;
  /** The index of the column of ids. */
  readonly column: number;
  /** True if only this column may contain ids, because its name does not say of what. */
  readonly isOnlyId: boolean;
  /** The number of rows before the first id. */
  readonly headerRows: number;
}

/** The options of csv-parse for bytes that extend ASCII. */
export const csvOptions = (delimiter: string) => ({
  delimiter,
  encoding: 'latin1' as const,
  record_delimiter: '\n',
  relax_column_count: true,
  skip_empty_lines: true,
  skip_records_with_empty_values: true,
  trim: true,
});

const DELIMITERS = [',', ';', '\t', '|'] as const;

/** The names of the column of ids, without blanks, underscores, hyphens and capitals. A former one takes precedence. */
const COLUMN_NAMES = ['appregistrationid', 'appregistration', 'registrationid', 'id'] as const;

const EXPECTED = [
  'a header with the column appRegistrationId (or registration_id, _id or id), separated by comma, semicolon, tab or |',
  'or only ids, one in each line',
].join('; ');

const refused = (expected: string): BatchStoreError => new BatchStoreError('wrong', 'source', expected);

/** Excel's first line, which names the separator. */
const separatorLineOf = (head: Buffer): string | undefined =>
  head
    .subarray(0, 10)
    .toString('latin1')
    .match(/^"?sep=([,;\t|])"?\n/i)?.[1];

const Rows = t.array(t.array(t.string));

/** Reads one row; `undefined` if it is not CSV with this delimiter. */
const rowOf = (head: Buffer, delimiter: string, number: number): readonly string[] | undefined =>
  pipe(
    E.tryCatch(
      (): unknown => parse(head, { ...csvOptions(delimiter), from: number, to: number }),
      () => 'no CSV',
    ),
    E.chainW(Rows.decode),
    E.match(
      () => undefined,
      ([row]) => row,
    ),
  );

const columnsNamed = (cells: readonly string[], name: string): readonly number[] =>
  cells.flatMap((cell, index) => (cell.toLowerCase().replace(/[\s_-]/g, '') === name ? [index] : []));

/** Returns the layout if the row is a header, or an id without a header. @throws BatchStoreError */
const layoutOfRow = (cells: readonly string[], delimiter: string, before: number): CsvLayout | undefined => {
  const width = cells.length;
  const [first = ''] = cells;
  if (width === 1 && registrationIdOf(first) !== undefined)
    return { delimiter, width, column: 0, isOnlyId: false, headerRows: before };
  for (const [rank, name] of COLUMN_NAMES.entries()) {
    const [column, another] = columnsNamed(cells, name);
    if (another !== undefined) throw refused('a header with a single column appRegistrationId');
    if (column !== undefined) return { delimiter, width, column, isOnlyId: rank > 0, headerRows: before + 1 };
  }
  return undefined;
};

/**
 * Finds the delimiter and the column of ids from the beginning of a CSV file. A header that has no such column is an
 * error: the ids of another column could be those of other people.
 *
 * @throws BatchStoreError
 */
export const csvLayoutOf = (head: Buffer): CsvLayout => {
  const separator = separatorLineOf(head);
  const before = separator === undefined ? 0 : 1;
  const delimiters = separator === undefined ? DELIMITERS : [separator];
  const layouts = delimiters.flatMap((delimiter) => {
    const cells = rowOf(head, delimiter, before + 1);
    const layout = cells && layoutOfRow(cells, delimiter, before);
    return layout === undefined ? [] : [layout];
  });
  const [single] = layouts;
  const [wide, another] = layouts.filter(({ width }) => width > 1);
  if (another !== undefined) throw refused('a header with a single separator');
  const layout = wide ?? single;
  if (layout === undefined) throw refused(EXPECTED);
  return layout;
};
