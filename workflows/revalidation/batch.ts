import type {
  BatchProgress,
  BatchResult,
  BatchStatus,
  CancelArgs,
  RevalidationCarried,
} from '../../contract/revalidation.js';
import type { ScanInput, ScanOutcome } from '../../contract/revalidation-activities.js';
import { NO_COUNTS, type OnboardingCounts } from '../../domain/revalidation/counts.js';
import { AT_THE_START, type ScanProgress } from '../../domain/revalidation/progress.js';
import type { BatchRequest } from '../../domain/revalidation/request.js';

const NOT_SCANNED: ScanProgress = { position: AT_THE_START, counts: NO_COUNTS };

/** The state of a batch's run: its progress, and the operators' requests. */
export class Batch {
  readonly #id: string;
  readonly #request: BatchRequest;
  readonly #onChange: (batch: Batch) => void;
  readonly #startedAt: number;
  #scan: ScanProgress;
  #rate: number;
  #paused: boolean;
  #scanned = false;
  #closing = false;
  #cancelled: CancelArgs | undefined;
  #budgetSpent = false;
  #problem: string | undefined;
  #status: BatchStatus;
  #interruptions = 0;
  #baseline: { since: number; takenBefore: number };

  /** `onChange` is called whenever the progress may have changed. */
  constructor(
    id: string,
    request: BatchRequest,
    carried: RevalidationCarried | undefined,
    onChange: (batch: Batch) => void,
  ) {
    this.#id = id;
    this.#request = request;
    this.#onChange = onChange;
    this.#startedAt = carried?.startedAt ?? Date.now();
    this.#scan = carried?.scan ?? NOT_SCANNED;
    this.#rate = carried?.callsPerSecond ?? request.callsPerSecond;
    this.#paused = carried?.paused ?? false;
    this.#status = this.#paused ? 'paused' : 'scanning';
    this.#baseline = this.#baselineNow();
  }

  get progress(): BatchProgress {
    const scanning = this.#status === 'scanning';
    return {
      batch: this.#id,
      request: this.#request,
      status: this.#status,
      callsPerSecond: this.#rate,
      startedAt: this.#startedAt,
      scan: this.#scan,
      ...(scanning ? { pace: this.#baseline, activity: 'scanBatch' } : {}),
      ...(this.#status === 'waiting' ? { activity: 'awaitOnboardings' } : {}),
      ...this.#stop,
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
  }

  get carried(): RevalidationCarried {
    return {
      scan: this.#scan,
      callsPerSecond: this.#rate,
      paused: this.#paused,
      startedAt: this.#startedAt,
    };
  }

  get nextChunk(): ScanInput {
    return {
      batch: this.#id,
      request: this.#request,
      from: this.#scan,
      callsPerSecond: this.#rate,
      startedAt: this.#startedAt,
    };
  }

  /** The number of operators' requests so far, each of which ends the current chunk. */
  get interruptions(): number {
    return this.#interruptions;
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  /** True if the scan is at the end of its source or of its budget, or cancelled. */
  get isScanOver(): boolean {
    return this.#scanned || this.#cancelled !== undefined;
  }

  get cancelled(): CancelArgs | undefined {
    return this.#cancelled;
  }

  pause(): void {
    if (!this.#paused && !this.isScanOver) this.#interrupt(() => this.#setPaused(true));
  }

  resume(): void {
    if (this.#paused && !this.isScanOver) this.#interrupt(() => this.#setPaused(false));
  }

  changeRate(callsPerSecond: number): void {
    if (callsPerSecond === this.#rate) return;
    this.#interrupt(() => {
      this.#rate = callsPerSecond;
      this.#baseline = this.#baselineNow();
    });
  }

  /** A signal sent by hand may have any argument: only the exact word withdraws onboardings. */
  cancel(args: Partial<CancelArgs> | undefined): void {
    if (this.#cancelled !== undefined || (this.#closing && this.#problem === undefined)) return;
    this.#interrupt(() => {
      this.#cancelled = { onboardings: args?.onboardings === 'withdraw' ? 'withdraw' : 'keep' };
    });
  }

  recordChunk({ scan, why }: ScanOutcome, problem?: string): void {
    this.#scan = scan;
    this.#problem = problem;
    this.#scanned = why === 'done' || why === 'budget';
    this.#budgetSpent ||= why === 'budget';
    this.#onChange(this);
  }

  setStatus(status: BatchStatus): void {
    this.#status = status;
    this.#onChange(this);
  }

  /** Sets or removes the reason for which the report cannot be written. */
  setProblem(problem: string | undefined): void {
    this.#problem = problem;
    this.#onChange(this);
  }

  /** Returns the result. The batch ignores cancellations from then on, unless its report cannot be written. */
  close(onboardings: OnboardingCounts | undefined): BatchResult {
    this.#closing = true;
    const { mode, dryRun } = this.#request;
    const { counts, position, of } = this.#scan;
    return {
      ...counts,
      batch: this.#id,
      mode,
      dryRun,
      ...(onboardings === undefined ? {} : { onboardings }),
      ...this.#stop,
      ...(this.#stop.stopped === undefined || of === undefined
        ? {}
        : { unprocessed: Math.max(of - position.taken, 0) }),
      startedAt: this.#startedAt,
      endedAt: Date.now(),
    };
  }

  get #stop(): Pick<BatchResult, 'stopped' | 'budgetSpent'> {
    const stopped = this.#cancelled === undefined ? (this.#budgetSpent ? 'budget' : undefined) : 'cancelled';
    return { ...(stopped && { stopped }), ...(this.#budgetSpent && { budgetSpent: true }) };
  }

  #setPaused(paused: boolean): void {
    this.#paused = paused;
    this.#status = paused ? 'paused' : 'scanning';
    this.#baseline = this.#baselineNow();
  }

  #baselineNow(): { since: number; takenBefore: number } {
    return { since: Date.now(), takenBefore: this.#scan.position.taken };
  }

  #interrupt(change: () => void): void {
    change();
    this.#interruptions += 1;
    this.#onChange(this);
  }
}
