import type { EpochMs } from '../shared/time.js';
import { CHECK_NAMES, type CheckName, perCheck } from './checks.js';
import type { EventOf } from './events.js';
import type { CheckReading, RegistrationReading, RegistrationStanding } from './reading.js';
import { claimKey, noteProblem, putOffReminder } from './reports.js';
import { answerStandingClaims, dropStandingClaims } from './standing-reports.js';
import { type Check, type Claim, isRequired, type RequiredCheck, type State } from './state.js';

const MAX_ANSWERED_CLAIMS = 50;

/** Stands for the id of a failed validation that the vendor gave without one. */
export const UNIDENTIFIED = 'unidentified';

const closedWell = (standing: RegistrationStanding): boolean =>
  standing === 'completed' || standing === 'completedWithoutKyc';

/** What the reading says about one check, once void validations and contradictions are taken out of it. */
const effectiveReading = (state: State, reading: RegistrationReading, name: CheckName): CheckReading => {
  const told = reading.checks[name];
  const current: CheckReading =
    told === undefined || (told.validationId !== undefined && state.voidedValidationIds.includes(told.validationId))
      ? { result: 'pending' }
      : told;
  if (name === 'biometric' && reading.faceMismatch === true && current.result === 'passed')
    return { ...current, result: 'inReview' };
  // The vendor closed the registration as complete without this check: neither side can finish it, so people decide.
  if (closedWell(reading.standing) && current.result !== 'passed') return { ...current, result: 'inReview' };
  return current;
};

const idOf = ({ validationId }: CheckReading) => (validationId === undefined ? {} : { validationId });

/** The claims that came while the read was under way, and that it does not bear out: it may not have seen what they are about. */
const unanswered = (
  check: RequiredCheck,
  { result, validationId }: CheckReading,
  upToClaim: number,
): readonly Claim[] =>
  check.claims.filter(
    (claim) => claim.serial > upToClaim && !(claim.result === result && claim.validationId === validationId),
  );

const readCheck = (check: RequiredCheck, reading: CheckReading, at: EpochMs, upToClaim: number): RequiredCheck => {
  const claims = unanswered(check, reading, upToClaim);
  const sameValidation = check.validationId === reading.validationId;
  const reviewerStands =
    check.status === 'passed' &&
    check.approvedBy !== undefined &&
    sameValidation &&
    (reading.result === 'inReview' || reading.result === 'pending');
  if (reviewerStands) return { ...check, claims };

  const failedValidation = reading.validationId ?? UNIDENTIFIED;
  const failedValidations =
    reading.result === 'failed' && !check.failedValidations.includes(failedValidation)
      ? [...check.failedValidations, failedValidation]
      : check.failedValidations;
  const since = check.status === reading.result && sameValidation ? check.since : at;
  return { status: reading.result, since, failedValidations, claims, ...idOf(reading) };
};

const answeredKeys = (state: State, upToClaim: number): readonly string[] =>
  CHECK_NAMES.flatMap((name) => {
    const check = state.checks[name];
    if (!isRequired(check)) return [];
    return check.claims.filter(({ serial }) => serial <= upToClaim).flatMap((claim) => claimKey(name, claim) ?? []);
  });

export const allPassed = (state: State): boolean =>
  CHECK_NAMES.every((name) => !isRequired(state.checks[name]) || state.checks[name].status === 'passed');

/** True where what has passed is yet to be read: of the registration that there is now, or since a reviewer's approval. */
const unread = ({ progress, approvalUnread }: State): boolean =>
  progress.phase === 'validating' && (approvalUnread === true || progress.registration.readAt === undefined);

/** True where nothing is left to read: what remains is to tell the vendor. */
export const isThrough = (state: State): boolean => allPassed(state) && !unread(state);

/** When the vendor is read next, where nothing asks for it before. */
export const reconcileAt = ({ reconcile: { nextAt, hintedAt = nextAt } }: State): EpochMs => Math.min(nextAt, hintedAt);

/** What a read has moved is soon followed by more; where it has not, the distance grows. A read that a report brought leaves it as it is. */
const nextReconcile = ({ policy, reconcile }: State, at: EpochMs, moved = false): State['reconcile'] => {
  const { firstMs, maxMs } = policy.reconcile;
  const { intervalMs, nextAt } = reconcile;
  const next = moved ? firstMs : at >= nextAt ? Math.min(intervalMs * 2, maxMs) : intervalMs;
  return { intervalMs: next, nextAt: at + next };
};

const standsElsewhere = (before: Check, after: Check): boolean =>
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

/** Takes the vendor's word: it settles every claim that was there when it was asked. */
export const vendorRead = (state: State, { reading, at, upToClaim }: EventOf<'VendorRead'>): State => {
  const { progress } = state;
  if (progress.phase !== 'validating') return { ...state, readTriedAt: at };
  if (progress.registration.appRegistrationId !== reading.appRegistrationId)
    return vendorUnreadable(state, {
      at,
      upToClaim,
      problem: 'appRegistrationId (expected the one that was asked for)',
    });
  const { unknownWord: _former, token, ...registration } = progress.registration;
  const checks = perCheck((name): Check => {
    const check = state.checks[name];
    return isRequired(check) ? readCheck(check, effectiveReading(state, reading, name), at, upToClaim) : check;
  });
  const moved =
    state.readsSetPace === true && CHECK_NAMES.some((name) => standsElsewhere(state.checks[name], checks[name]));
  const { standing } = reading;
  const { approvalUnread: _read, ...remembered } = answerStandingClaims(state, {
    former: registration.standing,
    standing,
    upToClaim,
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
    answeredClaims: [...new Set([...state.answeredClaims, ...answeredKeys(state, upToClaim)])].slice(
      -MAX_ANSWERED_CLAIMS,
    ),
    readOwed: false,
    readTriedAt: at,
    reconcile: nextReconcile(state, at, moved),
    reminders: moved ? putOffReminder(state, at) : state.reminders,
  };
  // Finalising is worth another try once something has moved: a check, or the registration that people had held back.
  const mayFinalise = !allPassed(read) || standing !== registration.standing;
  return noteUnknownWords(mayFinalise ? { ...read, finaliseTried: false, tokenRefusals: 0 } : read, reading);
};

/** The vendor could not be asked, or its answer made no sense: claims are dropped, so that asking goes on at the reconcile's pace. */
export const vendorUnreadable = (
  state: State,
  { problem, at, upToClaim }: Omit<EventOf<'VendorUnreadable'>, 'type'>,
): State =>
  noteProblem(
    {
      ...dropStandingClaims(state, upToClaim),
      checks: perCheck((name): Check => {
        const check = state.checks[name];
        return isRequired(check)
          ? { ...check, claims: check.claims.filter(({ serial }) => serial > upToClaim) }
          : check;
      }),
      readOwed: false,
      readTriedAt: at,
      finaliseTried: state.finaliseTried || isThrough(state),
      reconcile: nextReconcile(state, at),
    },
    problem,
  );
