import { markdownTable } from 'markdown-table';
import type { Measured, Results, ServerResults } from '../results.js';
import type { ServerKind } from '../setting/temporal-server.js';
import { day } from './words.js';

export const KINDS: readonly ServerKind[] = ['production', 'development'];

/** The parts that were measured, each with its server. */
export const measuredOn = <Name extends keyof ServerResults>(
  results: Results,
  part: Name,
): readonly { readonly server: ServerKind; readonly measured: NonNullable<ServerResults[Name]> }[] =>
  KINDS.flatMap((server) => {
    const measured = results[server][part];
    return measured === undefined ? [] : [{ server, measured }];
  });

/** A table whose columns are aligned to the right, but for the first ones. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[], left = 1): string =>
  markdownTable([[...head], ...rows.map((row) => [...row])], { align: head.map((_, at) => (at < left ? 'l' : 'r')) });

/** When, and on which code. */
const when = (parts: readonly Measured<unknown>[]): string => {
  const stamps = [...new Set(parts.map(({ at, machine }) => `${day(at)}, commit ${machine.commit}`))];
  return stamps.length === 0 ? '' : `Measured on ${stamps.join(' and ')}.`;
};

/** A section, or nothing where it was not measured. */
export const section = (title: string, parts: readonly Measured<unknown>[], ...content: readonly string[]): string =>
  parts.length === 0 ? '' : [`## ${title}`, ...content, when(parts)].join('\n\n');
