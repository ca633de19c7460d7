import { defined } from '../shared/defined.js';
import type { EpochMs } from '../shared/time.js';
import { CHECK_NAMES, type CheckName, perCheck } from './checks.js';
import { withPolicyAtStart } from './project-flow.js';
import { currentRegistration, reportsOn, withoutReportedStatuses } from './reports.js';
import { allPassed, type Check, isRequired, type Registration, type State } from './state.js';
import type { TransitionOf } from './transitions.js';

/** The checks whose validations Verifik deletes when a registration is recreated. */
const DELETED_BY_RECREATE: readonly CheckName[] = ['email', 'phone'];

/** With the current id, 26 ids of 64 characters fit into a search attribute of Temporal (2 KiB). */
const MAX_FORMER_REGISTRATIONS = 25;

/** Keeps the state small enough for continue-as-new after a year of re-registrations. */
const MAX_FORMER_VALIDATIONS = 500;

const lastOf = (most: number, ids: readonly string[]): readonly string[] => [...new Set(ids)].slice(-most);

const voidChecks = (state: State, names: readonly CheckName[], at: EpochMs): State => {
  const affected = names.map((name) => state.checks[name]).filter(isRequired);
  const voided = affected.flatMap(({ validationId }) => validationId ?? []);
  const doubted = names.flatMap((name) => reportsOn(state, name).flatMap(({ validationId }) => validationId ?? []));
  const doubtedValidationIds = lastOf(MAX_FORMER_VALIDATIONS, [...(state.doubtedValidationIds ?? []), ...doubted]);
  return {
    ...state,
    checks: perCheck((name): Check => {
      const check = state.checks[name];
      return isRequired(check) && names.includes(name)
        ? {
            status: 'pending',
            since: at,
            failedValidations: check.failedValidations,
            reportedFailures: check.reportedFailures,
          }
        : check;
    }),
    unconfirmedReports: state.unconfirmedReports.filter(({ about }) => !names.some((name) => name === about)),
    voidedValidationIds: lastOf(MAX_FORMER_VALIDATIONS, [...state.voidedValidationIds, ...voided]),
    ...(doubtedValidationIds.length === 0 ? {} : { doubtedValidationIds }),
  };
};

/** Ends all approvals: each was for what was under review in a registration that is no longer the same. */
const withoutApprovals = (state: State, at: EpochMs): State => {
  const { approvedBy: _by, requiredApprovalBy: _required, approvalUnread: _unread, ...rest } = state;
  const checks = perCheck((name): Check => {
    const check = state.checks[name];
    if (check.status !== 'passed' || check.approvedBy === undefined) return check;
    const { approvedBy: _reviewer, ...former } = check;
    return { ...former, status: 'pending', since: at };
  });
  return { ...rest, checks };
};

/** Drops reports that arrived before the registration and name another one. */
const dropForeignReports = (state: State, appRegistrationId: string): State => {
  const unconfirmedReports = state.unconfirmedReports.filter(
    (report) =>
      report.about === 'registration' || (report.appRegistrationId ?? appRegistrationId) === appRegistrationId,
  );
  const foreign = state.unconfirmedReports.length - unconfirmedReports.length;
  return { ...state, unconfirmedReports, reports: { ...state.reports, foreign: state.reports.foreign + foreign } };
};

const withRegistration = (state: State, registration: Registration, at: EpochMs): State => {
  const known = currentRegistration(state);
  const former = known?.appRegistrationId;
  const { appRegistrationId, status } = registration;
  const formerIds = former === undefined ? [] : [former];
  const isSame = former === appRegistrationId && known?.status === status;
  return {
    ...dropForeignReports(isSame ? state : withoutReportedStatuses(state), appRegistrationId),
    progress: { phase: 'validating', registration },
    formerRegistrationIds: lastOf(
      MAX_FORMER_REGISTRATIONS,
      [...state.formerRegistrationIds, ...formerIds].filter((id) => id !== appRegistrationId),
    ),
    tokenWanted: false,
    reconcile: { intervalMs: state.policy.reconcile.firstMs, nextAt: at + state.policy.reconcile.firstMs },
  };
};

/**
 * Applies a created or recreated registration. Verifik has deleted the email and phone validations; the others must be
 * read again.
 */
export const registered = (initial: State, transition: TransitionOf<'Registered'>): State => {
  const { appRegistrationId, token, at } = transition;
  const state = withPolicyAtStart(initial, transition);
  const notFound = state.progress.phase === 'registering' && state.progress.why === 'notFound';
  const first = state.generation === 0;
  const cleared = first ? state : voidChecks(state, notFound ? CHECK_NAMES : DELETED_BY_RECREATE, at);
  const isOther = currentRegistration(state)?.appRegistrationId !== appRegistrationId;
  const {
    approvedBy: _approvedBy,
    requiredApprovalBy: _required,
    ...rest
  } = isOther ? withoutApprovals(cleared, at) : cleared;
  return {
    ...withRegistration(withoutReportedStatuses(rest), { appRegistrationId, status: 'inProgress', token }, at),
    generation: state.generation + 1,
    finaliseTried: false,
    tokenRefusals: 0,
    readRequired: allPassed(rest),
  };
};

/** Returns the checks whose results do not apply to the registration that Verifik resumed. */
const lostOnResume = (state: State, appRegistrationId: string): readonly CheckName[] => {
  const former = currentRegistration(state)?.appRegistrationId;
  if (former === undefined || former === appRegistrationId) return [];
  return state.progress.phase === 'registering' && state.progress.why === 'notFound'
    ? CHECK_NAMES
    : DELETED_BY_RECREATE;
};

/** Applies a new token for an existing registration. All results remain, unless the registration is a different one. */
export const resumed = (initial: State, transition: TransitionOf<'RegistrationResumed'>): State => {
  const { appRegistrationId, token, at } = transition;
  const state = withPolicyAtStart(initial, transition);
  const former = currentRegistration(state);
  const kept: Registration =
    former?.appRegistrationId === appRegistrationId ? former : { appRegistrationId, status: 'unknown' };
  const { readAt, ...unread } = kept;
  const recheck = transition.recheck === true && state.generation > 0;
  const registration: Registration = {
    ...unread,
    status: kept.status === 'sessionOver' ? 'inProgress' : kept.status,
    token,
    ...(recheck || readAt === undefined ? {} : { readAt }),
  };
  const voided = voidChecks(state, lostOnResume(state, appRegistrationId), at);
  const cleared = former?.appRegistrationId === appRegistrationId ? voided : withoutApprovals(voided, at);
  return {
    ...withRegistration(cleared, registration, at),
    // A token that nobody asked for, to complete the registration, is no sign of the applicant's activity.
    ...(state.tokenWanted || former?.appRegistrationId !== appRegistrationId ? {} : { reconcile: state.reconcile }),
    generation: state.generation + 1,
    readRequired: state.readRequired || recheck || (registration.readAt === undefined && allPassed(cleared)),
    // A token that has expired on arrival cannot complete the registration, and requesting others could go on
    // indefinitely.
    finaliseTried: state.finaliseTried || token.expiresAt <= at,
  };
};

export const registrationClosed = (initial: State, transition: TransitionOf<'RegistrationClosed'>): State => {
  const { appRegistrationId, at } = transition;
  const state = withPolicyAtStart(initial, transition);
  const former = currentRegistration(state);
  const base: Registration =
    former?.appRegistrationId === appRegistrationId ? former : { appRegistrationId, status: 'unknown' };
  const { token: _expired, ...registration } = base;
  const { linkOwed: _owed, ...reminders } = state.reminders;
  return {
    ...withRegistration(withoutApprovals(state, at), registration, at),
    generation: Math.max(state.generation, 1),
    // A reminder sent now would get the same answer.
    reminders: { ...reminders, nextAt: Math.max(reminders.nextAt, at + state.policy.reminders.afterMs) },
    readRequired: true,
    finaliseTried: true,
  };
};

export const registrationNotFound = (state: State): State =>
  state.progress.phase === 'validating'
    ? {
        ...state,
        progress: { phase: 'registering', why: 'notFound', former: state.progress.registration },
        readRequired: false,
      }
    : state;

/** Removes a token that Verifik rejected. After a second rejection the registration is not completed at Verifik. */
export const tokenExpired = (state: State): State => {
  if (state.progress.phase !== 'validating') return state;
  const { token: _expired, ...registration } = state.progress.registration;
  const tokenRefusals = state.tokenRefusals + 1;
  return {
    ...state,
    progress: { phase: 'validating', registration },
    tokenRefusals,
    finaliseTried: state.finaliseTried || tokenRefusals > 1,
  };
};

export const reRegistrationRequested = (state: State, transition: TransitionOf<'ReRegistrationRequested'>): State => {
  const { progress } = state;
  if (progress.phase === 'ended') return state;
  const formerContact = transition.contact === undefined ? {} : { formerContact: state.contact };
  const contact = transition.contact ?? state.contact;
  return progress.phase === 'validating'
    ? {
        ...state,
        contact,
        progress: { phase: 'registering', why: 'requested', former: progress.registration, ...formerContact },
      }
    : { ...state, contact, progress: { ...formerContact, ...progress } };
};

/** Restores the former contact. A registration that was under way continues with it. */
export const reRegistrationRefused = (state: State): State => {
  const { progress } = state;
  if (progress.phase !== 'registering') return state;
  const { former, formerContact = state.contact, ...rest } = progress;
  return {
    ...state,
    contact: formerContact,
    progress:
      progress.why === 'requested' && former !== undefined
        ? { phase: 'validating', registration: former }
        : { ...rest, ...defined({ former }) },
  };
};
