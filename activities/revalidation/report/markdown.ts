import { markdownTable } from 'markdown-table';
import { type Contents, contentsOf, type ReportInput, type Section, type Table } from './contents.js';
import { inDigits } from './words.js';

const escaped = (cell: string | number): string =>
  typeof cell === 'number' ? inDigits(cell) : cell.replaceAll(/[\\`*_{}[\]<>|#]/g, '\\$&').replaceAll(/\s+/g, ' ');

const table = ({ columns, rows }: Table): string =>
  markdownTable([columns.map(escaped), ...rows.map((row) => row.map(escaped))], {
    align: columns.map((_, index) => (typeof rows[0]?.[index] === 'number' ? 'right' : 'left')),
  });

const body = ({ words, table: content, long }: Section): readonly string[] =>
  long === true
    ? ['See report.html.']
    : [...(words === undefined ? [] : [escaped(words)]), ...(content === undefined ? [] : [table(content)])];

const written = ({ title, lead, facts, sections }: Contents): string =>
  [
    `# ${escaped(title)}`,
    escaped(lead),
    facts.map(([label, value]) => `- **${escaped(label)}**: ${escaped(value)}`).join('\n'),
    ...sections.flatMap((section) => [`## ${escaped(section.title)}`, ...body(section)]),
  ].join('\n\n');

/** A short report in Markdown. */
export const summaryMarkdown = (input: ReportInput): string => `${written(contentsOf(input))}\n`;
