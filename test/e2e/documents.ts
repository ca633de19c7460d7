import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { OperatedServers } from './operated-servers.js';
import type { CommandResult, Shell } from './shell.js';

/** Reads a document in `docs/`. */
export const readDocument = (name: string): string =>
  readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

export const sectionOf = (document: string, title: string): string => {
  const [, text] = document.split(`\n## ${title}\n`);
  if (text === undefined) throw new Error(`the document has no section "${title}"`);
  return text.split('\n## ')[0] ?? '';
};

/** Returns the blocks of a section in a language. */
export const blocksOf = (document: string, title: string, language: 'sh' | 'ts'): readonly string[] =>
  [...sectionOf(document, title).matchAll(/```(\w+)\n(.*?)```/gs)].flatMap(([, of, block = '']) =>
    of === language ? [block] : [],
  );

/** Returns the shell blocks of a section. */
export const commandsOf = (document: string, title: string): readonly string[] => blocksOf(document, title, 'sh');

/** The operating guide. The tests run all of its commands and queries. */
export const DOCUMENT = readDocument('operating.md');

/** Returns the shell blocks of a section. */
export const commands = (title: string): readonly string[] => commandsOf(DOCUMENT, title);

/** Runs a shell block with another reference than the document's, and with values for its variables. */
export const runFor = (
  real: OperatedServers,
  reference: string,
  block: string | undefined,
  variables: Readonly<Record<string, string>> = {},
): Promise<CommandResult> => {
  if (block === undefined) throw new Error('the section has no such shell block');
  const set = Object.entries(variables).map(([name, value]) => `${name}='${value}'\n`);
  return real.shell(set.join('') + block.replaceAll('customer-4711', reference));
};

/** Runs a shell block with another reference than the document's, and expects success. */
export const runBlock = async (
  { shell }: Shell,
  reference: string,
  block = 'exit 1',
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> => {
  const ran = await shell(block.replaceAll('customer-4711', reference), env);
  expect(ran).toMatchObject({ exitCode: 0 });
  return ran;
};

/** The queries of the documented views by name. */
export const SAVED_VIEWS: ReadonlyMap<string, string> = new Map(
  [...sectionOf(DOCUMENT, 'Finding who is stuck').matchAll(/^\| (.+?) \| `(.+?)` \| .+ \|$/gm)].map(
    ([, name = '', query = '']) => [name, query] as const,
  ),
);

/** Returns the query of a view with another time, in ms since the Unix epoch. */
export const viewAt = (name: string, moment: number): string =>
  (SAVED_VIEWS.get(name) ?? '').replace(/\d{4}-\d\d-\d\dT[\d:]+Z/, new Date(moment).toISOString());
