import { perCheck } from './checks.js';
import type { Event, EventOf } from './events.js';
import { isThrough, vendorRead, vendorUnreadable } from './reads.js';
import {
  gone,
  over,
  registered,
  reRegistrationRefused,
  reRegistrationRequested,
  resumed,
  tokenExpired,
} from './registrations.js';
import { junk, report } from './reports.js';
import { underReview } from './review.js';
import { standingMoved, standingReport } from './standing-reports.js';
import { type Check, isRequired, type State } from './state.js';

const reminderSent = (state: State, { token, at }: EventOf<'ReminderSent'>): State => {
  const reminded = {
    ...state,
    reminders: { sent: state.reminders.sent + 1, nextAt: at + state.policy.reminders.afterMs },
  };
  if (token === undefined || state.progress.phase !== 'validating') return reminded;
  const registration = { ...state.progress.registration, token };
  return { ...reminded, progress: { phase: 'validating', registration }, generation: state.generation + 1 };
};

const approve = (state: State, { check, reviewer, at }: EventOf<'ReviewDecided'>): State => {
  const names = underReview(state, check);
  const checks = perCheck((name): Check => {
    const current = state.checks[name];
    return isRequired(current) && names.includes(name)
      ? { ...current, status: 'passed', approvedBy: reviewer, since: at }
      : current;
  });
  const approved: State = { ...state, checks, approvalUnread: true, readOwed: true, finaliseTried: false };
  // Who approves the last of what is under review lets the registration pass as well, if the vendor holds it back now.
  const heldBack = state.progress.phase === 'validating' && state.progress.registration.standing === 'needsReview';
  return heldBack && underReview(approved).length === 0 ? { ...approved, approvedBy: reviewer } : approved;
};

const reviewDecided = (state: State, event: EventOf<'ReviewDecided'>): State => {
  if (event.decision === 'approve') return approve(state, event);
  const check = event.check ?? underReview(state)[0];
  return {
    ...state,
    ending: { reason: 'rejectedByReviewer', reviewer: event.reviewer, ...(check === undefined ? {} : { check }) },
  };
};

const finalised = (state: State, { standing }: EventOf<'Finalised'>): State => {
  if (state.progress.phase !== 'validating') return state;
  const { registration } = state.progress;
  return {
    ...standingMoved(state, registration.standing, standing),
    finaliseTried: true,
    progress: { phase: 'validating', registration: { ...registration, standing } },
  };
};

const decided = (state: State, { decision }: EventOf<'Decided'>): State => {
  const registration = state.progress.phase === 'registering' ? state.progress.former : state.progress.registration;
  if (registration === undefined) return { ...state, progress: { phase: 'ended', decision } };
  const { token: _noLongerNeeded, ...rest } = registration;
  return { ...state, progress: { phase: 'ended', decision, registration: rest } };
};

const never = (event: never): never => {
  throw new Error(`an event of no known type: ${JSON.stringify(Object.keys(event))}`);
};

/** What the onboarding is after the event. Total: an event that no longer matters changes nothing. */
export const evolve = (state: State, event: Event): State => {
  if (state.progress.phase === 'ended') return state;
  switch (event.type) {
    case 'TokenRequested':
      return { ...state, tokenWanted: true };
    case 'Registered':
      return registered(state, event);
    case 'RegistrationResumed':
      return resumed(state, event);
    case 'RegistrationOver':
      return over(state, event);
    case 'RegistrationGone':
      return gone(state);
    case 'TokenExpired':
      return tokenExpired(state);
    case 'ResendLinkAbsent':
      return { ...state, resendLinkAbsent: true };
    case 'TokenUnavailable':
      // What has passed is closed without one.
      return { ...state, tokenWanted: false, finaliseTried: state.finaliseTried || isThrough(state) };
    case 'ReRegistrationRequested':
      return reRegistrationRequested(state, event);
    case 'ReRegistrationRefused':
      return reRegistrationRefused(state);
    case 'ValidationReported':
      return report(state, event);
    case 'RegistrationReported':
      return standingReport(state, event);
    case 'JunkReported':
      return junk(state, event);
    case 'VendorRead':
      return vendorRead(state, event);
    case 'VendorUnreadable':
      return vendorUnreadable(state, event);
    case 'ReadsSetPace':
      return { ...state, readsSetPace: true };
    case 'Finalised':
      return finalised(state, event);
    case 'ReminderSent':
      return reminderSent(state, event);
    case 'ReviewDecided':
      return reviewDecided(state, event);
    case 'RefusedByPolicy':
      return { ...state, ending: { reason: 'refusedByPolicy' } };
    case 'Withdrawn':
      return { ...state, ending: { reason: 'withdrawn' } };
    case 'Decided':
      return decided(state, event);
    default:
      return never(event);
  }
};
