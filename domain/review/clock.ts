import { DAY_MS, type EpochMs } from '../../shared/time.js';
import type { State } from '../state.js';
import type { Claim, OpenReview } from './records.js';
import { awaitsReview, isRepeating } from './state.js';

/** The least time for a check that was requested again, unless the policy gives less for everything. */
const LEAST_TIME_TO_REPEAT_MS = DAY_MS;

/** Returns the claim that is in force. */
export const claimAt = ({ review }: State, now: EpochMs): Claim | undefined =>
  review?.claim !== undefined && review.claim.until > now ? review.claim : undefined;

const escalatesAt = ({ policy }: State, { dueAt, escalated }: OpenReview): EpochMs =>
  escalated === true ? Number.POSITIVE_INFINITY : dueAt - policy.review.escalateBeforeMs;

/** Returns the time of the next escalation or end of a claim; infinity without one. */
export const reviewMomentAt = (state: State): EpochMs => {
  const { review } = state;
  if (review === undefined) return Number.POSITIVE_INFINITY;
  return Math.min(escalatesAt(state, review), review.claim?.until ?? Number.POSITIVE_INFINITY);
};

/**
 * Returns the time at which the onboarding ends if nobody acts: the deadline or, while a review is open, the end of the
 * review if the policy rejects then. Infinity while reviewers may take as long as they need.
 */
export const endsAt = ({ deadline, review, policy }: State): EpochMs => {
  if (review === undefined) return deadline;
  return policy.review.atDeadline === 'reject' ? review.dueAt : Number.POSITIVE_INFINITY;
};

/**
 * Returns the time until which a call to Verifik is retried before the next decision: the deadline or, while a review
 * is open, its next moment.
 */
export const callsUntil = (state: State): EpochMs =>
  state.review === undefined ? state.deadline : Math.min(reviewMomentAt(state), state.review.dueAt);

/** Marks the escalation and removes the claim if their times have come. */
export const reviewTimePassed = (state: State, at: EpochMs): State => {
  if (state.review === undefined) return state;
  const { claim, ...rest } = state.review;
  const review: OpenReview = {
    ...rest,
    ...(at >= escalatesAt(state, state.review) ? { escalated: true } : {}),
    ...(claim !== undefined && claim.until > at ? { claim } : {}),
  };
  return { ...state, review };
};

const opened = ({ policy }: State, at: EpochMs): OpenReview => ({ since: at, dueAt: at + policy.review.withinMs });

/** The deadline after a review of this duration, with time for checks that were requested again. */
const extendedDeadline = (state: State, reviewMs: number, at: EpochMs): EpochMs => {
  const extended = state.deadline + reviewMs;
  const leastMs = Math.min(state.policy.deadlineMs, LEAST_TIME_TO_REPEAT_MS);
  return isRepeating(state) ? Math.max(extended, at + leastMs) : extended;
};

/**
 * Opens the review that the state needs, or closes it. A review that closes extends the deadline by its duration. A
 * registration that is made again keeps its review until Verifik has answered.
 */
export const withReviewClock = (state: State, at: EpochMs): State => {
  const { review, ...rest } = state;
  if (state.progress.phase === 'ended') return state;
  if (awaitsReview(state)) return review === undefined ? { ...state, review: opened(state, at) } : state;
  if (review === undefined || state.progress.phase === 'registering') return state;
  return { ...rest, deadline: extendedDeadline(state, Math.max(at - review.since, 0), at) };
};
