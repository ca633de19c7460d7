import type { ReportLine } from '../../../domain/revalidation/lines.js';
import type { BatchStore } from '../files/store.js';
import type { ReportInput } from './contents.js';
import { csv } from './csv.js';
import { html } from './html.js';
import { summaryJson } from './json.js';
import { summaryMarkdown } from './markdown.js';
import { seeing } from './seen.js';

/**
 * The first lines, as many as the batch has counted. A walk that began again and then came less far leaves lines behind that it did
 * not count.
 */
async function* counted(lines: AsyncIterable<ReportLine>, total: number, see: (line: ReportLine) => void) {
  let left = total;
  if (left === 0) return;
  for await (const line of lines) {
    see(line);
    yield line;
    left -= 1;
    if (left === 0) return;
  }
}

/**
 * Writes all that a batch's report is beside its lines, in flat memory and one pass over the lines. May be repeated.
 *
 * @throws BatchStoreError
 */
export const writeSummaries = async (
  store: BatchStore,
  { request, result }: Pick<ReportInput, 'request' | 'result'>,
): Promise<void> => {
  const { batch, total } = result;
  const { line, badLine, outcome, seen } = seeing();
  await store.write(batch, 'report.csv', csv(counted(store.readLines(batch), total, line)));
  for await (const bad of store.readBadLines(batch)) badLine(bad);
  for await (const ended of store.readOutcomes(batch)) outcome(ended);
  const input = { request, result, seen: seen() };
  await store.write(batch, 'summary.json', summaryJson(input));
  await store.write(batch, 'summary.md', summaryMarkdown(input));
  await store.write(batch, 'report.html', html(input));
};
