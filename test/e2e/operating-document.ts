import { commandsOf, readDocument, sectionOf } from './document.js';
import type { OperatedServers } from './operated-servers.js';
import type { Ran } from './shell.js';

/** What operators are told, of which the tests run every command and every query. */
export const DOCUMENT = readDocument('operating.md');

/** The commands of a section, block by block. */
export const commands = (title: string): readonly string[] => commandsOf(DOCUMENT, title);

/** Runs a block of commands for another customer than the document's, and with values for its variables. */
export const runFor = (
  real: OperatedServers,
  reference: string,
  block: string | undefined,
  variables: Readonly<Record<string, string>> = {},
): Promise<Ran> => {
  if (block === undefined) throw new Error('there is no such block of commands');
  const set = Object.entries(variables).map(([name, value]) => `${name}='${value}'\n`);
  return real.shell(set.join('') + block.replaceAll('customer-4711', reference));
};

/** The queries of the saved views, by their names. */
export const SAVED_VIEWS: ReadonlyMap<string, string> = new Map(
  [...sectionOf(DOCUMENT, 'Finding who is stuck').matchAll(/^\| (.+?) \| `(.+?)` \| .+ \|$/gm)].map(
    ([, name = '', query = '']) => [name, query] as const,
  ),
);

/** A saved view's query with another moment in it, in ms since the Unix epoch. */
export const viewAt = (name: string, moment: number): string =>
  (SAVED_VIEWS.get(name) ?? '').replace(/\d{4}-\d\d-\d\dT[\d:]+Z/, new Date(moment).toISOString());
