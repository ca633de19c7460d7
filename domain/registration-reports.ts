import type { RegistrationStanding } from './reading.js';
import { countReport, isForeign, isStale, noteActivity, noteProblem, requestRead } from './reports.js';
import type { Registration, State } from './state.js';
import type { TransitionOf } from './transitions.js';

/** Treats an unknown status as in progress. */
const known = (standing: RegistrationStanding): RegistrationStanding =>
  standing === 'unknown' ? 'inProgress' : standing;

const isSame = (a: RegistrationStanding, b: RegistrationStanding): boolean => known(a) === known(b);

const openStandings = (
  { unconfirmedStandings = [] }: State,
  { standing }: Registration,
): readonly RegistrationStanding[] =>
  unconfirmedStandings.map((report) => report.standing).filter((reported) => !isSame(reported, standing));

/** Returns the reported statuses of the registration that differ from the last read and await a read. */
export const reportedStandings = (state: State): readonly RegistrationStanding[] =>
  state.progress.phase === 'validating' ? openStandings(state, state.progress.registration) : [];

/** Records a report about the registration as a whole. The report is a hint, which can cause an earlier read. */
export const applyRegistrationReport = (state: State, transition: TransitionOf<'RegistrationReported'>): State => {
  if (isStale(state, transition)) return countReport(state, 'stale');
  if (isForeign(state, transition)) return countReport(state, 'foreign');
  if (transition.unknownWord !== undefined)
    return noteProblem(
      noteActivity(countReport(state, 'unknownWords'), transition.at),
      `registration: unknown status word ${transition.unknownWord}`,
    );
  const { progress } = state;
  // The answer to the registration call will be more reliable.
  if (progress.phase !== 'validating') return countReport(state, 'accepted');
  const reported = known(transition.standing);
  if (isSame(reported, progress.registration.standing) || reportedStandings(state).includes(reported))
    return countReport(state, 'repeated');
  // The status can have changed since it was refuted: read before long.
  if ((state.refutedStandings ?? []).includes(reported))
    return requestRead(countReport(state, 'repeated'), transition.at);
  const serial = state.lastReportSerial + 1;
  const unconfirmedStandings = [...(state.unconfirmedStandings ?? []), { serial, standing: reported }];
  return noteActivity(
    countReport({ ...state, lastReportSerial: serial, unconfirmedStandings }, 'accepted'),
    transition.at,
  );
};

/** Drops all reported statuses, because the registration was recreated or replaced. */
export const withoutReportedStandings = (state: State): State => {
  const { unconfirmedStandings: _unconfirmed, refutedStandings: _refuted, ...rest } = state;
  return rest;
};

/** Forgets the refuted statuses after another call than a read has changed the status: they can be true now. */
export const standingChanged = (state: State, former: RegistrationStanding, standing: RegistrationStanding): State => {
  if (isSame(former, standing)) return state;
  const { refutedStandings: _refuted, ...rest } = state;
  return rest;
};

const withReportedStandings = (
  state: State,
  unconfirmedStandings: NonNullable<State['unconfirmedStandings']>,
  refuted: readonly RegistrationStanding[],
): State => ({
  ...withoutReportedStandings(state),
  ...(unconfirmedStandings.length === 0 ? {} : { unconfirmedStandings }),
  ...(refuted.length === 0 ? {} : { refutedStandings: [...new Set(refuted)] }),
});

/** Drops the reports that a failed read should have confirmed, so that reads continue at the reconcile interval. */
export const dropReportedStandings = (state: State, upToSerial: number): State =>
  withReportedStandings(
    state,
    (state.unconfirmedStandings ?? []).filter(({ serial }) => serial > upToSerial),
    state.refutedStandings ?? [],
  );

/** Compares the reported statuses with a read. Those that differ are refuted until the status changes. */
export const answerReportedStandings = (
  state: State,
  {
    former,
    standing,
    upToSerial,
  }: { former: RegistrationStanding; standing: RegistrationStanding; upToSerial: number },
): State => {
  const differing = (state.unconfirmedStandings ?? []).filter((report) => !isSame(report.standing, standing));
  const refuted = differing.filter(({ serial }) => serial <= upToSerial).map((report) => report.standing);
  return withReportedStandings(
    state,
    differing.filter(({ serial }) => serial > upToSerial),
    isSame(former, standing) ? [...(state.refutedStandings ?? []), ...refuted] : refuted,
  );
};
