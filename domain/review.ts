import { CHECK_NAMES, type CheckName } from './checks.js';
import type { State } from './state.js';

/** The checks that a decision about `check` (or, without one, about everything under review) speaks of. */
export const underReview = (state: State, check?: CheckName): readonly CheckName[] =>
  CHECK_NAMES.filter((name) => state.checks[name].status === 'inReview' && (check === undefined || check === name));

/** True while people have to decide something: a check, or the registration as a whole. */
export const awaitsReview = (state: State): boolean => {
  const { progress, approvedBy } = state;
  return (
    progress.phase === 'validating' &&
    (underReview(state).length > 0 || (progress.registration.standing === 'needsReview' && approvedBy === undefined))
  );
};
