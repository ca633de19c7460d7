import { stringify } from 'csv-stringify/sync';
import type { ReportLine } from '../../../domain/revalidation/lines.js';
import type { UnfinishedResult } from './contents.js';
import { countOf, UNFINISHED } from './format.js';

const CSV_COLUMNS = [
  'ordinal',
  'appRegistrationId',
  'result',
  'status',
  'unknownWord',
  'known',
  'workflowId',
  'checks',
  'problem',
] as const satisfies readonly (keyof ReportLine)[];

const BLOCK = 500;

// Spreadsheets evaluate formulas even in quoted cells.
const text = (rows: readonly (readonly (string | number | undefined)[])[]): string =>
  stringify(
    rows.map((row) => [...row]),
    { escape_formulas: true },
  );

const row = (line: ReportLine) =>
  CSV_COLUMNS.map((column) => (column === 'checks' ? line.checks?.join(' ') : line[column]));

/** Returns the last row of an unfinished report, which marks it as incomplete. */
export const unfinishedRow = ({ unfinished, total }: UnfinishedResult): string =>
  text([
    CSV_COLUMNS.map((column) => {
      if (column === 'result') return 'unfinished';
      return column === 'problem' ? `${UNFINISHED[unfinished]}: ${countOf(total, 'registration')} so far` : '';
    }),
  ]);

/** Streams the report as CSV. Cells that spreadsheets would evaluate as formulas begin with an apostrophe. */
export async function* csv(lines: AsyncIterable<ReportLine>): AsyncGenerator<string, void, undefined> {
  yield text([CSV_COLUMNS]);
  let block: (readonly (string | number | undefined)[])[] = [];
  for await (const line of lines) {
    block.push(row(line));
    if (block.length < BLOCK) continue;
    yield text(block);
    block = [];
  }
  yield text(block);
}
