import type { EventOf } from './events.js';
import type { RegistrationStanding } from './reading.js';
import { count, hint, isForeign, isStale, noteActivity, noteProblem } from './reports.js';
import type { Registration, State } from './state.js';

/** What is not known of a registration makes no difference: it is treated as in progress. */
const known = (standing: RegistrationStanding): RegistrationStanding =>
  standing === 'unknown' ? 'inProgress' : standing;

const isSame = (a: RegistrationStanding, b: RegistrationStanding): boolean => known(a) === known(b);

const openClaims = ({ standingClaims = [] }: State, { standing }: Registration): readonly RegistrationStanding[] =>
  standingClaims.map((claim) => claim.standing).filter((claimed) => !isSame(claimed, standing));

/** What reports claim of the current registration, where it differs from what was last read and no read has answered it. */
export const claimedStandings = (state: State): readonly RegistrationStanding[] =>
  state.progress.phase === 'validating' ? openClaims(state, state.progress.registration) : [];

/** Takes a report about the registration as a whole: a hint, which may make the vendor be read sooner. */
export const standingReport = (state: State, event: EventOf<'RegistrationReported'>): State => {
  if (isStale(state, event)) return count(state, 'stale');
  if (isForeign(state, event)) return count(state, 'foreign');
  if (event.unknownWord !== undefined)
    return noteProblem(
      noteActivity(count(state, 'unknownWords'), event.at),
      `registration: unknown status word ${event.unknownWord}`,
    );
  const { progress } = state;
  // While the applicant is being registered, the answer to that tells more.
  if (progress.phase !== 'validating') return count(state, 'accepted');
  const claimed = known(event.standing);
  if (isSame(claimed, progress.registration.standing) || claimedStandings(state).includes(claimed))
    return count(state, 'repeated');
  // It may have become so since: a lie must not keep the truth from being heard.
  if ((state.refutedStandings ?? []).includes(claimed)) return hint(count(state, 'repeated'), event.at);
  const serial = state.lastClaim + 1;
  const standingClaims = [...(state.standingClaims ?? []), { serial, standing: claimed }];
  return noteActivity(count({ ...state, lastClaim: serial, standingClaims }, 'accepted'), event.at);
};

/** The registration was made anew, or is another one: nothing that was claimed of it before holds. */
export const withoutStandingClaims = (state: State): State => {
  const { standingClaims: _claims, refutedStandings: _refuted, ...rest } = state;
  return rest;
};

/** The standing has moved by something else than a read: what was refuted of the former one may be so now. */
export const standingMoved = (state: State, former: RegistrationStanding, standing: RegistrationStanding): State => {
  if (isSame(former, standing)) return state;
  const { refutedStandings: _refuted, ...rest } = state;
  return rest;
};

const remember = (
  state: State,
  claims: NonNullable<State['standingClaims']>,
  refuted: readonly RegistrationStanding[],
): State => ({
  ...withoutStandingClaims(state),
  ...(claims.length === 0 ? {} : { standingClaims: claims }),
  ...(refuted.length === 0 ? {} : { refutedStandings: [...new Set(refuted)] }),
});

/** The vendor gave no answer: claims that it was asked about are dropped, so that asking goes on at the reconcile's pace. */
export const dropStandingClaims = (state: State, upToClaim: number): State =>
  remember(
    state,
    (state.standingClaims ?? []).filter(({ serial }) => serial > upToClaim),
    state.refutedStandings ?? [],
  );

/** The vendor has told where the registration stands: what was claimed otherwise is refuted, until the standing changes. */
export const answerStandingClaims = (
  state: State,
  { former, standing, upToClaim }: { former: RegistrationStanding; standing: RegistrationStanding; upToClaim: number },
): State => {
  const wrong = (state.standingClaims ?? []).filter((claim) => !isSame(claim.standing, standing));
  const refuted = wrong.filter(({ serial }) => serial <= upToClaim).map((claim) => claim.standing);
  return remember(
    state,
    wrong.filter(({ serial }) => serial > upToClaim),
    isSame(former, standing) ? [...(state.refutedStandings ?? []), ...refuted] : refuted,
  );
};
