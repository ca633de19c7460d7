import type { OnboardingCounts } from '../domain/revalidation/counts.js';
import type { ScanProgress } from '../domain/revalidation/progress.js';
import type { BatchRequest } from '../domain/revalidation/request.js';
import type { BatchResult } from './revalidation.js';

export interface ScanInput {
  readonly batch: string;
  readonly request: BatchRequest;
  readonly from: ScanProgress;
  readonly callsPerSecond: number;
  /** The batch's start in ms since the Unix epoch. Absent in chunks that an earlier version scheduled. */
  readonly startedAt?: number;
}

/** The progress after a chunk, and the reason for its end: end of source, time limit, cancellation or budget. */
export interface ScanOutcome {
  readonly scan: ScanProgress;
  readonly why: 'done' | 'time' | 'stopped' | 'budget';
}

/**
 * The type of an activity's failure if the folder of batches cannot be read or written. The batch shows the message and
 * repeats the activity. The details of a chunk's failure are its progress.
 */
export const FOLDER_UNAVAILABLE = 'FolderUnavailable';

/** Selects the onboardings of a batch. Visibility may not list the latest yet. */
export interface StartedOnboardings {
  readonly batch: string;
  /** The least number of onboardings to expect, as the batch counted them. */
  readonly started: number;
}

/**
 * The activities of a batch. All can be retried: a chunk resumes from its last heartbeat, and repeated work has no
 * second effect.
 */
export type BatchActivities = {
  /**
   * Scans a chunk of the source for at most a minute. Heartbeats its progress, and returns it when cancelled.
   *
   * @throws ApplicationFailure `FolderUnavailable`; `SourceUnreadable` if the source file is missing or invalid.
   */
  scanBatch(input: ScanInput): Promise<ScanOutcome>;
  /** Waits until no onboarding of the batch runs, and returns the counts by outcome. Heartbeats the counts. */
  awaitOnboardings(input: StartedOnboardings): Promise<OnboardingCounts>;
  countOnboardings(input: { readonly batch: string }): Promise<OnboardingCounts>;
  /** Withdraws the batch's onboardings until none runs. Returns how many were withdrawn. */
  withdrawOnboardings(input: StartedOnboardings): Promise<number>;
  /** Writes the summaries next to the report's lines. @throws ApplicationFailure `FolderUnavailable` */
  writeSummary(input: { readonly request: BatchRequest; readonly result: BatchResult }): Promise<void>;
};
