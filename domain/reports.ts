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

/**
 * Requests a read soon. Reports do not change the reconcile interval or postpone reminders, so that a forged report
 * causes at most one read.
 */
export const requestRead = (state: State, at: EpochMs): State => {
  const { policy, reconcile } = state;
  const readAt = at + policy.reconcile.firstMs;
  return {
    ...state,
    reconcile: { ...reconcile, requestedReadAt: Math.min(reconcile.requestedReadAt ?? readAt, readAt) },
  };
};

export const putOffReminder = ({ policy, reminders }: State, at: EpochMs): State['reminders'] => ({
  ...reminders,
  nextAt: Math.max(reminders.nextAt, at + policy.reminders.afterMs),
});

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
      requestRead(countReport(state, 'unknownWords'), transition.at),
      `${transition.check}: unknown status word ${transition.unknownWord}`,
    );

  const check = state.checks[transition.check];
  const received = toUnconfirmedReport(transition, state.lastReportSerial + 1);
  if (received === undefined) return requestRead(countReport(state, 'accepted'), transition.at);
  const key = reportKey(transition.check, received);
  const isRepeated =
    !isRequired(check) ||
    check.unconfirmedReports.some((other) => isSameReport(other, received)) ||
    (check.status === received.result && check.validationId === received.validationId) ||
    (key !== undefined && state.answeredReports.includes(key));
  if (isRepeated) return countReport(state, 'repeated');

  const unconfirmedReports = [...check.unconfirmedReports, received].slice(0, MAX_UNCONFIRMED_REPORTS);
  return requestRead(
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

export const applyUnreadableReport = (state: State, { check, problem }: TransitionOf<'UndecodableReported'>): State =>
  noteProblem(countReport(state, 'undecodable'), `${check}: ${problem}`);
