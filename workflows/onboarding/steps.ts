import { type ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import type { CompletionOutcome, RegistrationOutcome, TokenOutcome } from '../../contract/activities.js';
import type { FailureType } from '../../contract/messages.js';
import { decide, type NextStep, type ReadReason } from '../../domain/decide.js';
import type { OnboardingRequest } from '../../domain/request.js';
import { HOUR_MS, MINUTE_MS } from '../../shared/time.js';
import { failure } from '../shared/decoding.js';
import type { Casefile, Undated } from './run.js';
import { type AskOptions, askDurably, askQuickly } from './vendor.js';

/** How long past the deadline the vendor is still asked, so that a last look does not hang on a vendor that is down. */
const GRACE_MS = 15 * MINUTE_MS;

type Step<S extends NextStep['step']> = Extract<NextStep, { step: S }>;

/** What only rounds off an onboarding is not asked for longer than this. */
const ROUND_OFF_WITHIN_MS = HOUR_MS;

/** An answer no longer matters once something else is to be done first: a withdrawal, a new contact, a report that settles the outcome. */
const options = (
  casefile: Casefile,
  { step }: NextStep,
  summary: string,
  atMostMs = Number.POSITIVE_INFINITY,
): AskOptions => {
  const { contact } = casefile.state;
  return {
    summary,
    withinMs: Math.min(Math.max(casefile.state.deadline - casefile.now(), 0) + GRACE_MS, atMostMs),
    interrupted: () => decide(casefile.state, casefile.now()).step !== step || casefile.state.contact !== contact,
    // Whoever looks for what Verifik holds up should find it.
    onDelay: () => casefile.visibility.publish(),
    ...(casefile.batch === undefined ? {} : { batch: casefile.batch }),
  };
};

const isOf = (refusal: ApplicationFailure, ...types: readonly FailureType[]): boolean =>
  types.some((type) => type === refusal.type);

/** What a caller alone wanted is refused to them; without any registration the onboarding cannot go on. */
const registerRefused = (casefile: Casefile, { why }: Step<'register'>, refusal: ApplicationFailure): void => {
  const event: Undated | undefined =
    why === 'requested'
      ? { type: 'ReRegistrationRefused' }
      : isOf(refusal, 'RefusedByPolicy')
        ? { type: 'RefusedByPolicy' }
        : why === 'tokenLost'
          ? { type: 'TokenUnavailable' }
          : undefined;
  if (event === undefined) throw refusal;
  casefile.refuse(refusal);
  casefile.enter(event);
};

const registrationEvent = (outcome: RegistrationOutcome): Undated => {
  const { appRegistrationId } = outcome;
  switch (outcome.kind) {
    case 'registered':
      return { type: 'Registered', appRegistrationId, token: outcome.token };
    case 'resumed':
      return { type: 'RegistrationResumed', appRegistrationId, token: outcome.token, recheck: outcome.recheck };
    case 'over':
      return { type: 'RegistrationOver', appRegistrationId };
  }
};

const tokenEvent = (appRegistrationId: string, outcome: TokenOutcome): Undated => {
  switch (outcome.kind) {
    case 'resumed':
      return { type: 'RegistrationResumed', appRegistrationId, token: outcome.token };
    case 'notOffered':
      return { type: 'ResendLinkAbsent' };
    case 'gone':
      return { type: 'RegistrationGone' };
    case 'over':
      return { type: 'RegistrationOver', appRegistrationId };
  }
};

const completionEvent = (outcome: CompletionOutcome): Undated => {
  switch (outcome.kind) {
    case 'standing':
      return { type: 'Finalised', standing: outcome.standing };
    case 'tokenExpired':
      return { type: 'TokenExpired' };
    case 'gone':
      return { type: 'RegistrationGone' };
  }
};

/** Enters what came of asking for a token; who waits for one is told when there will be none. */
const enterToken = (casefile: Casefile, event: Undated): void => {
  casefile.enter(event);
  if (event.type === 'RegistrationOver')
    casefile.refuse(failure('RegistrationOver', 'the registration is over at Verifik'));
};

/** A reset does again what may have been done at Verifik before it: a new run keeps the id that its history began with. */
const wasReset = (): boolean => {
  const { runId, originalExecutionRunId } = workflowInfo();
  return originalExecutionRunId !== '' && originalExecutionRunId !== runId;
};

/** Gets a registration and its token: the first one, one in place of a lost one, or one for a new contact. */
export const register = async (
  casefile: Casefile,
  request: OnboardingRequest,
  next: Step<'register'>,
): Promise<void> => {
  const { project, projectFlow, fullName, language } = request;
  const { step: _step, ...how } = next;
  const { contact } = casefile.state;
  const input = { project, projectFlow, fullName, contact, ...how, ...(language === undefined ? {} : { language }) };
  const repeats = next.why === 'start' && wasReset();
  // What stands at Verifik is to be done again: going on with it would ask nobody for anything.
  const again = next.why === 'start' && casefile.batch !== undefined ? { again: true as const } : {};
  const asked = await askQuickly(
    (activities, lookFirst) =>
      activities.createAppRegistration({ ...input, ...again, lookFirst: lookFirst || repeats }),
    { ...options(casefile, next, 'Create the app registration'), isFirst: next.why === 'start' },
  );
  if (asked.kind === 'answered') enterToken(casefile, registrationEvent(asked.answer));
  if (asked.kind === 'refused') registerRefused(casefile, next, asked.failure);
};

/** Gets a new token for the registration. Whoever waits for one is told if there will be none, and may ask again. */
export const renewToken = async (casefile: Casefile, next: Step<'renewToken'>): Promise<void> => {
  const { appRegistrationId } = next;
  const asked = await askQuickly(
    (activities) => activities.renewRegistrationToken({ appRegistrationId }),
    options(casefile, next, 'Renew the registration token', ROUND_OFF_WITHIN_MS),
  );
  if (asked.kind === 'answered') enterToken(casefile, tokenEvent(appRegistrationId, asked.answer));
  if (asked.kind === 'refused') casefile.refuse(asked.failure);
  if (asked.kind === 'unreachable') casefile.refuse(failure('Unreachable', asked.problem));
  if (asked.kind === 'refused' || asked.kind === 'unreachable') casefile.enter({ type: 'TokenUnavailable' });
};

const READ_SUMMARIES: Record<ReadReason, string> = {
  confirm: 'Confirm with Verifik what was reported',
  reconcile: 'Ask Verifik, as nothing was heard for long',
  lastLook: 'Look once more before the deadline decides',
};

/** Reads the vendor's truth. A read that comes to nothing lets the onboarding go on at the reconcile's pace. */
export const readVendor = async (casefile: Casefile, next: Step<'readVendor'>): Promise<void> => {
  const { appRegistrationId, why } = next;
  if (why === 'reconcile' && !casefile.state.readsSetPace) casefile.enter({ type: 'ReadsSetPace' });
  const upToClaim = casefile.state.lastClaim;
  const ask = why === 'confirm' ? askQuickly : askDurably;
  const asked = await ask(
    (activities) => activities.readAppRegistration({ appRegistrationId }),
    options(casefile, next, READ_SUMMARIES[why]),
  );
  switch (asked.kind) {
    case 'answered':
      if (asked.answer.kind === 'gone') casefile.enter({ type: 'RegistrationGone' });
      else casefile.enter({ type: 'VendorRead', reading: asked.answer.reading, upToClaim });
      break;
    case 'unreachable':
      casefile.enter({ type: 'VendorUnreadable', problem: asked.problem, upToClaim });
      break;
    case 'refused':
      casefile.enter({ type: 'VendorUnreadable', problem: asked.failure.message, upToClaim });
      break;
    case 'interrupted':
      break;
  }
};

/** Tells the vendor that the applicant is through. The reads have settled it: a vendor who cannot be told changes nothing. */
export const finalise = async (casefile: Casefile, next: Step<'finalise'>): Promise<void> => {
  const { step: _step, ...input } = next;
  const asked = await askQuickly(
    (activities) => activities.completeAppRegistration(input),
    options(casefile, next, 'Tell Verifik that the applicant is through', ROUND_OFF_WITHIN_MS),
  );
  if (asked.kind === 'answered') casefile.enter(completionEvent(asked.answer));
  else if (asked.kind !== 'interrupted') casefile.enter({ type: 'Finalised', standing: 'unknown' });
};

/** Has the vendor remind the applicant. One that cannot be sent counts as sent: the next is due a day later. */
export const remind = async (casefile: Casefile, next: Step<'remind'>): Promise<void> => {
  const { appRegistrationId } = next;
  const asked = await askDurably(
    (activities) => activities.remindApplicant({ appRegistrationId }),
    options(casefile, next, 'Remind the applicant by email', ROUND_OFF_WITHIN_MS),
  );
  if (asked.kind === 'interrupted') return;
  if (asked.kind !== 'answered') casefile.enter({ type: 'ReminderSent' });
  else if (asked.answer.kind === 'resumed') casefile.enter({ type: 'ReminderSent', token: asked.answer.token });
  else enterToken(casefile, tokenEvent(appRegistrationId, asked.answer));
};
