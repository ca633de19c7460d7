import { defined } from '../shared/defined.js';
import type { EpochMs } from '../shared/time.js';
import { CHECK_NAMES, perCheck } from './checks.js';
import { contactChanges, withVendorContact } from './contact-changes.js';
import { comparisonAwaited, effectiveResults } from './effective-results.js';
import { READ_GAP_MS } from './policy/policy.js';
import { answerReports, dropReports, isShownBy, noteProblem, reportsOn, statusChanged } from './reports.js';
import {
  allChecksConfirmed,
  allPassed,
  type Check,
  isRequired,
  type RequiredCheck,
  type State,
  type UnconfirmedCheckReport,
} from './state.js';
import type { TransitionOf } from './transitions.js';
import type { RegistrationStatus, VendorCheck, VendorRegistration } from './vendor-registration.js';

/** An approval holds for what the reviewer saw: the same validation under review for the same reason. */
const keepsApproval = (check: RequiredCheck, read: VendorCheck): boolean =>
  check.status === 'passed' &&
  check.approvedBy !== undefined &&
  check.validationId === read.validationId &&
  (read.result === 'pending' || (read.result === 'inReview' && read.reason === check.reason));

const MAX_REPORTED_FAILURES = 50;

/** Returns the failures that reports named and that the read does not show. */
const failuresOnlyReported = (
  check: RequiredCheck,
  failed: readonly string[],
  answered: readonly UnconfirmedCheckReport[],
): readonly string[] => {
  const reported = answered.flatMap(({ result, validationId }) => (result === 'failed' ? (validationId ?? []) : []));
  const open = [...check.reportedFailures, ...reported].filter((id) => !failed.includes(id));
  return [...new Set(open)].slice(-MAX_REPORTED_FAILURES);
};

const applyRead = (
  check: RequiredCheck,
  read: VendorCheck,
  answered: readonly UnconfirmedCheckReport[],
  at: EpochMs,
): RequiredCheck => {
  const failedValidations = [...new Set([...check.failedValidations, ...(read.failedAttempts ?? [])])];
  const attempts = { failedValidations, reportedFailures: failuresOnlyReported(check, failedValidations, answered) };
  if (keepsApproval(check, read)) return { ...check, ...attempts };
  const { result: status, validationId, reason, expiresAt } = read;
  const isSame = check.status === status && check.validationId === validationId;
  // The applicant has not repeated the check yet.
  const requestedAgain = validationId === undefined ? check.requestedAgain : undefined;
  return {
    status,
    since: isSame ? check.since : at,
    ...attempts,
    ...defined({ validationId, reason, requestedAgain, expiresAt }),
  };
};

/** Returns the time of the next read if no report requires an earlier one. */
export const reconcileAt = ({ reconcile: { nextAt, requestedReadAt = nextAt } }: State): EpochMs =>
  Math.min(nextAt, requestedReadAt);

/**
 * Resets the interval after a change, doubles it after a scheduled read without one, and keeps it after a read for a
 * report.
 */
const nextReconcile = ({ policy, reconcile }: State, at: EpochMs, changed = false): State['reconcile'] => {
  const { firstMs, maxMs } = policy.reconcile;
  const { intervalMs, nextAt } = reconcile;
  const next = changed ? firstMs : at >= nextAt ? Math.min(intervalMs * 2, maxMs) : intervalMs;
  return { intervalMs: next, nextAt: at + next };
};

const putOffReminder = ({ policy, reminders }: State, at: EpochMs): State['reminders'] => ({
  ...reminders,
  nextAt: Math.max(reminders.nextAt, at + policy.reminders.afterMs),
});

const hasChanged = (before: Check, after: Check): boolean =>
  isRequired(before) &&
  isRequired(after) &&
  (before.status !== after.status || before.validationId !== after.validationId);

const noteUnknownWords = (state: State, vendorRegistration: VendorRegistration): State => {
  const words = [
    ...(vendorRegistration.unknownWord === undefined
      ? []
      : [`registration: unknown status word ${vendorRegistration.unknownWord}`]),
    ...CHECK_NAMES.flatMap((name) => {
      const word = vendorRegistration.checks[name]?.unknownWord;
      return word === undefined ? [] : [`${name}: unknown status word ${word} at the vendor`];
    }),
  ].filter((problem) => !state.recentProblems.includes(problem));
  return words.reduce(noteProblem, state);
};

/**
 * Requests the next read while Verifik's comparison of the faces is awaited: soon, then ever more slowly, and at its
 * time limit.
 */
const soonForComparison = ({ policy }: State, since: EpochMs | undefined, at: EpochMs) => {
  const limit = (since ?? at) + policy.comparisonWithinMs;
  if (since === undefined || at >= limit) return {};
  return { requestedReadAt: Math.min(at + Math.max(at - since, READ_GAP_MS), limit) };
};

/** Ends the approval of a registration that has left the review and returned to it. */
export const reviewReopened = (state: State, status: RegistrationStatus): State => {
  const { progress, approvedBy, ...rest } = state;
  const wasInReview = progress.phase === 'validating' && progress.registration.status === 'needsReview';
  return approvedBy === undefined || wasInReview || status !== 'needsReview' ? state : { ...rest, progress };
};

/** Ends the approval that the policy requires: checks differ from those that were approved together. */
const withoutRequiredApproval = ({ requiredApprovalBy: _by, ...state }: State): State => state;

/** Uses a contact that the applicant changed on Verifik's page, or keeps it for a reviewer, as the policy says. */
const withVendorsContact = (state: State, { contact: vendor = {} }: VendorRegistration): State => {
  const { changedContact: _former, ...rest } = state;
  const channels = contactChanges(state.contact, vendor);
  if (channels.length === 0) return rest;
  return state.policy.contactChange === 'accept'
    ? { ...rest, contact: withVendorContact(state.contact, vendor, channels) }
    : { ...rest, changedContact: vendor };
};

/** Applies a read. It confirms or refutes every report that existed when the read began. */
export const vendorRead = (state: State, { vendorRegistration, at, upToSerial }: TransitionOf<'VendorRead'>): State => {
  const { progress } = state;
  if (progress.phase !== 'validating') return { ...state, readTriedAt: at };
  if (progress.registration.appRegistrationId !== vendorRegistration.appRegistrationId)
    return vendorUnreadable(state, {
      at,
      upToSerial,
      problem: 'appRegistrationId (expected the one that was asked for)',
    });
  const { unknownWord: _former, token, ...registration } = progress.registration;
  const results = effectiveResults(state, vendorRegistration, at);
  const checks = perCheck((name): Check => {
    const check = state.checks[name];
    const answered = reportsOn(state, name).filter(({ serial }) => serial <= upToSerial);
    return isRequired(check) ? applyRead(check, results[name], answered, at) : check;
  });
  const changed = CHECK_NAMES.some((name) => hasChanged(state.checks[name], checks[name]));
  const { status } = vendorRegistration;
  const {
    approvalUnread,
    comparisonAwaited: _awaited,
    closingHeld: _held,
    ...remembered
  } = answerReports(
    withVendorsContact(reviewReopened(statusChanged(state, registration.status, status), status), vendorRegistration),
    upToSerial,
    isShownBy(status, results),
  );
  const awaited = comparisonAwaited(state, vendorRegistration, at);
  const isApprovalUnread = approvalUnread !== undefined && approvalUnread > upToSerial;
  const read: State = {
    ...remembered,
    ...defined({
      approvalUnread: isApprovalUnread ? approvalUnread : undefined,
      comparisonAwaited: awaited,
    }),
    checks,
    progress: {
      phase: 'validating',
      registration: {
        ...registration,
        status,
        readAt: at,
        ...(token === undefined || status === 'sessionOver' ? {} : { token }),
        ...defined({ unknownWord: vendorRegistration.unknownWord }),
      },
    },
    readRequired: isApprovalUnread,
    readTriedAt: at,
    reconcile: { ...nextReconcile(state, at, changed), ...soonForComparison(state, awaited?.since, at) },
    reminders: changed ? putOffReminder(state, at) : state.reminders,
  };
  // Completing the registration is worth another attempt after a check or the registration's status has changed.
  const mayFinalise = !allPassed(read) || status !== registration.status;
  const retried = mayFinalise ? { ...read, finaliseTried: false, tokenRefusals: 0 } : read;
  return noteUnknownWords(changed ? withoutRequiredApproval(retried) : retried, vendorRegistration);
};

/**
 * Applies a failed read. Drops the reports that it should have confirmed, so that reads continue at the reconcile
 * interval.
 */
export const vendorUnreadable = (
  state: State,
  { problem, at, upToSerial }: Omit<TransitionOf<'VendorUnreadable'>, 'type'>,
): State =>
  noteProblem(
    {
      ...dropReports(state, upToSerial),
      readRequired: false,
      readTriedAt: at,
      ...(allChecksConfirmed(state) ? { closingHeld: true as const } : {}),
      reconcile: nextReconcile(state, at),
    },
    problem,
  );
