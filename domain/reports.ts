import type { EpochMs } from '../shared/time.js';
import { isRequired, type ReportCounts, type State, type UnconfirmedReport } from './state.js';
import type { Report, TransitionOf } from './transitions.js';

const MAX_UNCONFIRMED_REPORTS = 20;
const MAX_PROBLEMS = 5;

/** Returns the current registration, or the former one while the applicant is being registered. */
export const currentRegistration = ({ progress }: State) =>
  progress.phase === 'registering' ? progress.former : progress.registration;

/** Identifies a report. A report without a validation id has no key: it can be about another attempt. */
export const reportKey = (
  check: string,
  { result, validationId }: Omit<UnconfirmedReport, 'serial'>,
): string | undefined => (validationId === undefined ? undefined : `${check}:${validationId}:${result}`);

export const countReport = (state: State, kind: keyof ReportCounts): State => ({
  ...state,
  reports: { ...state.reports, [kind]: state.reports[kind] + 1 },
});

export const noteProblem = (state: State, problem: string): State => ({
  ...state,
  recentProblems: [...state.recentProblems, problem].slice(-MAX_PROBLEMS),
});

/** Requests a read soon without changing the reconcile interval. Without `pacedByReads`, does nothing. */
export const requestRead = (state: State, at: EpochMs): State => {
  const { policy, reconcile, pacedByReads } = state;
  const readAt = at + policy.reconcile.firstMs;
  return pacedByReads
    ? { ...state, reconcile: { ...reconcile, requestedReadAt: Math.min(reconcile.requestedReadAt ?? readAt, readAt) } }
    : state;
};

export const putOffReminder = ({ policy, reminders }: State, at: EpochMs): State['reminders'] => ({
  ...reminders,
  nextAt: Math.max(reminders.nextAt, at + policy.reminders.afterMs),
});

/** Schedules an earlier read after a sign of progress. */
export const noteActivity = (state: State, at: EpochMs): State => {
  if (state.pacedByReads) return requestRead(state, at);
  const { firstMs } = state.policy.reconcile;
  return {
    ...state,
    reminders: putOffReminder(state, at),
    reconcile: { intervalMs: firstMs, nextAt: Math.min(state.reconcile.nextAt, at + firstMs) },
  };
};

type ReportedIds = Pick<Report, 'validationId' | 'appRegistrationId'>;

export const isStale = (state: State, { validationId, appRegistrationId }: ReportedIds): boolean =>
  (validationId !== undefined &&
    [...state.voidedValidationIds, ...(state.doubtedValidationIds ?? [])].includes(validationId)) ||
  (appRegistrationId !== undefined && state.formerRegistrationIds.includes(appRegistrationId));

export const isForeign = (state: State, { appRegistrationId }: ReportedIds): boolean => {
  const current = currentRegistration(state)?.appRegistrationId;
  return appRegistrationId !== undefined && current !== undefined && appRegistrationId !== current;
};

const toUnconfirmedReport = (
  { result, validationId, appRegistrationId }: Report,
  serial: number,
): UnconfirmedReport | undefined =>
  result === 'pending'
    ? undefined
    : {
        serial,
        result,
        ...(validationId === undefined ? {} : { validationId }),
        ...(appRegistrationId === undefined ? {} : { appRegistrationId }),
      };

const isSameReport = (a: UnconfirmedReport, b: UnconfirmedReport): boolean =>
  a.result === b.result && a.validationId === b.validationId && a.appRegistrationId === b.appRegistrationId;

/** Records a report about a validation. The report is a hint, which can cause an earlier read. */
export const applyValidationReport = (state: State, transition: TransitionOf<'ValidationReported'>): State => {
  if (isStale(state, transition)) return countReport(state, 'stale');
  if (isForeign(state, transition)) return countReport(state, 'foreign');
  if (transition.unknownWord !== undefined)
    return noteProblem(
      noteActivity(countReport(state, 'unknownWords'), transition.at),
      `${transition.check}: unknown status word ${transition.unknownWord}`,
    );

  const check = state.checks[transition.check];
  const received = toUnconfirmedReport(transition, state.lastReportSerial + 1);
  if (received === undefined) return noteActivity(countReport(state, 'accepted'), transition.at);
  const key = reportKey(transition.check, received);
  const isRepeated =
    !isRequired(check) ||
    check.unconfirmedReports.some((other) => isSameReport(other, received)) ||
    (check.status === received.result && check.validationId === received.validationId) ||
    (key !== undefined && state.answeredReports.includes(key));
  if (isRepeated) return countReport(state, 'repeated');

  const unconfirmedReports = [...check.unconfirmedReports, received].slice(0, MAX_UNCONFIRMED_REPORTS);
  return noteActivity(
    countReport(
      {
        ...state,
        lastReportSerial: received.serial,
        checks: { ...state.checks, [transition.check]: { ...check, unconfirmedReports } },
      },
      'accepted',
    ),
    transition.at,
  );
};

export const applyUnreadableReport = (state: State, { check, problem }: TransitionOf<'JunkReported'>): State =>
  noteProblem(countReport(state, 'junk'), `${check}: ${problem}`);
