import type { EpochMs } from '../shared/time.js';
import { CHECK_NAMES, type CheckName, perCheck } from './checks.js';
import type { CheckReading, RegistrationReading, RegistrationStanding } from './reading.js';
import { answerReportedStandings, dropReportedStandings } from './registration-reports.js';
import { noteProblem, putOffReminder, reportKey } from './reports.js';
import { type Check, isRequired, type RequiredCheck, type State, type UnconfirmedReport } from './state.js';
import type { TransitionOf } from './transitions.js';

const MAX_ANSWERED_REPORTS = 50;

/** Replaces the id of a failed validation that Verifik sent without one. */
export const UNIDENTIFIED = 'unidentified';

const isCompleted = (standing: RegistrationStanding): boolean =>
  standing === 'completed' || standing === 'completedWithoutKyc';

/** Returns the result of a check in the read, without invalidated validations and contradictions. */
const effectiveResult = (state: State, reading: RegistrationReading, name: CheckName): CheckReading => {
  const read = reading.checks[name];
  const current: CheckReading =
    read === undefined || (read.validationId !== undefined && state.voidedValidationIds.includes(read.validationId))
      ? { result: 'pending' }
      : read;
  if (name === 'biometric' && reading.faceMismatch === true && current.result === 'passed')
    return { ...current, result: 'inReview' };
  // Verifik completed the registration without this check. Neither side can finish it, so a reviewer decides.
  if (isCompleted(reading.standing) && current.result !== 'passed') return { ...current, result: 'inReview' };
  return current;
};

const idOf = ({ validationId }: CheckReading) => (validationId === undefined ? {} : { validationId });

/** Returns the reports that arrived during the read and differ from it: the read may not cover them. */
const reportsAfterRead = (
  check: RequiredCheck,
  { result, validationId }: CheckReading,
  upToSerial: number,
): readonly UnconfirmedReport[] =>
  check.unconfirmedReports.filter(
    (report) => report.serial > upToSerial && !(report.result === result && report.validationId === validationId),
  );

const applyRead = (check: RequiredCheck, reading: CheckReading, at: EpochMs, upToSerial: number): RequiredCheck => {
  const unconfirmedReports = reportsAfterRead(check, reading, upToSerial);
  const sameValidation = check.validationId === reading.validationId;
  const keepsApproval =
    check.status === 'passed' &&
    check.approvedBy !== undefined &&
    sameValidation &&
    (reading.result === 'inReview' || reading.result === 'pending');
  if (keepsApproval) return { ...check, unconfirmedReports };

  const failedValidation = reading.validationId ?? UNIDENTIFIED;
  const failedValidations =
    reading.result === 'failed' && !check.failedValidations.includes(failedValidation)
      ? [...check.failedValidations, failedValidation]
      : check.failedValidations;
  const since = check.status === reading.result && sameValidation ? check.since : at;
  return { status: reading.result, since, failedValidations, unconfirmedReports, ...idOf(reading) };
};

const answeredKeys = (state: State, upToSerial: number): readonly string[] =>
  CHECK_NAMES.flatMap((name) => {
    const check = state.checks[name];
    if (!isRequired(check)) return [];
    return check.unconfirmedReports
      .filter(({ serial }) => serial <= upToSerial)
      .flatMap((report) => reportKey(name, report) ?? []);
  });

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

const hasChanged = (before: Check, after: Check): boolean =>
  isRequired(before) &&
  isRequired(after) &&
  (before.status !== after.status || before.validationId !== after.validationId);

const noteUnknownWords = (state: State, reading: RegistrationReading): State => {
  const words = [
    ...(reading.unknownWord === undefined ? [] : [`registration: unknown status word ${reading.unknownWord}`]),
    ...CHECK_NAMES.flatMap((name) => {
      const word = reading.checks[name]?.unknownWord;
      return word === undefined ? [] : [`${name}: unknown status word ${word} at the vendor`];
    }),
  ].filter((problem) => !state.recentProblems.includes(problem));
  return words.reduce(noteProblem, state);
};

/** Applies a read. It confirms or refutes every report that existed when the read began. */
export const vendorRead = (state: State, { reading, at, upToSerial }: TransitionOf<'VendorRead'>): State => {
  const { progress } = state;
  if (progress.phase !== 'validating') return { ...state, readTriedAt: at };
  if (progress.registration.appRegistrationId !== reading.appRegistrationId)
    return vendorUnreadable(state, {
      at,
      upToSerial,
      problem: 'appRegistrationId (expected the one that was asked for)',
    });
  const { unknownWord: _former, token, ...registration } = progress.registration;
  const checks = perCheck((name): Check => {
    const check = state.checks[name];
    return isRequired(check) ? applyRead(check, effectiveResult(state, reading, name), at, upToSerial) : check;
  });
  const changed =
    state.pacedByReads === true && CHECK_NAMES.some((name) => hasChanged(state.checks[name], checks[name]));
  const { standing } = reading;
  const { approvalUnread: _read, ...remembered } = answerReportedStandings(state, {
    former: registration.standing,
    standing,
    upToSerial,
  });
  const read: State = {
    ...remembered,
    checks,
    progress: {
      phase: 'validating',
      registration: {
        ...registration,
        standing,
        readAt: at,
        ...(token === undefined || standing === 'sessionOver' ? {} : { token }),
        ...(reading.unknownWord === undefined ? {} : { unknownWord: reading.unknownWord }),
      },
    },
    answeredReports: [...new Set([...state.answeredReports, ...answeredKeys(state, upToSerial)])].slice(
      -MAX_ANSWERED_REPORTS,
    ),
    readRequired: false,
    readTriedAt: at,
    reconcile: nextReconcile(state, at, changed),
    reminders: changed ? putOffReminder(state, at) : state.reminders,
  };
  // Completing the registration is worth another attempt after a check or the registration's status has changed.
  const mayFinalise = !allPassed(read) || standing !== registration.standing;
  return noteUnknownWords(mayFinalise ? { ...read, finaliseTried: false, tokenRefusals: 0 } : read, reading);
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
      ...dropReportedStandings(state, upToSerial),
      checks: perCheck((name): Check => {
        const check = state.checks[name];
        return isRequired(check)
          ? { ...check, unconfirmedReports: check.unconfirmedReports.filter(({ serial }) => serial > upToSerial) }
          : check;
      }),
      readRequired: false,
      readTriedAt: at,
      finaliseTried: state.finaliseTried || allChecksConfirmed(state),
      reconcile: nextReconcile(state, at),
    },
    problem,
  );
