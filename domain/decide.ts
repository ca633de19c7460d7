import type { EpochMs } from '../shared/time.js';
import { CHECK_NAMES, type CheckName } from './checks.js';
import { type Decision, REASONS, type ReasonCode } from './outcomes.js';
import { POLICY_VERSION, READ_GAP_MS } from './policy.js';
import { isThrough, reconcileAt } from './reads.js';
import { awaitsReview } from './review.js';
import { claimedStandings } from './standing-reports.js';
import { isRequired, type RegisterReason, type Registration, type State } from './state.js';
import { isLive } from './token.js';

/** What is to be done next. `wait` ends earlier when an event comes in. */
export type NextStep =
  | {
      readonly step: 'register';
      readonly why: RegisterReason;
      /** The registration that the vendor should already have for this applicant. */
      readonly formerRegistrationId?: string;
      /** The contact is not the one that the former registration was made with. */
      readonly contactChanged: boolean;
    }
  | { readonly step: 'renewToken'; readonly appRegistrationId: string }
  | {
      readonly step: 'readVendor';
      readonly appRegistrationId: string;
      readonly why: ReadReason;
    }
  | {
      readonly step: 'finalise';
      readonly appRegistrationId: string;
      readonly token: string;
      readonly as: 'completed' | 'completedWithoutKyc';
    }
  | { readonly step: 'remind'; readonly appRegistrationId: string }
  | { readonly step: 'wait'; readonly until: EpochMs }
  | { readonly step: 'finish'; readonly decision: Decision };

export type ReadReason = 'confirm' | 'reconcile' | 'finalRead';

const finish = (
  state: State,
  now: EpochMs,
  reason: ReasonCode,
  extra: { check?: CheckName; reviewer?: string } = {},
): NextStep => {
  const { outcome, sentence } = REASONS[reason];
  const { verifiedForMs } = state.policy;
  const validUntil = outcome === 'verified' && verifiedForMs !== undefined ? { validUntil: now + verifiedForMs } : {};
  const decision: Decision = {
    outcome,
    reason,
    sentence,
    decidedAt: now,
    policyVersion: POLICY_VERSION,
    ...extra,
    ...validUntil,
  };
  return { step: 'finish', decision };
};

/** The first check whose failed validations have used up its attempts. */
const exhausted = (state: State): CheckName | undefined =>
  CHECK_NAMES.find((name) => {
    const check = state.checks[name];
    return (
      isRequired(check) &&
      check.status === 'failed' &&
      check.failedValidations.length >= state.policy.attemptLimits[name]
    );
  });

/** True where the claims, if they hold, change what is decided or shown as settled: only then is a read worth its cost. */
const claimsMatter = (state: State): boolean => {
  const checks = CHECK_NAMES.map((name) => state.checks[name]).filter(isRequired);
  const claims = checks.flatMap((check) => check.claims);
  const bad = claims.some(({ result }) => result !== 'passed');
  const allWouldPass = checks.every(
    (check) => check.status === 'passed' || check.claims.some(({ result }) => result === 'passed'),
  );
  return bad || (claims.length > 0 && allWouldPass);
};

/** Everything has passed by the vendor's word, and nothing is left to people: what remains is to close the registration. */
const isClosing = (state: State): boolean => isThrough(state) && !awaitsReview(state);

/** True where what is claimed of the registration as a whole tells something new. While it is being closed, only what stands against that. */
const standingsMatter = (state: State): boolean => {
  const claimed = claimedStandings(state);
  return isClosing(state)
    ? claimed.some((standing) => standing === 'failed' || standing === 'needsReview')
    : claimed.length > 0;
};

const reviewerOf = (state: State): string | undefined =>
  state.approvedBy ??
  CHECK_NAMES.map((name) => state.checks[name]).flatMap((check) =>
    check.status === 'passed' && check.approvedBy !== undefined ? [check.approvedBy] : [],
  )[0];

const verified = (state: State, now: EpochMs): NextStep => {
  const reviewer = reviewerOf(state);
  return reviewer === undefined
    ? finish(state, now, 'allChecksPassed')
    : finish(state, now, 'approvedByReviewer', { reviewer });
};

/** Every check has passed: the vendor is told so, unless it knows, or nothing is left to tell it with. */
const close = (state: State, registration: Registration, now: EpochMs): NextStep => {
  const { standing, token, appRegistrationId } = registration;
  const knows = standing === 'completed' || standing === 'completedWithoutKyc';
  if (knows || state.finaliseTried) return verified(state, now);
  if (isLive(token, now, 0)) {
    const kyc = isRequired(state.checks.document) || isRequired(state.checks.biometric);
    return {
      step: 'finalise',
      appRegistrationId,
      token: token.value,
      as: kyc ? 'completed' : 'completedWithoutKyc',
    };
  }
  // Recreating for a token would delete the very checks that are being closed; the read has settled them.
  return state.resendLinkAbsent ? verified(state, now) : { step: 'renewToken', appRegistrationId };
};

const register = (why: RegisterReason, former: Registration | undefined, contactChanged = false): NextStep => ({
  step: 'register',
  why,
  contactChanged,
  ...(former === undefined ? {} : { formerRegistrationId: former.appRegistrationId }),
});

const read = (state: State, { appRegistrationId }: Registration, why: ReadReason, now: EpochMs): NextStep => {
  const mayReadAt = (state.readTriedAt ?? 0) + READ_GAP_MS;
  return now < mayReadAt ? { step: 'wait', until: mayReadAt } : { step: 'readVendor', appRegistrationId, why };
};

/** True while the applicant has something to do that a reminder could bring about. */
export const awaitsApplicant = (state: State): boolean =>
  state.progress.phase === 'validating' &&
  CHECK_NAMES.some((name) => {
    const check = state.checks[name];
    return (check.status === 'pending' || check.status === 'failed') && check.claims.length === 0;
  });

const mayRemind = (state: State): boolean =>
  !state.resendLinkAbsent && state.reminders.sent < state.policy.reminders.max && awaitsApplicant(state);

/** The outcome that the vendor's word has settled already. */
const settled = (state: State, { standing, readAt }: Registration, now: EpochMs): NextStep | undefined => {
  if (readAt !== undefined && standing === 'failed') return finish(state, now, 'failedAtVendor');
  const check = exhausted(state);
  return check === undefined ? undefined : finish(state, now, 'attemptsExhausted', { check });
};

/** What was reported during the last look is worth one more, and only one: reports cannot put off the end for ever. */
const mayConfirm = ({ readTriedAt = 0, deadline }: State): boolean => readTriedAt < deadline + READ_GAP_MS;

/** What leads towards the end: a read that can change the decision, closing what has passed, the deadline. */
const towardsTheEnd = (state: State, registration: Registration, now: EpochMs): NextStep | undefined => {
  const claimed = claimsMatter(state) || standingsMatter(state);
  if (state.readOwed || (claimed && mayConfirm(state))) return read(state, registration, 'confirm', now);
  if (isClosing(state)) return close(state, registration, now);
  if (now < state.deadline) return undefined;
  return (state.readTriedAt ?? 0) < state.deadline
    ? { step: 'readVendor', appRegistrationId: registration.appRegistrationId, why: 'finalRead' }
    : finish(state, now, 'deadlinePassed');
};

/** What keeps the onboarding going meanwhile: a token for who wants one, the slow reconcile, reminders, and waiting. */
const meanwhile = (state: State, registration: Registration, now: EpochMs): NextStep => {
  const { token, appRegistrationId } = registration;
  if (state.tokenWanted && !isLive(token, now))
    return state.resendLinkAbsent ? register('tokenLost', registration) : { step: 'renewToken', appRegistrationId };
  if (now >= reconcileAt(state)) return read(state, registration, 'reconcile', now);
  const remindAt = mayRemind(state) ? state.reminders.nextAt : state.deadline;
  return now >= remindAt
    ? { step: 'remind', appRegistrationId }
    : { step: 'wait', until: Math.min(state.deadline, reconcileAt(state), remindAt) };
};

/**
 * What to do next. Total, and it always comes to an end: whatever the vendor answers, each step either changes the state or
 * gives way to a wait, no wait lasts past the deadline, and at the deadline there is one last read and then an outcome.
 */
export const decide = (state: State, now: EpochMs): NextStep => {
  const { progress, ending } = state;
  if (progress.phase === 'ended') return { step: 'finish', decision: progress.decision };
  if (ending !== undefined) {
    const { reason, ...extra } = ending;
    return finish(state, now, reason, extra);
  }
  if (progress.phase === 'registering')
    return now >= state.deadline
      ? finish(state, now, 'deadlinePassed')
      : register(progress.why, progress.former, progress.formerContact !== undefined);
  const { registration } = progress;
  return (
    settled(state, registration, now) ?? towardsTheEnd(state, registration, now) ?? meanwhile(state, registration, now)
  );
};
