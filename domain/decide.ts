import { defined } from '../shared/defined.js';
import type { EpochMs } from '../shared/time.js';
import { CHECK_NAMES, type CheckName } from './checks.js';
import { type Decision, REASONS, type ReasonCode } from './outcomes.js';
import { POLICY_VERSION, READ_GAP_MS } from './policy/policy.js';
import { awaitsComparison, pendingChecks, reportedStatuses, reportsOn } from './reports.js';
import { endsAt, reviewMomentAt } from './review/clock.js';
import type { VoidedValidation } from './review/records.js';
import { awaitsReview } from './review/state.js';
import { allChecksConfirmed, isLive, isRequired, type RegisterReason, type Registration, type State } from './state.js';
import { validityEnd } from './validity.js';
import { reconcileAt } from './vendor-read.js';

export type NextStep =
  | {
      readonly step: 'register';
      readonly why: RegisterReason;
      readonly formerRegistrationId?: string;
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
  | ({ readonly step: 'deleteValidation' } & VoidedValidation)
  | { readonly step: 'advanceReview' }
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
  const { policy, namedPolicy, flowVersion } = state;
  const validUntil = outcome === 'verified' ? validityEnd(state, now) : undefined;
  const decision: Decision = {
    outcome,
    reason,
    sentence,
    decidedAt: now,
    policyVersion: POLICY_VERSION,
    policy,
    ...namedPolicy,
    ...(flowVersion === undefined ? {} : { flowVersion }),
    ...extra,
    ...defined({ validUntil }),
  };
  return { step: 'finish', decision };
};

/** Finds the first check whose failed validations have reached the attempt limit. */
const exhausted = (state: State): CheckName | undefined =>
  CHECK_NAMES.find((name) => {
    const check = state.checks[name];
    const isApproved = check.status === 'passed' && check.approvedBy !== undefined;
    return isRequired(check) && !isApproved && check.failedValidations.length >= state.policy.attemptLimits[name];
  });

/**
 * True if the unconfirmed reports would change the decision or the shown status. Otherwise a read is not worth its
 * cost.
 */
const validationReportsMatter = (state: State): boolean => {
  const reports = CHECK_NAMES.flatMap((name) => reportsOn(state, name));
  const isBadNews = reports.some(({ result }) => result !== 'passed');
  return isBadNews || (reports.length > 0 && pendingChecks(state).length === 0);
};

/** True if only the registration remains to be completed at Verifik. */
const isClosing = (state: State): boolean =>
  allChecksConfirmed(state) && !awaitsReview(state) && state.closingHeld !== true;

/**
 * True if a report gives the registration a new status. While it is being completed, only a failure or a review counts.
 */
const registrationReportsMatter = (state: State): boolean => {
  const reported = reportedStatuses(state);
  return isClosing(state)
    ? reported.some((status) => status === 'failed' || status === 'needsReview')
    : reported.length > 0;
};

const reviewerOf = (state: State): string | undefined =>
  state.requiredApprovalBy ??
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

/** True if a report that no read has answered says that a check or the registration did not pass. */
const isDoubted = (state: State): boolean =>
  CHECK_NAMES.some((name) => reportsOn(state, name).some(({ result }) => result !== 'passed')) ||
  reportedStatuses(state).some((status) => status === 'failed' || status === 'needsReview');

/**
 * Completes the registration at Verifik, unless that is done already or no token can be obtained. Returns `undefined`
 * while Verifik's page has yet to do so.
 */
const finalise = (state: State, registration: Registration, now: EpochMs): NextStep | undefined => {
  const { status, token, appRegistrationId } = registration;
  const isFinalised = status === 'completed' || status === 'completedWithoutKyc';
  if (isFinalised || state.finaliseTried) return verified(state, now);
  if (state.policy.closing === 'page') return undefined;
  if (isLive(token, now, 0)) {
    const hasKyc = isRequired(state.checks.document) || isRequired(state.checks.biometric);
    return {
      step: 'finalise',
      appRegistrationId,
      token: token.token,
      as: hasKyc ? 'completed' : 'completedWithoutKyc',
    };
  }
  // Recreating the registration for a token would delete its email and phone validations. The reads are sufficient.
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

export const awaitsApplicant = (state: State): boolean =>
  state.progress.phase === 'validating' &&
  CHECK_NAMES.some((name) => {
    const check = state.checks[name];
    const awaitsVendor = name === 'biometric' && awaitsComparison(state);
    return (
      (check.status === 'pending' || check.status === 'failed') && !awaitsVendor && reportsOn(state, name).length === 0
    );
  });

const remindersDueAt = ({ reminders: { linkOwed, nextAt } }: State): EpochMs => (linkOwed === true ? 0 : nextAt);

const mayRemind = (state: State): boolean => {
  const { sent, unsent, extra = 0 } = state.reminders;
  return !state.resendLinkAbsent && sent + unsent < state.policy.reminders.max + extra && awaitsApplicant(state);
};

/** Returns the outcome that Verifik's last answers require, if any. */
const decidedByVendor = (state: State, { status, readAt }: Registration, now: EpochMs): NextStep | undefined => {
  if (readAt !== undefined && status === 'failed') return finish(state, now, 'failedAtVendor');
  const check = exhausted(state);
  return check === undefined ? undefined : finish(state, now, 'attemptsExhausted', { check });
};

/**
 * Reports that arrive during the final read cause one more read, but no further one: they cannot postpone the outcome.
 */
const mayConfirm = (state: State): boolean => (state.readTriedAt ?? 0) < endsAt(state) + READ_GAP_MS;

/**
 * Returns the step that brings the decision closer: a read that can change it, completing the registration, or the
 * deadline.
 */
const nextClosingStep = (state: State, registration: Registration, now: EpochMs): NextStep | undefined => {
  const reportsMatter = validationReportsMatter(state) || registrationReportsMatter(state);
  if (state.readRequired || (reportsMatter && mayConfirm(state))) return read(state, registration, 'confirm', now);
  const closing = isClosing(state) && !isDoubted(state) ? finalise(state, registration, now) : undefined;
  if (closing !== undefined) return closing;
  const end = endsAt(state);
  if (now < end) return undefined;
  if ((state.readTriedAt ?? 0) < end)
    return { step: 'readVendor', appRegistrationId: registration.appRegistrationId, why: 'finalRead' };
  return finish(state, now, state.review === undefined ? 'deadlinePassed' : 'reviewOverdue');
};

/** Returns the step that keeps the onboarding going: renew a token, escalate a review, reconcile, remind or wait. */
const nextBackgroundStep = (state: State, registration: Registration, now: EpochMs): NextStep => {
  const { token, appRegistrationId } = registration;
  if (state.tokenWanted && !isLive(token, now))
    return state.resendLinkAbsent ? register('tokenLost', registration) : { step: 'renewToken', appRegistrationId };
  if (now >= reviewMomentAt(state)) return { step: 'advanceReview' };
  const [voided] = state.toDeleteAtVendor ?? [];
  if (voided !== undefined) return { step: 'deleteValidation', ...voided };
  if (now >= reconcileAt(state)) return read(state, registration, 'reconcile', now);
  const remindAt = mayRemind(state) ? remindersDueAt(state) : Number.POSITIVE_INFINITY;
  return now >= remindAt
    ? { step: 'remind', appRegistrationId }
    : { step: 'wait', until: Math.min(endsAt(state), reviewMomentAt(state), reconcileAt(state), remindAt) };
};

/** Verifik is asked for a registration until then. An open review gives it no less time than the reviewers have. */
const registersUntil = ({ deadline, review }: State): EpochMs => Math.max(deadline, review?.dueAt ?? deadline);

/**
 * Decides the next step from the state. Always terminates: each step changes the state or yields a wait, no wait passes
 * the deadline, and after the deadline one final read precedes the outcome. Only a review can wait without limit, if
 * the policy lets it.
 */
export const decide = (state: State, now: EpochMs): NextStep => {
  const { progress, ending } = state;
  if (progress.phase === 'ended') return { step: 'finish', decision: progress.decision };
  if (ending !== undefined) {
    const { reason, ...extra } = ending;
    return finish(state, now, reason, extra);
  }
  if (progress.phase === 'registering')
    return now >= registersUntil(state)
      ? finish(state, now, 'deadlinePassed')
      : register(progress.why, progress.former, progress.formerContact !== undefined);
  const { registration } = progress;
  return (
    decidedByVendor(state, registration, now) ??
    nextClosingStep(state, registration, now) ??
    nextBackgroundStep(state, registration, now)
  );
};
