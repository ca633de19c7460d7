import type { EpochMs } from '../shared/time.js';

/** How an onboarding can end in Temporal without an outcome. Read by code, documents and tests alike. */
export const STOPS = {
  failed: 'It failed, without an outcome.',
  cancelled: 'It was cancelled in Temporal, without an outcome.',
  terminated: 'It was terminated in Temporal, without an outcome.',
  timedOut: 'Its time in Temporal was up, without an outcome.',
} as const;

export type Stop = keyof typeof STOPS;

/** The end of an onboarding that has no outcome. */
export interface Stopped {
  readonly how: Stop;
  readonly at: EpochMs;
  /** The type of the failure, where it failed. */
  readonly failure?: string;
}
