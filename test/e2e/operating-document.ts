import { readFileSync } from 'node:fs';
import type { OperatedServers, Ran } from './operated-servers.js';

/** What operators are told, of which the tests run every command and every query. */
export const DOCUMENT = readFileSync(new URL('../../docs/operating.md', import.meta.url), 'utf8');

const section = (title: string): string => {
  const [, text] = DOCUMENT.split(`\n## ${title}\n`);
  if (text === undefined) throw new Error(`there is no section ${title}`);
  return text.split('\n## ')[0] ?? '';
};

/** The commands of a section, block by block. */
export const commands = (title: string): readonly string[] =>
  [...section(title).matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block);

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
  [...section('Finding who is stuck').matchAll(/^\| (.+?) \| `(.+?)` \| .+ \|$/gm)].map(
    ([, name = '', query = '']) => [name, query] as const,
  ),
);

/** A saved view's query with another moment in it, in ms since the Unix epoch. */
export const viewAt = (name: string, moment: number): string =>
  (SAVED_VIEWS.get(name) ?? '').replace(/\d{4}-\d\d-\d\dT[\d:]+Z/, new Date(moment).toISOString());
