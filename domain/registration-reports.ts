import { countReport, isForeign, isStale, noteProblem, requestRead } from './reports.js';
import type { Registration, State } from './state.js';
import type { TransitionOf } from './transitions.js';
import type { RegistrationStatus } from './vendor-registration.js';

/** Treats an unknown status as in progress. */
const known = (status: RegistrationStatus): RegistrationStatus => (status === 'unknown' ? 'inProgress' : status);

const isSame = (a: RegistrationStatus, b: RegistrationStatus): boolean => known(a) === known(b);

const openStatuses = ({ unconfirmedStatuses = [] }: State, { status }: Registration): readonly RegistrationStatus[] =>
  unconfirmedStatuses.map((report) => report.status).filter((reported) => !isSame(reported, status));

/** Returns the reported statuses of the registration that differ from the last read and await a read. */
export const reportedStatuses = (state: State): readonly RegistrationStatus[] =>
  state.progress.phase === 'validating' ? openStatuses(state, state.progress.registration) : [];

/** Records a report about the registration as a whole. The report is a hint, which can cause an earlier read. */
export const applyRegistrationReport = (state: State, transition: TransitionOf<'RegistrationReported'>): State => {
  if (isStale(state, transition)) return countReport(state, 'stale');
  if (isForeign(state, transition)) return countReport(state, 'foreign');
  if (transition.unknownWord !== undefined)
    return noteProblem(
      requestRead(countReport(state, 'unknownWords'), transition.at),
      `registration: unknown status word ${transition.unknownWord}`,
    );
  const { progress } = state;
  // The answer to the registration call will be more reliable.
  if (progress.phase !== 'validating') return countReport(state, 'accepted');
  const reported = known(transition.status);
  if (isSame(reported, progress.registration.status) || reportedStatuses(state).includes(reported))
    return countReport(state, 'repeated');
  // The status can have changed since it was refuted: read before long.
  if ((state.refutedStatuses ?? []).includes(reported))
    return requestRead(countReport(state, 'repeated'), transition.at);
  const serial = state.lastReportSerial + 1;
  const unconfirmedStatuses = [...(state.unconfirmedStatuses ?? []), { serial, status: reported }];
  return requestRead(
    countReport({ ...state, lastReportSerial: serial, unconfirmedStatuses }, 'accepted'),
    transition.at,
  );
};

/** Drops all reported statuses, because the registration was recreated or replaced. */
export const withoutReportedStatuses = (state: State): State => {
  const { unconfirmedStatuses: _unconfirmed, refutedStatuses: _refuted, ...rest } = state;
  return rest;
};

/** Forgets the refuted statuses after another call than a read has changed the status: they can be true now. */
export const statusChanged = (state: State, former: RegistrationStatus, status: RegistrationStatus): State => {
  if (isSame(former, status)) return state;
  const { refutedStatuses: _refuted, ...rest } = state;
  return rest;
};

const withReportedStatuses = (
  state: State,
  unconfirmedStatuses: NonNullable<State['unconfirmedStatuses']>,
  refuted: readonly RegistrationStatus[],
): State => ({
  ...withoutReportedStatuses(state),
  ...(unconfirmedStatuses.length === 0 ? {} : { unconfirmedStatuses }),
  ...(refuted.length === 0 ? {} : { refutedStatuses: [...new Set(refuted)] }),
});

/** Drops the reports that a failed read should have confirmed, so that reads continue at the reconcile interval. */
export const dropReportedStatuses = (state: State, upToSerial: number): State =>
  withReportedStatuses(
    state,
    (state.unconfirmedStatuses ?? []).filter(({ serial }) => serial > upToSerial),
    state.refutedStatuses ?? [],
  );

/** Compares the reported statuses with a read. Those that differ are refuted until the status changes. */
export const answerReportedStatuses = (
  state: State,
  { former, status, upToSerial }: { former: RegistrationStatus; status: RegistrationStatus; upToSerial: number },
): State => {
  const differing = (state.unconfirmedStatuses ?? []).filter((report) => !isSame(report.status, status));
  const refuted = differing.filter(({ serial }) => serial <= upToSerial).map((report) => report.status);
  return withReportedStatuses(
    state,
    differing.filter(({ serial }) => serial > upToSerial),
    isSame(former, status) ? [...(state.refutedStatuses ?? []), ...refuted] : refuted,
  );
};
