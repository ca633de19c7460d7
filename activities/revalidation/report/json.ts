import type { ReportInput } from './contents.js';

/** The report for programs: the result as the workflow has it, what was asked, and what has drifted. Times are ms since the Unix epoch. */
export const summaryJson = ({ request, result, seen }: ReportInput): string => {
  const { source, ...asked } = request;
  const shown = source.kind === 'ids' ? { kind: source.kind, count: source.ids.length } : source;
  const { drift, attention } = seen;
  const needAttention = attention.first.length + attention.more;
  return `${JSON.stringify({ ...result, needAttention, drift, request: { ...asked, source: shown } }, null, 2)}\n`;
};
