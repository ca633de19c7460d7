import type { EpochMs } from '../shared/time.js';
import { CHECK_NAMES, type CheckName, perCheck } from './checks.js';
import { answerReports, dropReports, isShownBy, noteProblem, statusChanged } from './reports.js';
import { type Check, isRequired, type RequiredCheck, type State } from './state.js';
import type { TransitionOf } from './transitions.js';
import type { RegistrationStatus, VendorCheck, VendorRegistration } from './vendor-registration.js';

/** Replaces the id of a failed validation that Verifik sent without one. */
export const UNIDENTIFIED = 'unidentified';

const isCompleted = (status: RegistrationStatus): boolean => status === 'completed' || status === 'completedWithoutKyc';

/** Returns the result of a check in the read, without invalidated validations and contradictions. */
const effectiveResult = (state: State, vendorRegistration: VendorRegistration, name: CheckName): VendorCheck => {
  const read = vendorRegistration.checks[name];
  const current: VendorCheck =
    read === undefined || (read.validationId !== undefined && state.voidedValidationIds.includes(read.validationId))
      ? { result: 'pending' }
      : read;
  if (name === 'biometric' && vendorRegistration.faceMismatch === true && current.result === 'passed')
    return { ...current, result: 'inReview' };
  // Verifik completed the registration without this check. Neither side can finish it, so a reviewer decides.
  if (isCompleted(vendorRegistration.status) && current.result !== 'passed') return { ...current, result: 'inReview' };
  return current;
};

const idOf = ({ validationId }: VendorCheck) => (validationId === undefined ? {} : { validationId });

const applyRead = (check: RequiredCheck, read: VendorCheck, at: EpochMs): RequiredCheck => {
  const sameValidation = check.validationId === read.validationId;
  const keepsApproval =
    check.status === 'passed' &&
    check.approvedBy !== undefined &&
    sameValidation &&
    (read.result === 'inReview' || read.result === 'pending');
  if (keepsApproval) return check;

  const failedValidation = read.validationId ?? UNIDENTIFIED;
  const failedValidations =
    read.result === 'failed' && !check.failedValidations.includes(failedValidation)
      ? [...check.failedValidations, failedValidation]
      : check.failedValidations;
  const since = check.status === read.result && sameValidation ? check.since : at;
  return {
    status: read.result,
    since,
    failedValidations,
    ...idOf(read),
  };
};

export const allPassed = (state: State): boolean =>
  CHECK_NAMES.every((name) => !isRequired(state.checks[name]) || state.checks[name].status === 'passed');

/** True if the current registration, or the result of a reviewer's approval, has not been read yet. */
const unread = ({ progress, approvalUnread }: State): boolean =>
  progress.phase === 'validating' && (approvalUnread === true || progress.registration.readAt === undefined);

/** True if every required check has passed and a read has confirmed it. Only completing the registration remains. */
export const allChecksConfirmed = (state: State): boolean => allPassed(state) && !unread(state);

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
  const results = perCheck((name) => effectiveResult(state, vendorRegistration, name));
  const checks = perCheck((name): Check => {
    const check = state.checks[name];
    return isRequired(check) ? applyRead(check, results[name], at) : check;
  });
  const changed = CHECK_NAMES.some((name) => hasChanged(state.checks[name], checks[name]));
  const { status } = vendorRegistration;
  const { approvalUnread: _read, ...remembered } = answerReports(
    statusChanged(state, registration.status, status),
    upToSerial,
    isShownBy(status, results),
  );
  const read: State = {
    ...remembered,
    checks,
    progress: {
      phase: 'validating',
      registration: {
        ...registration,
        status,
        readAt: at,
        ...(token === undefined || status === 'sessionOver' ? {} : { token }),
        ...(vendorRegistration.unknownWord === undefined ? {} : { unknownWord: vendorRegistration.unknownWord }),
      },
    },
    readRequired: false,
    readTriedAt: at,
    reconcile: nextReconcile(state, at, changed),
    reminders: changed ? putOffReminder(state, at) : state.reminders,
  };
  // Completing the registration is worth another attempt after a check or the registration's status has changed.
  const mayFinalise = !allPassed(read) || status !== registration.status;
  return noteUnknownWords(mayFinalise ? { ...read, finaliseTried: false, tokenRefusals: 0 } : read, vendorRegistration);
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
      finaliseTried: state.finaliseTried || allChecksConfirmed(state),
      reconcile: nextReconcile(state, at),
    },
    problem,
  );
