import { markdownTable } from 'markdown-table';
import type { ServerKind } from '../environment/temporal-server.js';
import type { Measured, Results, ServerResults, Spread } from '../results.js';

const DIGITS = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** Formats a number with three significant digits, or as an integer from 100. */
export const figure = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : DIGITS.format(value);

/** Formats the median with the minimum and the maximum. */
export const spread = ({ median, least, most }: Spread): string =>
  `${figure(median)} (${figure(least)} – ${figure(most)})`;

export const bytes = (value: number): string => {
  if (value >= 1e9) return `${figure(value / 1e9)} GB`;
  if (value >= 1e6) return `${figure(value / 1e6)} MB`;
  return value >= 1e3 ? `${figure(value / 1e3)} kB` : `${figure(value)} B`;
};

const day = (iso: string): string => iso.slice(0, 10);

export const KINDS: readonly ServerKind[] = ['production', 'development'];

/** Returns the results of a part with their servers. */
export const measuredOn = <Name extends keyof ServerResults>(
  results: Results,
  part: Name,
): readonly { readonly server: ServerKind; readonly measured: NonNullable<ServerResults[Name]> }[] =>
  KINDS.flatMap((server) => {
    const measured = results[server][part];
    return measured === undefined ? [] : [{ server, measured }];
  });

/** Formats a table whose columns are right-aligned, except the first `left` ones. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[], left = 1): string =>
  markdownTable([[...head], ...rows.map((row) => [...row])], { align: head.map((_, at) => (at < left ? 'l' : 'r')) });

const dateAndCommit = (parts: readonly Measured<unknown>[]): string => {
  const stamps = [...new Set(parts.map(({ at, machine }) => `${day(at)}, commit ${machine.commit}`))];
  return stamps.length === 0 ? '' : `Measured on ${stamps.join(' and ')}.`;
};

/** Formats a section, or returns an empty text if nothing was measured. */
export const section = (title: string, parts: readonly Measured<unknown>[], ...content: readonly string[]): string =>
  parts.length === 0 ? '' : [`## ${title}`, ...content, dateAndCommit(parts)].join('\n\n');
