import type {
  BatchProgress,
  BatchResult,
  BatchStatus,
  CancelArgs,
  RevalidationCarried,
  StopReason,
} from '../../contract/revalidation.js';
import type { WalkInput, WalkOutcome } from '../../contract/revalidation-activities.js';
import { type BatchCounts, NO_COUNTS, type OnboardingCounts } from '../../domain/revalidation/counts.js';
import { AT_THE_START, type Walked } from '../../domain/revalidation/progress.js';
import type { BatchRequest } from '../../domain/revalidation/request.js';

const NOT_WALKED: Walked = { position: AT_THE_START, counts: NO_COUNTS };

/** The one thing in a batch's run that changes: how far it is, and what it was told. */
export class Batch {
  readonly #id: string;
  readonly #request: BatchRequest;
  readonly #onChange: (batch: Batch) => void;
  readonly #startedAt: number;
  #walked: Walked;
  #rate: number;
  #paused: boolean;
  #done = false;
  #closing = false;
  #cancelled: CancelArgs | undefined;
  #stopped: StopReason | undefined;
  #status: BatchStatus;
  #changes = 0;
  #pace: { since: number; takenBefore: number };

  /** `onChange` is told whenever the progress may have changed. */
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
    this.#walked = carried?.walked ?? NOT_WALKED;
    this.#rate = carried?.callsPerSecond ?? request.callsPerSecond;
    this.#paused = carried?.paused ?? false;
    this.#status = this.#paused ? 'paused' : 'walking';
    this.#pace = this.#paceFromNow();
  }

  get progress(): BatchProgress {
    const walking = this.#status === 'walking';
    return {
      batch: this.#id,
      request: this.#request,
      status: this.#status,
      callsPerSecond: this.#rate,
      startedAt: this.#startedAt,
      walked: this.#walked,
      ...(walking ? { pace: this.#pace, activity: 'walkBatch' } : {}),
      ...(this.#status === 'waiting' ? { activity: 'awaitOnboardings' } : {}),
      ...(this.#stopped === undefined ? {} : { stopped: this.#stopped }),
    };
  }

  get carried(): RevalidationCarried {
    return {
      walked: this.#walked,
      callsPerSecond: this.#rate,
      paused: this.#paused,
      startedAt: this.#startedAt,
    };
  }

  get nextLeg(): WalkInput {
    return {
      batch: this.#id,
      request: this.#request,
      from: this.#walked,
      callsPerSecond: this.#rate,
      startedAt: this.#startedAt,
    };
  }

  /** Grows with everything that a leg under way is to end for. */
  get changes(): number {
    return this.#changes;
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  /** The walk is: at the source's end, at the budget's, or cancelled. */
  get isOver(): boolean {
    return this.#done || this.#cancelled !== undefined;
  }

  get cancelled(): CancelArgs | undefined {
    return this.#cancelled;
  }

  pause(): void {
    if (!this.#paused && !this.isOver) this.#change(() => this.#setPaused(true));
  }

  resume(): void {
    if (this.#paused && !this.isOver) this.#change(() => this.#setPaused(false));
  }

  changeRate(callsPerSecond: number): void {
    if (callsPerSecond === this.#rate) return;
    this.#change(() => {
      this.#rate = callsPerSecond;
      this.#pace = this.#paceFromNow();
    });
  }

  /** What people send by hand may be anything: onboardings are withdrawn by the word alone. */
  cancel(args: Partial<CancelArgs> | undefined): void {
    if (this.#cancelled !== undefined || this.#closing) return;
    this.#change(() => {
      this.#cancelled = { onboardings: args?.onboardings === 'withdraw' ? 'withdraw' : 'keep' };
      this.#stopped = 'cancelled';
    });
  }

  legEnded({ walked, why }: WalkOutcome): void {
    this.#walked = walked;
    this.#done = why === 'done' || why === 'budget';
    if (why === 'budget') this.#stopped ??= 'budget';
    this.#onChange(this);
  }

  enter(status: BatchStatus): void {
    this.#status = status;
    this.#onChange(this);
  }

  /** What it has come to, for good: nothing changes it afterwards. */
  close(onboardings: OnboardingCounts | undefined): BatchResult {
    this.#closing = true;
    const counts: BatchCounts = this.#walked.counts;
    const { mode, dryRun } = this.#request;
    return {
      ...counts,
      batch: this.#id,
      mode,
      dryRun,
      ...(onboardings === undefined ? {} : { onboardings }),
      ...(this.#stopped === undefined ? {} : { stopped: this.#stopped }),
      startedAt: this.#startedAt,
      endedAt: Date.now(),
    };
  }

  #setPaused(paused: boolean): void {
    this.#paused = paused;
    this.#status = paused ? 'paused' : 'walking';
    this.#pace = this.#paceFromNow();
  }

  #paceFromNow(): { since: number; takenBefore: number } {
    return { since: Date.now(), takenBefore: this.#walked.position.taken };
  }

  #change(change: () => void): void {
    change();
    this.#changes += 1;
    this.#onChange(this);
  }
}
