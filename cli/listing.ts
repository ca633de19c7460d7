import { count } from '../shared/settings.js';
import { option } from './command.js';
import { tableOf } from './format/text.js';
import type { Terminal } from './terminal.js';

const TABLE_LIMIT = 50;

export const LIMIT_OPTION = option(
  '<n>',
  `the maximum number; default ${TABLE_LIMIT}, with --json unlimited`,
  count(1, 1_000_000),
);

export interface Listing<A> {
  readonly items: AsyncIterable<A>;
  readonly head: readonly string[];
  readonly rowOf: (item: A, now: number) => readonly string[];
  /** A line below the table about an item that needs an explanation. */
  readonly noteOf?: (item: A, now: number) => string | undefined;
  /** The note if there are no items. */
  readonly none: string;
  readonly limit?: number;
}

const showTable = <A>(terminal: Terminal, { head, rowOf, noteOf }: Listing<A>, items: readonly A[]): void => {
  const now = Date.now();
  const rows = items.map((item) => rowOf(item, now));
  terminal.line(tableOf(head, rows, terminal.columns));
  for (const note of items.flatMap((item) => noteOf?.(item, now) ?? [])) terminal.line(note);
};

/** Shows a list: with `--json` one document on each line, otherwise a table with a note if there are more. */
export const showList = async <A>(terminal: Terminal, json: boolean, listing: Listing<A>): Promise<void> => {
  const { items, limit = json ? Number.POSITIVE_INFINITY : TABLE_LIMIT } = listing;
  const shown: A[] = [];
  let listed = 0;
  for await (const item of items) {
    listed += 1;
    if (json) terminal.json(item);
    else if (listed <= limit) shown.push(item);
    // One more item than in a table says that there are more.
    if (listed === (json ? limit : limit + 1)) break;
  }
  if (json) return;
  if (shown.length === 0) return terminal.note(listing.none);
  showTable(terminal, listing, shown);
  if (listed > limit) terminal.note(`There are more. Use --limit ${limit * 2} or a narrower filter.`);
};

/** Returns the status to show. That of a workflow that failed or was stopped is out of date. */
export const listedStatus = ({ status, execution }: { readonly status?: string; readonly execution: string }): string =>
  (execution === 'RUNNING' || execution === 'COMPLETED' ? status : undefined) ?? execution.toLowerCase();
