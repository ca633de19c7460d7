import type { EpochMs } from '../shared/time.js';
import { CHECK_NAMES, type CheckName, perCheck } from './checks.js';
import type { EventOf } from './events.js';
import { allPassed } from './reads.js';
import { currentRegistration } from './reports.js';
import { withoutStandingClaims } from './standing-reports.js';
import { type Check, isRequired, type Registration, type State } from './state.js';

/** The checks whose validations the vendor deletes when a registration is recreated (a fact of its create call). */
const DELETED_BY_RECREATE: readonly CheckName[] = ['email', 'phone'];

/** As many as fit into a search attribute of Temporal (2 KiB), each of 64 characters, and the current one beside them. */
const MAX_FORMER_REGISTRATIONS = 25;

/** An onboarding that registers again for a year still fits into what one run hands to the next. */
const MAX_FORMER_VALIDATIONS = 500;

const lastOf = (most: number, ids: readonly string[]): readonly string[] => [...new Set(ids)].slice(-most);

const voidChecks = (state: State, names: readonly CheckName[], at: EpochMs): State => {
  const affected = names.map((name) => state.checks[name]).filter(isRequired);
  const voided = affected.flatMap(({ validationId }) => validationId ?? []);
  const doubted = affected.flatMap(({ claims }) => claims.flatMap(({ validationId }) => validationId ?? []));
  const doubtedValidationIds = lastOf(MAX_FORMER_VALIDATIONS, [...(state.doubtedValidationIds ?? []), ...doubted]);
  return {
    ...state,
    checks: perCheck((name): Check => {
      const check = state.checks[name];
      return isRequired(check) && names.includes(name)
        ? { status: 'pending', since: at, failedValidations: check.failedValidations, claims: [] }
        : check;
    }),
    voidedValidationIds: lastOf(MAX_FORMER_VALIDATIONS, [...state.voidedValidationIds, ...voided]),
    ...(doubtedValidationIds.length === 0 ? {} : { doubtedValidationIds }),
  };
};

/** Claims that came before there was a registration are kept only if they are about the one that came to be. */
const dropForeignClaims = (state: State, appRegistrationId: string): State => {
  let foreign = 0;
  const checks = perCheck((name): Check => {
    const check = state.checks[name];
    if (!isRequired(check)) return check;
    const claims = check.claims.filter((claim) => (claim.appRegistrationId ?? appRegistrationId) === appRegistrationId);
    foreign += check.claims.length - claims.length;
    return { ...check, claims };
  });
  return { ...state, checks, reports: { ...state.reports, foreign: state.reports.foreign + foreign } };
};

const adopt = (state: State, registration: Registration, at: EpochMs): State => {
  const known = currentRegistration(state);
  const former = known?.appRegistrationId;
  const { appRegistrationId, standing } = registration;
  const formerIds = former === undefined ? [] : [former];
  const same = former === appRegistrationId && known?.standing === standing;
  return {
    ...dropForeignClaims(same ? state : withoutStandingClaims(state), appRegistrationId),
    progress: { phase: 'validating', registration },
    formerRegistrationIds: lastOf(
      MAX_FORMER_REGISTRATIONS,
      [...state.formerRegistrationIds, ...formerIds].filter((id) => id !== appRegistrationId),
    ),
    tokenWanted: false,
    reconcile: { intervalMs: state.policy.reconcile.firstMs, nextAt: at + state.policy.reconcile.firstMs },
  };
};

/** A created or recreated registration. The vendor has deleted earlier email and phone validations; what it keeps is to be read again. */
export const registered = (state: State, { appRegistrationId, token, at }: EventOf<'Registered'>): State => {
  const gone = state.progress.phase === 'registering' && state.progress.why === 'gone';
  const first = state.generation === 0;
  const cleared = first ? state : voidChecks(state, gone ? CHECK_NAMES : DELETED_BY_RECREATE, at);
  const { approvedBy: _approvedBy, ...rest } = cleared;
  return {
    ...adopt(withoutStandingClaims(rest), { appRegistrationId, standing: 'inProgress', token }, at),
    generation: state.generation + 1,
    finaliseTried: false,
    tokenRefusals: 0,
    readOwed: allPassed(rest),
  };
};

/** The checks whose state cannot be carried over to a registration that the vendor resumed. */
const lostOnResume = (state: State, appRegistrationId: string): readonly CheckName[] => {
  const former = currentRegistration(state)?.appRegistrationId;
  if (former === undefined || former === appRegistrationId) return [];
  return state.progress.phase === 'registering' && state.progress.why === 'gone' ? CHECK_NAMES : DELETED_BY_RECREATE;
};

/** A new token for a registration that the vendor already had: nothing done is lost, unless it is another registration than ours. */
export const resumed = (state: State, event: EventOf<'RegistrationResumed'>): State => {
  const { appRegistrationId, token, at } = event;
  const former = currentRegistration(state);
  const kept: Registration =
    former?.appRegistrationId === appRegistrationId ? former : { appRegistrationId, standing: 'unknown' };
  const { readAt, ...unread } = kept;
  const recheck = event.recheck === true && state.generation > 0;
  const registration: Registration = {
    ...unread,
    standing: kept.standing === 'sessionOver' ? 'inProgress' : kept.standing,
    token,
    ...(recheck || readAt === undefined ? {} : { readAt }),
  };
  const cleared = voidChecks(state, lostOnResume(state, appRegistrationId), at);
  return {
    ...adopt(cleared, registration, at),
    generation: state.generation + 1,
    readOwed: state.readOwed || recheck || (registration.readAt === undefined && allPassed(cleared)),
    // A token that is dead on arrival cannot finalise, and asking for another would go on for ever.
    finaliseTried: state.finaliseTried || token.expiresAt <= at,
  };
};

/** The vendor has the registration but gives no token for it any more: only a read can tell how it ended. */
export const over = (state: State, { appRegistrationId, at }: EventOf<'RegistrationOver'>): State => {
  const former = currentRegistration(state);
  const base: Registration =
    former?.appRegistrationId === appRegistrationId ? former : { appRegistrationId, standing: 'unknown' };
  const { token: _dead, ...registration } = base;
  return {
    ...adopt(state, registration, at),
    generation: Math.max(state.generation, 1),
    // Whoever asked, a reminder among them, would hear the same again.
    reminders: { ...state.reminders, nextAt: Math.max(state.reminders.nextAt, at + state.policy.reminders.afterMs) },
    readOwed: true,
    finaliseTried: true,
  };
};

export const gone = (state: State): State =>
  state.progress.phase === 'validating'
    ? {
        ...state,
        progress: { phase: 'registering', why: 'gone', former: state.progress.registration },
        readOwed: false,
      }
    : state;

/** A token that the vendor refuses is as good as none. A second refusal of a fresh one while finalising ends the trying. */
export const tokenExpired = (state: State): State => {
  if (state.progress.phase !== 'validating') return state;
  const { token: _dead, ...registration } = state.progress.registration;
  const tokenRefusals = state.tokenRefusals + 1;
  return {
    ...state,
    progress: { phase: 'validating', registration },
    tokenRefusals,
    finaliseTried: state.finaliseTried || tokenRefusals > 1,
  };
};

export const reRegistrationRequested = (state: State, event: EventOf<'ReRegistrationRequested'>): State => {
  const { progress } = state;
  if (progress.phase === 'ended') return state;
  const moved = event.contact === undefined ? {} : { formerContact: state.contact };
  const contact = event.contact ?? state.contact;
  return progress.phase === 'validating'
    ? {
        ...state,
        contact,
        progress: { phase: 'registering', why: 'requested', former: progress.registration, ...moved },
      }
    : { ...state, contact, progress: { ...moved, ...progress } };
};

/** The onboarding goes on with the registration and the contact that it had. */
export const reRegistrationRefused = (state: State): State => {
  const { progress } = state;
  if (progress.phase !== 'registering' || progress.why !== 'requested' || progress.former === undefined) return state;
  const { former, formerContact } = progress;
  return { ...state, contact: formerContact ?? state.contact, progress: { phase: 'validating', registration: former } };
};
