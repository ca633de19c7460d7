import { defined } from '../shared/defined.js';
import type { EpochMs } from '../shared/time.js';
import { CHECK_NAMES, type CheckName, type PerCheck } from './checks.js';
import {
  isRequired,
  type ReportCounts,
  type State,
  type UnconfirmedCheckReport,
  type UnconfirmedReport,
} from './state.js';
import type { RegistrationReport, Report, TransitionOf } from './transitions.js';
import type { RegistrationStatus, VendorCheck } from './vendor-registration.js';

const MAX_UNCONFIRMED_REPORTS = 20;
const MAX_ANSWERED_REPORTS = 50;
const MAX_PROBLEMS = 5;

/** Returns the current registration, or the former one while the applicant is being registered. */
export const currentRegistration = ({ progress }: State) =>
  progress.phase === 'registering' ? progress.former : progress.registration;

const countReport = (state: State, kind: keyof ReportCounts): State => ({
  ...state,
  reports: { ...state.reports, [kind]: state.reports[kind] + 1 },
});

export const noteProblem = (state: State, problem: string): State => ({
  ...state,
  recentProblems: [...state.recentProblems, problem].slice(-MAX_PROBLEMS),
});

/**
 * Requests a read soon. Reports do not change the reconcile interval or postpone reminders, so that a forged report
 * causes at most one read.
 */
const requestRead = (state: State, at: EpochMs): State => {
  const { policy, reconcile } = state;
  const readAt = at + policy.reconcile.firstMs;
  return {
    ...state,
    reconcile: { ...reconcile, requestedReadAt: Math.min(reconcile.requestedReadAt ?? readAt, readAt) },
  };
};

/** Treats an unknown status as in progress. */
const known = (status: RegistrationStatus): RegistrationStatus => (status === 'unknown' ? 'inProgress' : status);

const isSameStatus = (a: RegistrationStatus, b: RegistrationStatus): boolean => known(a) === known(b);

/** Returns the unconfirmed reports about a check. */
export const reportsOn = (state: State, check: CheckName): readonly UnconfirmedCheckReport[] =>
  state.unconfirmedReports.flatMap((report) => (report.about === check ? [report] : []));

/** True while the applicant has done the selfie and Verifik has yet to compare it. */
export const awaitsComparison = ({ checks, comparisonAwaited }: State): boolean =>
  comparisonAwaited !== undefined && checks.biometric.status === 'pending';

/**
 * Returns the required checks that the applicant has to complete: that neither a read nor a report says are passed, and
 * that do not wait for Verifik's comparison of the faces.
 */
export const pendingChecks = (state: State): readonly CheckName[] =>
  CHECK_NAMES.filter(
    (name) =>
      isRequired(state.checks[name]) &&
      state.checks[name].status !== 'passed' &&
      !(name === 'biometric' && awaitsComparison(state)) &&
      !reportsOn(state, name).some(({ result }) => result === 'passed'),
  );

/** Returns the reported statuses of the registration that differ from the last read and await a read. */
export const reportedStatuses = ({ progress, unconfirmedReports }: State): readonly RegistrationStatus[] =>
  progress.phase !== 'validating'
    ? []
    : unconfirmedReports.flatMap((report) =>
        report.about === 'registration' && !isSameStatus(report.status, progress.registration.status)
          ? [report.status]
          : [],
      );

const STATUS_PREFIX = 'registration:';

/** Identifies a report. A report on a check without a validation id has no key: it can be about another attempt. */
const keyOf = (report: UnconfirmedReport): string | undefined => {
  if (report.about === 'registration') return `${STATUS_PREFIX}${report.status}`;
  return report.validationId === undefined ? undefined : `${report.about}:${report.validationId}:${report.result}`;
};

const isAnswered = (state: State, report: UnconfirmedReport): boolean => {
  const key = keyOf(report);
  return key !== undefined && state.answeredReports.includes(key);
};

/** Keeps a report until a read confirms or refutes it. */
const keep = (state: State, report: UnconfirmedReport, at: EpochMs): State => {
  const isFull =
    state.unconfirmedReports.filter(({ about }) => about === report.about).length >= MAX_UNCONFIRMED_REPORTS;
  const unconfirmedReports = isFull ? state.unconfirmedReports : [...state.unconfirmedReports, report];
  return requestRead(countReport({ ...state, lastReportSerial: report.serial, unconfirmedReports }, 'accepted'), at);
};

type ReportedIds = Pick<Report, 'validationId' | 'appRegistrationId'>;

const isStale = (state: State, { validationId, appRegistrationId }: ReportedIds): boolean =>
  (validationId !== undefined &&
    [...state.voidedValidationIds, ...(state.doubtedValidationIds ?? [])].includes(validationId)) ||
  (appRegistrationId !== undefined && state.formerRegistrationIds.includes(appRegistrationId));

const isForeign = (state: State, { appRegistrationId }: ReportedIds): boolean => {
  const current = currentRegistration(state)?.appRegistrationId;
  return appRegistrationId !== undefined && current !== undefined && appRegistrationId !== current;
};

/** Handles the reports that say nothing about this onboarding, or nothing that is known. */
const withoutEffect = (
  state: State,
  about: CheckName | 'registration',
  report: (Report | RegistrationReport) & { readonly at: EpochMs },
): State | undefined => {
  if (isStale(state, report)) return countReport(state, 'stale');
  if (isForeign(state, report)) return countReport(state, 'foreign');
  if (report.unknownWord === undefined) return undefined;
  const counted = requestRead(countReport(state, 'unknownWords'), report.at);
  return noteProblem(counted, `${about}: unknown status word ${report.unknownWord}`);
};

/** Applies a report about a validation. The report is a hint, which can cause an earlier read. */
export const applyValidationReport = (state: State, transition: TransitionOf<'ValidationReported'>): State => {
  const { check: about, result, validationId, appRegistrationId, at } = transition;
  const unaffected = withoutEffect(state, about, transition);
  if (unaffected !== undefined) return unaffected;
  if (result === 'pending') return requestRead(countReport(state, 'accepted'), at);
  const check = state.checks[about];
  const ids = defined({ validationId, appRegistrationId });
  const report: UnconfirmedCheckReport = { serial: state.lastReportSerial + 1, at, about, result, ...ids };
  const isRepeated =
    !isRequired(check) ||
    reportsOn(state, about).some(
      (other) =>
        other.result === result && other.validationId === validationId && other.appRegistrationId === appRegistrationId,
    ) ||
    (check.status === result && check.validationId === validationId) ||
    isAnswered(state, report);
  return isRepeated ? countReport(state, 'repeated') : keep(state, report, at);
};

/** Applies a report about the registration as a whole. The report is a hint, which can cause an earlier read. */
export const applyRegistrationReport = (state: State, transition: TransitionOf<'RegistrationReported'>): State => {
  const unaffected = withoutEffect(state, 'registration', transition);
  if (unaffected !== undefined) return unaffected;
  const { progress } = state;
  // The answer to the registration call will be more reliable.
  if (progress.phase !== 'validating') return countReport(state, 'accepted');
  const status = known(transition.status);
  if (isSameStatus(status, progress.registration.status) || reportedStatuses(state).includes(status))
    return countReport(state, 'repeated');
  const report: UnconfirmedReport = { serial: state.lastReportSerial + 1, about: 'registration', status };
  // The status can have changed since it was refuted: read before long.
  return isAnswered(state, report)
    ? requestRead(countReport(state, 'repeated'), transition.at)
    : keep(state, report, transition.at);
};

export const applyUndecodableReport = (state: State, { check, problem }: TransitionOf<'UndecodableReported'>): State =>
  noteProblem(countReport(state, 'undecodable'), `${check}: ${problem}`);

/** Drops the reports about the registration as a whole, because it was recreated or replaced. */
export const withoutReportedStatuses = (state: State): State => ({
  ...withoutAnsweredStatuses(state),
  unconfirmedReports: state.unconfirmedReports.filter(({ about }) => about !== 'registration'),
});

const withoutAnsweredStatuses = (state: State): State => ({
  ...state,
  answeredReports: state.answeredReports.filter((key) => !key.startsWith(STATUS_PREFIX)),
});

/** Forgets the refuted statuses if the registration's status has changed: they can be true now. */
export const statusChanged = (state: State, former: RegistrationStatus, status: RegistrationStatus): State =>
  isSameStatus(former, status) ? state : withoutAnsweredStatuses(state);

/** Drops the reports that a failed read should have confirmed, so that reads continue at the reconcile interval. */
export const dropReports = (state: State, upToSerial: number): State => ({
  ...state,
  unconfirmedReports: state.unconfirmedReports.filter(({ serial }) => serial > upToSerial),
});

/**
 * Confirms or refutes the reports that existed when the read began; `isShown` is true for those that the read shows.
 */
export const answerReports = (
  state: State,
  upToSerial: number,
  isShown: (report: UnconfirmedReport) => boolean,
): State => {
  const answered = state.unconfirmedReports.flatMap((report) =>
    report.serial > upToSerial || (report.about === 'registration' && isShown(report)) ? [] : (keyOf(report) ?? []),
  );
  const { unconfirmedReports } = dropReports(state, upToSerial);
  return {
    ...state,
    answeredReports: [...new Set([...state.answeredReports, ...answered])].slice(-MAX_ANSWERED_REPORTS),
    unconfirmedReports: unconfirmedReports.filter((report) => !isShown(report)),
  };
};

/** True if the read shows the report: the same status of the registration, or the same result of the validation. */
export const isShownBy =
  (status: RegistrationStatus, results: PerCheck<VendorCheck>) =>
  (report: UnconfirmedReport): boolean => {
    if (report.about === 'registration') return isSameStatus(report.status, status);
    const { result, validationId } = results[report.about];
    return result === report.result && validationId === report.validationId;
  };
