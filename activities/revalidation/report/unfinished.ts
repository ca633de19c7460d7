import { addResult, type BatchCounts, isCharged, NO_COUNTS } from '../../../domain/revalidation/counts.js';
import type { ReportLine } from '../../../domain/revalidation/lines.js';
import { type BatchRequest, costOfOne } from '../../../domain/revalidation/request.js';
import type { BatchStore, SummaryName } from '../files/store.js';
import type { UnfinishedResult } from './contents.js';
import { csv, unfinishedRow } from './csv.js';
import { collectHighlights } from './highlights.js';
import { html } from './html.js';
import { summaryJson, summaryMarkdown } from './summary.js';

/** A batch without a final report. Its counts are computed from its lines. */
export interface UnfinishedBatch {
  readonly request: BatchRequest;
  readonly state: Omit<UnfinishedResult, keyof BatchCounts>;
}

const RENDERERS = { 'summary.json': summaryJson, 'summary.md': summaryMarkdown, 'report.html': html } as const;

const counter = (request: BatchRequest) => {
  const cost = request.mode === 'reverify' ? costOfOne(request) : 0;
  let counts = NO_COUNTS;
  return {
    line: ({ result }: ReportLine) => {
      counts = addResult(counts, result, isCharged(result) ? cost : 0);
    },
    badLine: () => {
      counts = { ...counts, badLines: counts.badLines + 1 };
    },
    counts: (): BatchCounts => counts,
  };
};

async function* observed(lines: AsyncIterable<ReportLine>, onLine: (line: ReportLine) => void) {
  for await (const line of lines) {
    onLine(line);
    yield line;
  }
}

/** Streams a report of the lines that a batch has written so far, marked as unfinished. @throws BatchStoreError */
export async function* unfinishedReport(
  store: Pick<BatchStore, 'readLines' | 'readBadLines'>,
  { request, state }: UnfinishedBatch,
  name: SummaryName,
): AsyncGenerator<string, void, undefined> {
  const { batch } = state;
  const counts = counter(request);
  const lines = observed(store.readLines(batch), counts.line);
  if (name === 'report.csv') {
    yield* csv(lines);
    yield unfinishedRow({ ...state, ...counts.counts() });
    return;
  }
  const collector = collectHighlights();
  for await (const line of lines) collector.line(line);
  for await (const bad of store.readBadLines(batch)) {
    counts.badLine();
    collector.badLine(bad);
  }
  const result = { ...state, ...counts.counts() };
  yield RENDERERS[name]({ request, result, highlights: collector.highlights() });
}
