import { metricMeter } from '@temporalio/activity';
import { counted } from '../../domain/revalidation/counts.js';
import type { ReportLine } from '../../domain/revalidation/lines.js';
import type { Walked } from '../../domain/revalidation/progress.js';
import { SECOND_MS } from '../../shared/time.js';
import type { Taken } from './audit.js';
import type { BatchStore } from './files/store.js';
import type { Stretch } from './sources.js';

/** Counts what has been written, among the worker's metrics. What is done again after a crash counts again. */
const countLines = (lines: readonly ReportLine[]): void => {
  const counter = metricMeter.createCounter(
    'onboarding_batch_registrations',
    'registration',
    'Registrations that batches have taken, by what they came to',
  );
  for (const { result } of lines) counter.add(1, { result });
};

const WRITE_EVERY_MS = 2 * SECOND_MS;

/**
 * How far a leg is. Registrations are taken side by side; those that are done without a gap before them are written to the report
 * together, and what has been `written` is what the batch has come to.
 */
export class Progress {
  readonly #batch: string;
  readonly #store: BatchStore;
  #written: Walked;
  #stretch: Stretch | undefined;
  #taken = new Map<number, { readonly taken: Taken; readonly credits: number }>();
  #next = 0;
  #nextBad = 0;
  #credits: number;
  #writtenAt = performance.now();
  #writing: Promise<void> = Promise.resolve();

  constructor(batch: string, from: Walked, store: BatchStore) {
    this.#batch = batch;
    this.#written = from;
    this.#store = store;
    this.#credits = from.counts.credits;
  }

  get written(): Walked {
    return this.#written;
  }

  /** With those that are not written yet. */
  get credits(): number {
    return this.#credits;
  }

  /** The whole stretch has been taken. */
  get isThrough(): boolean {
    // What has been written as a whole is put away.
    return this.#stretch === undefined || this.#taken.size === this.#stretch.registrations.length - this.#next;
  }

  begin(stretch: Stretch): void {
    this.#stretch = stretch;
    this.#taken = new Map();
    this.#next = 0;
    this.#nextBad = 0;
  }

  /** The registration with this index in the stretch has come to something. */
  took(index: number, taken: Taken, credits: number): void {
    this.#taken.set(index, { taken, credits });
    this.#credits += credits;
  }

  async flushIfDue(): Promise<void> {
    if (performance.now() - this.#writtenAt >= WRITE_EVERY_MS) await this.flush();
  }

  /** Writes what is done without a gap before it. One after the other, whoever calls; when one has failed, all fail. */
  flush(): Promise<void> {
    this.#writtenAt = performance.now();
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    const stretch = this.#stretch;
    if (stretch === undefined) return;
    const lines: ReportLine[] = [];
    let { counts, position } = this.#written;
    let index = this.#next;
    for (; ; index += 1) {
      const [sourced, done] = [stretch.registrations[index], this.#taken.get(index)];
      if (sourced === undefined || done === undefined) break;
      lines.push({ ordinal: sourced.after.taken, appRegistrationId: sourced.appRegistrationId, ...done.taken });
      counts = counted(counts, done.taken.result, done.credits);
      position = sourced.after;
    }
    const isWhole = index === stretch.registrations.length;
    const upTo = isWhole ? Number.POSITIVE_INFINITY : (position.line ?? 0);
    // Whoever goes on from the position reads none of the lines before it.
    const bad = stretch.bad.slice(this.#nextBad).filter(({ line }) => line <= upTo);
    const [first] = lines;
    const [firstBad] = bad;
    if (first !== undefined) await this.#store.writeLines(this.#batch, first.ordinal, lines);
    countLines(lines);
    if (firstBad !== undefined) await this.#store.writeBadLines(this.#batch, firstBad.line, bad);
    counts = { ...counts, badLines: counts.badLines + bad.length };
    for (let taken = this.#next; taken < index; taken += 1) this.#taken.delete(taken);
    this.#next = index;
    this.#nextBad += bad.length;
    if (isWhole) this.#stretch = undefined;
    this.#written = { counts, position: isWhole ? stretch.after : position, of: stretch.of, at: Date.now() };
  }
}
