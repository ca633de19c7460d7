import { defined } from '../shared/defined.js';
import type { EpochMs } from '../shared/time.js';
import { CHECK_REASONS, type CheckReason } from './check-reasons.js';
import { CHECK_NAMES, type CheckName, type PerCheck, perCheck } from './checks.js';
import { awaitsApplicant, decide, type NextStep } from './decide.js';
import type { Decision, Stopped } from './outcomes.js';
import type { NamedPolicy } from './policy/policy.js';
import { awaitsComparison, pendingChecks } from './reports.js';
import { claimAt } from './review/clock.js';
import type { Claim } from './review/records.js';
import { awaitsReview, reviewReasons, reviewVersion, underReview } from './review/state.js';
import { isLive, isRequired, NO_REPORTS, type ReportCounts, type State } from './state.js';
import type { RegistrationStatus } from './vendor-registration.js';

/** The actions that a caller can take, with their sentences. The tests compare the documents with them. */
export const ACTIONS = {
  registration: 'Ask for a live token for the applicant.',
  report: 'Report the result of a validation.',
  reRegister: 'Register the applicant again, with a new contact if it has changed.',
  claimReview: 'Claim the review, so that other reviewers leave it to you.',
  releaseReview: 'Release the claim on the review.',
  decideReview: 'Approve or reject what is under review.',
  requestAgain: 'Have the applicant repeat the document or the selfie.',
  withdraw: 'End the onboarding as withdrawn.',
  restart: 'Start a new onboarding for the same applicant.',
} as const;

export type Action = keyof typeof ACTIONS;

/** The status of a check. `reported`: a report says that it passed, and Verifik has not confirmed it yet. */
export type CheckPhase = 'notRequired' | 'pending' | 'reported' | 'passed' | 'failed' | 'inReview';

export interface CheckSnapshot {
  readonly status: CheckPhase;
  readonly since?: EpochMs;
  readonly attempts?: { readonly failed: number; readonly limit: number };
  readonly approvedBy?: string;
  /** Why the last attempt failed, or why the check waits or waited for a reviewer, with its sentence. */
  readonly reason?: { readonly code: CheckReason; readonly sentence: string };
  /**
   * Set while the applicant has to repeat the check: the reason of the reviewer who requested it, for the applicant.
   */
  readonly requestedAgain?: string;
}

/** A review that is open. */
export interface ReviewSnapshot {
  /** The version to name in the decision. */
  readonly version: string;
  /** The checks under review. Empty if the registration as a whole is under review. */
  readonly checks: readonly CheckName[];
  readonly reasons: readonly CheckReason[];
  readonly since: EpochMs;
  readonly dueAt: EpochMs;
  /** The claim in force. */
  readonly claim?: Claim;
}

export type Hold = 'review';

/** The state of an onboarding without secrets: no token, no contact and no name. */
export interface Snapshot {
  readonly phase: 'registering' | 'validating' | 'ended';
  readonly hold?: Hold;
  readonly decision?: Decision;
  /** Set by the client if the workflow closed without an outcome. The workflow itself cannot know. */
  readonly stopped?: Stopped;
  readonly checks: PerCheck<CheckSnapshot>;
  readonly pending: readonly CheckName[];
  /** Set while a reviewer has to decide. */
  readonly review?: ReviewSnapshot;
  readonly registration?: {
    readonly appRegistrationId: string;
    readonly status: RegistrationStatus;
    readonly unknownWord?: string;
    /** True if the token was live when the workflow last ran, possibly hours ago. `tokenExpiresAt` is always exact. */
    readonly tokenLive: boolean;
    readonly tokenExpiresAt?: EpochMs;
    readonly readAt?: EpochMs;
  };
  /** The policy of the workers' file that is in force. Set from the first registration on, if the request names one. */
  readonly namedPolicy?: NamedPolicy;
  readonly generation: number;
  /** The party that has to act next, with the task in words and the time limit. */
  readonly awaiting: { readonly from: Awaited; readonly what: string; readonly until?: EpochMs };
  readonly nextActions: readonly { readonly action: Action; readonly sentence: string }[];
  readonly startedAt: EpochMs;
  /** The end of the applicant's time. An open review pauses it: at its end, its duration is added. */
  readonly deadline: EpochMs;
  readonly remindersSent: number;
  readonly reports: ReportCounts;
  readonly recentProblems: readonly string[];
}

export type Awaited = 'applicant' | 'vendor' | 'operator' | 'reviewer' | 'nobody';

const snapshotCheck = (state: State, name: CheckName): CheckSnapshot => {
  const check = state.checks[name];
  if (!isRequired(check)) return { status: 'notRequired' };
  const isReported = check.status !== 'passed' && !pendingChecks(state).includes(name);
  return {
    status: isReported ? 'reported' : check.status,
    since: check.since,
    attempts: { failed: check.failedValidations.length, limit: state.policy.attemptLimits[name] },
    ...defined({
      approvedBy: check.status === 'passed' ? check.approvedBy : undefined,
      reason: check.reason && { code: check.reason, sentence: CHECK_REASONS[check.reason] },
      requestedAgain: check.requestedAgain,
    }),
  };
};

const list = (names: readonly string[]): string =>
  names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}` : names.join('');

const awaitedOfApplicant = (state: State): string => {
  const failed = CHECK_NAMES.filter((name) => state.checks[name].status === 'failed');
  const what = `The applicant has to complete: ${list(pendingChecks(state))}.`;
  return failed.length === 0 ? what : `${what} The last attempt failed for: ${list(failed)}.`;
};

/** The steps with which nothing that was reported waits for Verifik. */
const IDLE_STEPS: readonly NextStep['step'][] = ['wait', 'remind', 'advanceReview', 'deleteValidation'];

const awaiting = (state: State, now: EpochMs): Snapshot['awaiting'] => {
  const { progress, deadline } = state;
  switch (progress.phase) {
    case 'ended':
      return { from: 'nobody', what: progress.decision.sentence };
    case 'registering':
      return { from: 'vendor', what: 'Verifik has to answer with an app registration.', until: deadline };
    case 'validating': {
      const next = decide(state, now);
      if (!IDLE_STEPS.includes(next.step))
        return { from: 'vendor', what: 'Verifik has to confirm what was reported.', until: deadline };
      if (awaitsReview(state)) {
        const checks = underReview(state);
        const what = checks.length === 0 ? 'the registration as a whole' : list(checks);
        const why = reviewReasons(state).map((reason) => CHECK_REASONS[reason]);
        return {
          from: 'reviewer',
          what: [`A reviewer has to approve or reject: ${what}.`, ...why].join(' '),
          ...defined({ until: state.review?.dueAt }),
        };
      }
      if (awaitsApplicant(state)) return { from: 'applicant', what: awaitedOfApplicant(state), until: deadline };
      if (awaitsComparison(state))
        return { from: 'vendor', what: 'Verifik has to compare the selfie with the document.', until: deadline };
      return { from: 'vendor', what: 'Verifik has to confirm what was reported.', until: deadline };
    }
  }
};

const actionsOf = (actions: readonly Action[]): Snapshot['nextActions'] =>
  actions.map((action) => ({ action, sentence: ACTIONS[action] }));

const reviewActions = (state: State, now: EpochMs): readonly Action[] => {
  if (!awaitsReview(state)) return [];
  const claim = claimAt(state, now) === undefined ? 'claimReview' : 'releaseReview';
  return [claim, 'decideReview', 'requestAgain'];
};

const snapshotReview = (state: State, now: EpochMs): Pick<Snapshot, 'hold' | 'review'> => {
  const { review } = state;
  if (!awaitsReview(state) || review === undefined) return {};
  const checks = underReview(state);
  const { since, dueAt } = review;
  return {
    hold: 'review',
    review: {
      ...{ version: reviewVersion(state), checks, reasons: reviewReasons(state), since, dueAt },
      ...defined({ claim: claimAt(state, now) }),
    },
  };
};

const nextActions = (state: State, now: EpochMs): Snapshot['nextActions'] => {
  const actions: readonly Action[] =
    state.progress.phase === 'ended'
      ? ['restart']
      : ['registration', 'report', ...reviewActions(state, now), 'reRegister', 'withdraw'];
  return actionsOf(actions);
};

const snapshotRegistration = ({ progress }: State, now: EpochMs): Pick<Snapshot, 'registration'> => {
  const registration = progress.phase === 'registering' ? progress.former : progress.registration;
  if (registration === undefined) return {};
  const { token, ...shown } = registration;
  const tokenLive = isLive(token, now);
  return { registration: { ...shown, tokenLive, ...(token === undefined ? {} : { tokenExpiresAt: token.expiresAt }) } };
};

export const snapshot = (state: State, now: EpochMs): Snapshot => ({
  phase: state.progress.phase,
  ...snapshotReview(state, now),
  ...(state.progress.phase === 'ended' ? { decision: state.progress.decision } : {}),
  checks: perCheck((name) => snapshotCheck(state, name)),
  pending: pendingChecks(state),
  ...snapshotRegistration(state, now),
  ...defined({ namedPolicy: state.namedPolicy }),
  generation: state.generation,
  awaiting: awaiting(state, now),
  nextActions: nextActions(state, now),
  startedAt: state.startedAt,
  deadline: state.deadline,
  remindersSent: state.reminders.sent,
  reports: state.reports,
  recentProblems: state.recentProblems,
});

/** The last failure of a call that is repeated. */
export interface CallProblem {
  readonly type: string;
  readonly message: string;
}

/** The failures of calls that fail until an operator acts. */
const OPERATOR_PROBLEMS: readonly string[] = [
  'Credentials',
  'InsufficientCredits',
  'Misconfigured',
  'WrongAccountsFile',
  'WrongPoliciesFile',
];

export const isForOperator = ({ type }: CallProblem): boolean => OPERATOR_PROBLEMS.includes(type);

/** Says of an onboarding that waits for Verifik whether the failing call waits for an operator. */
export const withProblem = (snapshot: Snapshot, problem: CallProblem): Snapshot => {
  const { awaiting } = snapshot;
  const awaits = (from: Awaited, what: string): Snapshot => ({ ...snapshot, awaiting: { ...awaiting, from, what } });
  if (awaiting.from !== 'vendor' && awaiting.from !== 'operator') return snapshot;
  if (isForOperator(problem)) return awaits('operator', `An operator has to act: ${problem.message}`);
  return awaiting.from === 'vendor' ? snapshot : awaits('vendor', `Verifik has to answer: ${problem.message}`);
};

/** Returns the last snapshot of a workflow that closed without an outcome, marked as ended. */
export const afterStop = (snapshot: Snapshot, stopped: Stopped): Snapshot => ({
  ...snapshot,
  phase: 'ended',
  stopped,
  awaiting: { from: 'nobody', what: stopped.sentence },
  nextActions: actionsOf(['restart']),
});

/** Returns the snapshot of a workflow that closed before it read its request, so that nothing is known of it. */
export const unreadSnapshot = (startedAt: EpochMs, stopped: Stopped): Snapshot => ({
  phase: 'ended',
  stopped,
  checks: perCheck(() => ({ status: 'notRequired' })),
  pending: [],
  generation: 0,
  awaiting: { from: 'nobody', what: stopped.sentence },
  nextActions: actionsOf(['restart']),
  startedAt,
  deadline: stopped.at,
  remindersSent: 0,
  reports: NO_REPORTS,
  recentProblems: [],
});
