import { stringify } from 'csv-stringify/sync';
import type { ReportLine } from '../../../domain/revalidation/lines.js';
import type { UnfinishedResult } from './contents.js';
import { countOf, UNFINISHED } from './words.js';

/** The columns of the report in CSV. */
export const CSV_COLUMNS = [
  'ordinal',
  'appRegistrationId',
  'result',
  'standing',
  'unknownWord',
  'known',
  'workflowId',
  'checks',
  'problem',
] as const satisfies readonly (keyof ReportLine)[];

const BLOCK = 500;

// A spreadsheet takes a cell that begins as a formula for one, whatever quotes are around it.
const text = (rows: readonly (readonly (string | number | undefined)[])[]): string =>
  stringify(
    rows.map((row) => [...row]),
    { escape_formulas: true },
  );

const row = (line: ReportLine) =>
  CSV_COLUMNS.map((column) => (column === 'checks' ? line.checks?.join(' ') : line[column]));

/** The last row of a report whose batch has not ended, so that nobody takes it for a whole one. */
export const unfinishedRow = ({ unfinished, total }: UnfinishedResult): string =>
  text([
    CSV_COLUMNS.map((column) => {
      if (column === 'result') return 'unfinished';
      return column === 'problem' ? `${UNFINISHED[unfinished]}: ${countOf(total, 'registration')} so far` : '';
    }),
  ]);

/** The whole report as CSV, in flat memory. A cell that a spreadsheet would take for a formula begins with an apostrophe. */
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
