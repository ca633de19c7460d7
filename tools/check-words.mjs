// Keeps comments, messages and documents in plain technical English: `npm run check:words`. The banned words and their reasons are in
// docs/glossary.md. Exits with 1 and a line for each finding.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Words that no comment, message or document uses. Each is archaic or a metaphor of this project's past. */
const BANNED = [
  'anew|bears?|befall(?:s|en)?|casefile|contenders?|mend(?:s|ed|ing)?|needles|patiently|stands|told|whoever',
  'but for|comes? to nothing|came to nothing|hears? of|heard of|is none|no more|of its own accord',
];

/** A doc comment names its thing, and begins with none of these. */
const OPENING = /(?:\/\*\*|^\s*\*)\s*(What|Whether|Whoever)\b/;

const banned = new RegExp(`\\b(?:${BANNED.join('|')})\\b`, 'i');
const PROSE = /\.(md|html)$/;
const CODE = /\.(ts|mjs|cjs)$/;
const SELF = ['tools/check-words.mjs', 'docs/glossary.md'];

/** The parts of a line of code that people read: comments and the text of strings. */
const readable = (line) => {
  const comment = line.match(/(?:^\s*\*|\/\*\*?|\/\/)(.*)$/)?.[1] ?? '';
  const strings = [...line.matchAll(/'([^']*)'|"([^"]*)"|`([^`]*)`/g)].map(
    ([, one, two, three]) => one ?? two ?? three,
  );
  return [comment, ...strings.filter((text) => text.includes(' '))].join(' \u0000 ');
};

const findings = (file) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line, index) => {
      const text = PROSE.test(file) ? line : readable(line);
      const word = text.match(banned)?.[0];
      const opening = CODE.test(file) ? line.match(OPENING)?.[1] : undefined;
      return [
        ...(word === undefined ? [] : [`${file}:${index + 1}: "${word}" (docs/glossary.md says how to put it)`]),
        ...(opening === undefined ? [] : [`${file}:${index + 1}: a doc comment that begins with ${opening}`]),
      ];
    });

const only = process.argv.slice(2);
const files = execFileSync('git', ['ls-files', ...only], { encoding: 'utf8' })
  .split('\n')
  .filter(
    (file) => (PROSE.test(file) || CODE.test(file)) && !SELF.includes(file) && !file.startsWith('test/histories/'),
  );
const found = files.flatMap(findings);
if (found.length > 0) {
  console.error(`${found.join('\n')}\n${found.length} findings in ${files.length} files.`);
  process.exitCode = 1;
}
