import * as t from 'io-ts';
import { closed, documented, textUpTo } from '../shared/decoding.js';
import { CHECK_NAMES, type CheckName } from './checks.js';
import { CheckNameCodec } from './request.js';
import type { State } from './state.js';

/** Returns the checks under review, or only `check` if it is one of them. */
export const underReview = (state: State, check?: CheckName): readonly CheckName[] =>
  CHECK_NAMES.filter((name) => state.checks[name].status === 'inReview' && (check === undefined || check === name));

/** True if a check, or the registration as a whole, awaits a reviewer's decision. */
export const awaitsReview = (state: State): boolean => {
  const { progress, approvedBy } = state;
  return (
    progress.phase === 'validating' &&
    (underReview(state).length > 0 || (progress.registration.status === 'needsReview' && approvedBy === undefined))
  );
};

export const ReviewFields = closed(
  t.intersection([
    t.type({
      decision: t.keyof({ approve: null, reject: null }, 'approve or reject'),
      reviewer: documented(textUpTo(200), {
        description: "The reviewer's id in your own system. Never a name: everyone who may see the onboarding sees it.",
        examples: ['reviewer-7'],
      }),
    }),
    t.partial({
      check: documented(CheckNameCodec, { description: 'The check to decide; by default everything under review.' }),
      note: textUpTo(2000),
    }),
  ]),
);
