import * as t from 'io-ts';
import { closed, documented, textUpTo } from '../shared/decoding.js';
import { CHECK_NAMES, type CheckName } from './checks.js';
import { CheckNameCodec } from './request.js';
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

/** A decision about what is under review, as people make it. */
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
      check: documented(CheckNameCodec, { description: 'The check that is decided; without it, all under review.' }),
      note: textUpTo(2000),
    }),
  ]),
);
