import { costOfOne } from '../../../domain/revalidation/cost.js';
import { type BatchCounts, counted, isCharged, NO_COUNTS } from '../../../domain/revalidation/counts.js';
import type { ReportLine } from '../../../domain/revalidation/lines.js';
import type { BatchRequest } from '../../../domain/revalidation/request.js';
import type { BatchStore, SummaryName } from '../files/store.js';
import type { UnfinishedResult } from './contents.js';
import { csv, unfinishedRow } from './csv.js';
import { html } from './html.js';
import { summaryJson } from './json.js';
import { summaryMarkdown } from './markdown.js';
import { seeing } from './seen.js';

/** What is known of a batch that has no report yet, beside what it has written. */
export interface SoFar {
  readonly request: BatchRequest;
  /** How it stands; what it has come to is counted here. */
  readonly standing: Omit<UnfinishedResult, keyof BatchCounts>;
}

const WRITING = { 'summary.json': summaryJson, 'summary.md': summaryMarkdown, 'report.html': html } as const;

const counting = (request: BatchRequest) => {
  const cost = request.mode === 'reverify' ? costOfOne(request) : 0;
  let counts = NO_COUNTS;
  return {
    line: ({ result }: ReportLine) => {
      counts = counted(counts, result, isCharged(result) ? cost : 0);
    },
    badLine: () => {
      counts = { ...counts, badLines: counts.badLines + 1 };
    },
    counts: (): BatchCounts => counts,
  };
};

async function* watched(lines: AsyncIterable<ReportLine>, see: (line: ReportLine) => void) {
  for await (const line of lines) {
    see(line);
    yield line;
  }
}

/**
 * What the report of this name would be of what a batch has written so far, marked as unfinished: in flat memory, and nothing is kept.
 *
 * @throws BatchStoreError
 */
export async function* reportSoFar(
  store: Pick<BatchStore, 'readLines' | 'readBadLines'>,
  { request, standing }: SoFar,
  name: SummaryName,
): AsyncGenerator<string, void, undefined> {
  const { batch } = standing;
  const counts = counting(request);
  const lines = watched(store.readLines(batch), counts.line);
  if (name === 'report.csv') {
    yield* csv(lines);
    yield unfinishedRow({ ...standing, ...counts.counts() });
    return;
  }
  const seen = seeing();
  for await (const line of lines) seen.line(line);
  for await (const bad of store.readBadLines(batch)) {
    counts.badLine();
    seen.badLine(bad);
  }
  yield WRITING[name]({ request, result: { ...standing, ...counts.counts() }, seen: seen.seen() });
}
