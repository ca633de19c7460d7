import type { ReportLine } from '../../../domain/revalidation/lines.js';
import type { BatchStore } from '../files/store.js';
import type { ReportInput } from './contents.js';
import { csv } from './csv.js';
import { collectHighlights } from './highlights.js';
import { html } from './html.js';
import { summaryJson, summaryMarkdown } from './summary.js';

export type { Unfinished } from './format.js';
export { unfinishedReport } from './unfinished.js';
export { csv, html, summaryJson, summaryMarkdown };

/**
 * Passes on the lines that the batch has counted. A scan that was repeated and then stopped earlier leaves more lines
 * behind.
 */
async function* countedLines(lines: AsyncIterable<ReportLine>, total: number, onLine: (line: ReportLine) => void) {
  let left = total;
  if (left === 0) return;
  for await (const line of lines) {
    onLine(line);
    yield line;
    left -= 1;
    if (left === 0) return;
  }
}

/** Writes the reports of a batch in one pass over its lines. Idempotent. @throws BatchStoreError */
export const writeSummaries = async (
  store: BatchStore,
  { request, result }: Pick<ReportInput, 'request' | 'result'>,
): Promise<void> => {
  const { batch, total } = result;
  const { line, badLine, outcome, highlights } = collectHighlights();
  await store.write(batch, 'report.csv', csv(countedLines(store.readLines(batch), total, line)));
  for await (const bad of store.readBadLines(batch)) badLine(bad);
  for await (const ended of store.readOutcomes(batch)) outcome(ended);
  const input = { request, result, highlights: highlights() };
  await store.write(batch, 'summary.json', summaryJson(input));
  await store.write(batch, 'summary.md', summaryMarkdown(input));
  await store.write(batch, 'report.html', html(input));
};
