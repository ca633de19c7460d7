import { recorded } from './evidence/record.js';
import {
  registered,
  registrationClosed,
  registrationNotFound,
  reRegistrationRefused,
  reRegistrationRequested,
  resumed,
  tokenExpired,
} from './registrations.js';
import {
  applyRegistrationReport,
  applyUndecodableReport,
  applyValidationReport,
  noteProblem,
  statusChanged,
} from './reports.js';
import { reviewTimePassed, withReviewClock } from './review/clock.js';
import {
  checksRequestedAgain,
  reviewClaimed,
  reviewDecided,
  reviewReleased,
  validationDeleted,
} from './review/decisions.js';
import { allChecksConfirmed, type State } from './state.js';
import type { Transition, TransitionOf } from './transitions.js';
import { reviewReopened, vendorRead, vendorUnreadable } from './vendor-read.js';

const reminderTried = (state: State, { sent: isSent, token, at }: TransitionOf<'ReminderTried'>): State => {
  const { linkOwed: _owed, ...reminders } = state.reminders;
  const { sent, unsent } = reminders;
  const counts = isSent ? { sent: sent + 1 } : { unsent: unsent + 1 };
  const nextAt = at + state.policy.reminders.afterMs;
  const reminded: State = { ...state, reminders: { ...reminders, ...counts, nextAt } };
  if (token === undefined || state.progress.phase !== 'validating') return reminded;
  const registration = { ...state.progress.registration, token };
  return { ...reminded, progress: { phase: 'validating', registration }, generation: state.generation + 1 };
};

const finalised = (state: State, { status }: TransitionOf<'Finalised'>): State => {
  if (state.progress.phase !== 'validating') return state;
  const { registration } = state.progress;
  return {
    ...reviewReopened(statusChanged(state, registration.status, status), status),
    finaliseTried: true,
    progress: { phase: 'validating', registration: { ...registration, status } },
  };
};

const decided = (state: State, { decision }: TransitionOf<'Decided'>): State => {
  const registration = state.progress.phase === 'registering' ? state.progress.former : state.progress.registration;
  if (registration === undefined) return { ...state, progress: { phase: 'ended', decision } };
  const { token: _token, ...rest } = registration;
  return { ...state, progress: { phase: 'ended', decision, registration: rest } };
};

const unreachable = (transition: never): never => {
  throw new Error(`unknown transition type: ${JSON.stringify(Object.keys(transition))}`);
};

const apply = (state: State, transition: Transition): State => {
  switch (transition.type) {
    case 'TokenRequested':
      return { ...state, tokenWanted: true };
    case 'Registered':
      return registered(state, transition);
    case 'RegistrationResumed':
      return resumed(state, transition);
    case 'RegistrationClosed':
      return registrationClosed(state, transition);
    case 'RegistrationNotFound':
      return registrationNotFound(state);
    case 'TokenExpired':
      return tokenExpired(state);
    case 'ResendLinkAbsent':
      return { ...state, resendLinkAbsent: true };
    case 'TokenUnavailable':
      // Without a token, a registration whose checks have all passed cannot be completed at Verifik.
      return { ...state, tokenWanted: false, finaliseTried: state.finaliseTried || allChecksConfirmed(state) };
    case 'ReRegistrationRequested':
      return reRegistrationRequested(state, transition);
    case 'ReRegistrationRefused':
      return reRegistrationRefused(state);
    case 'ValidationReported':
      return applyValidationReport(state, transition);
    case 'RegistrationReported':
      return applyRegistrationReport(state, transition);
    case 'UndecodableReported':
      return applyUndecodableReport(state, transition);
    case 'VendorRead':
      return vendorRead(state, transition);
    case 'VendorUnreadable':
      return vendorUnreadable(state, transition);
    case 'Finalised':
      return finalised(state, transition);
    case 'FinaliseRejected':
      return { ...noteProblem(state, transition.problem), closingHeld: true };
    case 'ReminderTried':
      return reminderTried(state, transition);
    case 'ReviewDecided':
      return reviewDecided(state, transition);
    case 'ChecksRequestedAgain':
      return checksRequestedAgain(state, transition);
    case 'ReviewClaimed':
      return reviewClaimed(state, transition);
    case 'ReviewReleased':
      return reviewReleased(state);
    case 'ReviewTimePassed':
      return reviewTimePassed(state, transition.at);
    case 'ValidationDeleted': {
      const deleted = validationDeleted(state, transition);
      return transition.problem === undefined ? deleted : noteProblem(deleted, transition.problem);
    }
    case 'RefusedByPolicy':
      return { ...state, ending: { reason: 'refusedByPolicy' } };
    case 'Withdrawn':
      return { ...state, ending: { reason: 'withdrawn' } };
    case 'OverrideRefused':
      return noteProblem(state, transition.problem);
    case 'Decided':
      return decided(state, transition);
    default:
      return unreachable(transition);
  }
};

/** Returns the state after a transition. Pure and total: an ended onboarding does not change. */
export const evolve = (state: State, transition: Transition): State => {
  if (state.progress.phase === 'ended')
    return transition.type === 'OverrideRefused' ? noteProblem(state, transition.problem) : state;
  return recorded(state, transition, withReviewClock(apply(state, transition), transition.at));
};
