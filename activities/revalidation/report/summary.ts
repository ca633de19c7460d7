import { markdownTable } from 'markdown-table';
import { type Contents, contentsOf, type ReportInput, type Section, type Table } from './contents.js';
import { inDigits } from './format.js';

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

const render = ({ title, lead, facts, sections }: Contents): string =>
  [
    `# ${escaped(title)}`,
    escaped(lead),
    facts.map(([label, value]) => `- **${escaped(label)}**: ${escaped(value)}`).join('\n'),
    ...sections.flatMap((section) => [`## ${escaped(section.title)}`, ...body(section)]),
  ].join('\n\n');

/** Renders the summary in Markdown, without the long tables. */
export const summaryMarkdown = (input: ReportInput): string => `${render(contentsOf(input))}\n`;

/**
 * Renders the summary for programs: the workflow's result, the request and the drift. Times are ms since the Unix
 * epoch.
 */
export const summaryJson = ({ request, result, highlights }: ReportInput): string => {
  const { source, ...fields } = request;
  const shown = source.kind === 'ids' ? { kind: source.kind, count: source.ids.length } : source;
  const { drift, attention } = highlights;
  const needAttention = attention.first.length + attention.more;
  return `${JSON.stringify({ ...result, needAttention, drift, request: { ...fields, source: shown } }, null, 2)}\n`;
};
