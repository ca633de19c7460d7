import { metricMeter } from '@temporalio/activity';
import { addResult } from '../../domain/revalidation/counts.js';
import type { ReportLine } from '../../domain/revalidation/lines.js';
import type { ScanProgress } from '../../domain/revalidation/progress.js';
import { SECOND_MS } from '../../shared/time.js';
import type { EntryResult } from './audit.js';
import type { BatchStore } from './files/store.js';
import type { SourcePage } from './source-page.js';

const countLines = (lines: readonly ReportLine[]): void => {
  const counter = metricMeter.createCounter(
    'onboarding_batch_registrations',
    'registration',
    'Registrations that batches have processed, by result',
  );
  for (const { result } of lines) counter.add(1, { result });
};

const WRITE_EVERY_MS = 2 * SECOND_MS;

/**
 * The progress of a chunk. Registrations are processed concurrently. Results without a gap before them are written to
 * the report together, and only the `written` ones count as progress of the batch.
 */
export class ChunkProgress {
  readonly #batch: string;
  readonly #store: BatchStore;
  #written: ScanProgress;
  #page: SourcePage | undefined;
  #results = new Map<number, { readonly result: EntryResult; readonly credits: number }>();
  #next = 0;
  #nextBad = 0;
  #credits: number;
  #writtenAt = performance.now();
  #writing: Promise<void> = Promise.resolve();

  constructor(batch: string, from: ScanProgress, store: BatchStore) {
    this.#batch = batch;
    this.#written = from;
    this.#store = store;
    this.#credits = from.counts.credits;
  }

  get written(): ScanProgress {
    return this.#written;
  }

  /** The credits of all results, including those that are not written yet. */
  get credits(): number {
    return this.#credits;
  }

  /** True if every entry of the page has a result. */
  get isPageComplete(): boolean {
    return this.#page === undefined || this.#results.size === this.#page.entries.length - this.#next;
  }

  startPage(page: SourcePage): void {
    this.#page = page;
    this.#results = new Map();
    this.#next = 0;
    this.#nextBad = 0;
  }

  /** Records the result of the page's entry with this index. */
  record(index: number, result: EntryResult, credits: number): void {
    this.#results.set(index, { result, credits });
    this.#credits += credits;
  }

  async flushIfDue(): Promise<void> {
    if (performance.now() - this.#writtenAt >= WRITE_EVERY_MS) await this.flush();
  }

  /**
   * Writes the results without a gap before them. Calls run one after the other; after a failure, all later calls fail.
   */
  flush(): Promise<void> {
    this.#writtenAt = performance.now();
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    const page = this.#page;
    if (page === undefined) return;
    const lines: ReportLine[] = [];
    let { counts, position } = this.#written;
    let index = this.#next;
    for (; ; index += 1) {
      const [entry, done] = [page.entries[index], this.#results.get(index)];
      if (entry === undefined || done === undefined) break;
      lines.push({ ordinal: entry.after.taken, appRegistrationId: entry.appRegistrationId, ...done.result });
      counts = addResult(counts, done.result.result, done.credits);
      position = entry.after;
    }
    const isWhole = index === page.entries.length;
    const upTo = isWhole ? Number.POSITIVE_INFINITY : (position.line ?? 0);
    // A chunk that continues from the position does not read the lines before it again.
    const bad = page.bad.slice(this.#nextBad).filter(({ line }) => line <= upTo);
    const [first] = lines;
    const [firstBad] = bad;
    if (first !== undefined) await this.#store.writeLines(this.#batch, first.ordinal, lines);
    countLines(lines);
    if (firstBad !== undefined) await this.#store.writeBadLines(this.#batch, firstBad.line, bad);
    counts = { ...counts, badLines: counts.badLines + bad.length };
    for (let written = this.#next; written < index; written += 1) this.#results.delete(written);
    this.#next = index;
    this.#nextBad += bad.length;
    if (isWhole) this.#page = undefined;
    this.#written = { counts, position: isWhole ? page.after : position, of: page.of, at: Date.now() };
  }
}
