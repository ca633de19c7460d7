import { readFileSync } from 'node:fs';

/** A document of `docs/`. */
export const readDocument = (name: string): string =>
  readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

export const sectionOf = (document: string, title: string): string => {
  const [, text] = document.split(`\n## ${title}\n`);
  if (text === undefined) throw new Error(`there is no section ${title}`);
  return text.split('\n## ')[0] ?? '';
};

/** The commands of a section, block by block. */
export const commandsOf = (document: string, title: string): readonly string[] =>
  [...sectionOf(document, title).matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block);
