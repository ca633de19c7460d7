import type { EpochMs } from '../shared/time.js';
import type { EventOf, Report } from './events.js';
import { type Claim, isRequired, type ReportCounts, type State } from './state.js';

const MAX_CLAIMS = 20;
const MAX_PROBLEMS = 5;

/** The registration that the onboarding works with, whichever phase it is in. */
export const currentRegistration = ({ progress }: State) =>
  progress.phase === 'registering' ? progress.former : progress.registration;

/** Identifies what a report claims. Claims without a validation's id are never taken for repeated: they may be about another attempt. */
export const claimKey = (check: string, { result, validationId }: Omit<Claim, 'serial'>): string | undefined =>
  validationId === undefined ? undefined : `${check}:${validationId}:${result}`;

export const count = (state: State, kind: keyof ReportCounts): State => ({
  ...state,
  reports: { ...state.reports, [kind]: state.reports[kind] + 1 },
});

export const noteProblem = (state: State, problem: string): State => ({
  ...state,
  recentProblems: [...state.recentProblems, problem].slice(-MAX_PROBLEMS),
});

/** Asks for a read before long, and leaves the pace as it is. In an onboarding in which reports set it, it asks for nothing. */
export const hint = (state: State, at: EpochMs): State => {
  const { policy, reconcile, readsSetPace } = state;
  const soon = at + policy.reconcile.firstMs;
  return readsSetPace
    ? { ...state, reconcile: { ...reconcile, hintedAt: Math.min(reconcile.hintedAt ?? soon, soon) } }
    : state;
};

/** A reminder can wait: the applicant has done something. */
export const putOffReminder = ({ policy, reminders }: State, at: EpochMs): State['reminders'] => ({
  ...reminders,
  nextAt: Math.max(reminders.nextAt, at + policy.reminders.afterMs),
});

/** The applicant or the vendor seems to have given a sign of life: the vendor is read before long. */
export const noteActivity = (state: State, at: EpochMs): State => {
  if (state.readsSetPace) return hint(state, at);
  const { firstMs } = state.policy.reconcile;
  return {
    ...state,
    reminders: putOffReminder(state, at),
    reconcile: { intervalMs: firstMs, nextAt: Math.min(state.reconcile.nextAt, at + firstMs) },
  };
};

type Whose = Pick<Report, 'validationId' | 'appRegistrationId'>;

export const isStale = (state: State, { validationId, appRegistrationId }: Whose): boolean =>
  (validationId !== undefined &&
    [...state.voidedValidationIds, ...(state.doubtedValidationIds ?? [])].includes(validationId)) ||
  (appRegistrationId !== undefined && state.formerRegistrationIds.includes(appRegistrationId));

export const isForeign = (state: State, { appRegistrationId }: Whose): boolean => {
  const current = currentRegistration(state)?.appRegistrationId;
  return appRegistrationId !== undefined && current !== undefined && appRegistrationId !== current;
};

const toClaim = ({ result, validationId, appRegistrationId }: Report, serial: number): Claim | undefined =>
  result === 'pending'
    ? undefined
    : {
        serial,
        result,
        ...(validationId === undefined ? {} : { validationId }),
        ...(appRegistrationId === undefined ? {} : { appRegistrationId }),
      };

const sameClaim = (a: Claim, b: Claim): boolean =>
  a.result === b.result && a.validationId === b.validationId && a.appRegistrationId === b.appRegistrationId;

/** Takes a report for what it is: a hint, which may make the vendor be read sooner. */
export const report = (state: State, event: EventOf<'ValidationReported'>): State => {
  if (isStale(state, event)) return count(state, 'stale');
  if (isForeign(state, event)) return count(state, 'foreign');
  if (event.unknownWord !== undefined)
    return noteProblem(
      noteActivity(count(state, 'unknownWords'), event.at),
      `${event.check}: unknown status word ${event.unknownWord}`,
    );

  const check = state.checks[event.check];
  const claim = toClaim(event, state.lastClaim + 1);
  if (claim === undefined) return noteActivity(count(state, 'accepted'), event.at);
  const key = claimKey(event.check, claim);
  const known =
    !isRequired(check) ||
    check.claims.some((other) => sameClaim(other, claim)) ||
    (check.status === claim.result && check.validationId === claim.validationId) ||
    (key !== undefined && state.answeredClaims.includes(key));
  if (known) return count(state, 'repeated');

  const claims = [...check.claims, claim].slice(0, MAX_CLAIMS);
  return noteActivity(
    count(
      { ...state, lastClaim: claim.serial, checks: { ...state.checks, [event.check]: { ...check, claims } } },
      'accepted',
    ),
    event.at,
  );
};

/** Counts a report that could not be read, and keeps what was wrong with it. */
export const junk = (state: State, { check, problem }: EventOf<'JunkReported'>): State =>
  noteProblem(count(state, 'junk'), `${check}: ${problem}`);
