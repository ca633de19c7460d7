import type { OnboardingCounts } from '../domain/revalidation/counts.js';
import type { Walked } from '../domain/revalidation/progress.js';
import type { BatchRequest } from '../domain/revalidation/request.js';
import type { BatchResult } from './revalidation.js';

export interface WalkInput {
  readonly batch: string;
  readonly request: BatchRequest;
  readonly from: Walked;
  /** How many calls a second this batch may make. */
  readonly callsPerSecond: number;
  /** When the batch was begun, in ms since the Unix epoch. Absent of legs that an earlier version has scheduled. */
  readonly startedAt?: number;
}

/** How far a leg has come, and why it ended: the source is done, the leg's time is up, it was told to stop, or the budget is spent. */
export interface WalkOutcome {
  readonly walked: Walked;
  readonly why: 'done' | 'time' | 'stopped' | 'budget';
}

/** The onboardings of a batch. Temporal's visibility may not list yet what was begun just now. */
export interface BegunOnboardings {
  readonly batch: string;
  /** How many there are at least, as far as the batch knows. */
  readonly begun: number;
}

/**
 * What a batch asks of the outside world. Each may be repeated: a leg goes on from what it heartbeated last, and what it does again
 * has no second effect.
 */
export type BatchActivities = {
  /** Walks a leg of the source, at most a minute long. Heartbeats the `Walked` it has come to. Cancelled, it answers with how far it is. */
  walkBatch(input: WalkInput): Promise<WalkOutcome>;
  /** Waits until none of the onboardings of the batch is running, and answers with how they ended. Heartbeats the counts. */
  awaitOnboardings(input: BegunOnboardings): Promise<OnboardingCounts>;
  /** How the onboardings of the batch stand now. */
  countOnboardings(input: { readonly batch: string }): Promise<OnboardingCounts>;
  /** Withdraws the onboardings of the batch, until none is running. Answers with how many were told so. */
  withdrawOnboardings(input: BegunOnboardings): Promise<number>;
  /** Writes the summaries of the report beside its lines. */
  writeSummary(input: { readonly request: BatchRequest; readonly result: BatchResult }): Promise<void>;
};
