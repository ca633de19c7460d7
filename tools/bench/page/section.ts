import { markdownTable } from 'markdown-table';
import type { ServerKind } from '../environment/temporal-server.js';
import type { Measured, Results, ServerResults, Spread } from '../results.js';

const DIGITS = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** Formats a number with three significant digits, or as an integer from 100. */
export const figure = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : DIGITS.format(value);

/** Formats the median with the minimum and the maximum. */
const spread = ({ median, least, most }: Spread): string => `${figure(median)} (${figure(least)} – ${figure(most)})`;

export const bytes = (value: number): string => {
  if (value >= 1e9) return `${figure(value / 1e9)} GB`;
  if (value >= 1e6) return `${figure(value / 1e6)} MB`;
  return value >= 1e3 ? `${figure(value / 1e3)} kB` : `${figure(value)} B`;
};

export const KINDS: readonly ServerKind[] = ['production', 'development'];

/** Returns the results of a part with their servers. */
export const measuredOn = <Part extends keyof ServerResults>(
  results: Results,
  part: Part,
): readonly (NonNullable<ServerResults[Part]> & { readonly server: ServerKind })[] =>
  KINDS.flatMap((server) => {
    const measured = results[server][part];
    return measured === undefined ? [] : [{ ...measured, server }];
  });

type Cell = string | number | Spread;

const cellText = (cell: Cell): string => {
  if (typeof cell === 'string') return cell;
  return typeof cell === 'number' ? figure(cell) : spread(cell);
};

/** Formats a table from its columns. They are right-aligned, except the first `left` ones. */
export const table = <Row>(
  rows: readonly Row[],
  columns: readonly (readonly [head: string, cellOf: (row: Row) => Cell])[],
  left = 1,
): string =>
  markdownTable(
    [columns.map(([head]) => head), ...rows.map((row) => columns.map(([, cellOf]) => cellText(cellOf(row))))],
    { align: columns.map((_, at) => (at < left ? 'l' : 'r')) },
  );

const dateAndCommit = (parts: readonly Measured<unknown>[]): string => {
  const stamps = parts.map(({ at, machine }) => `${at.slice(0, 'YYYY-MM-DD'.length)}, commit ${machine.commit}`);
  return `Measured on ${[...new Set(stamps)].join(' and ')}.`;
};

/** Formats a section, or returns an empty text if nothing was measured. */
export const section = (title: string, parts: readonly Measured<unknown>[], ...content: readonly string[]): string =>
  parts.length === 0 ? '' : [`## ${title}`, ...content, dateAndCommit(parts)].join('\n\n');
