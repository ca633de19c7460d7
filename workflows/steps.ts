import type { ApplicationFailure } from '@temporalio/workflow';
import type { NextStep, ReadReason } from '../domain/decide.js';
import type { OnboardingRequest } from '../domain/request.js';
import { MINUTE_MS } from '../domain/time.js';
import type { CompletionOutcome, RegistrationOutcome, TokenOutcome } from './activity-contract.js';
import type { Casefile, Undated } from './casefile.js';
import { failure } from './decoding.js';
import type { FailureType } from './messages.js';
import { type Answer, type AskOptions, askDurably, askQuickly } from './vendor.js';

/** How long past the deadline the vendor is still asked, so that a last look does not hang on a vendor that is down. */
const GRACE_MS = 15 * MINUTE_MS;

type Step<S extends NextStep['step']> = Extract<NextStep, { step: S }>;

const options = (casefile: Casefile, summary: string, alsoInterrupted: () => boolean = () => false): AskOptions => ({
  summary,
  withinMs: Math.max(casefile.state.deadline - Date.now(), 0) + GRACE_MS,
  interrupted: () => casefile.state.ending !== undefined || alsoInterrupted(),
});

const isOf = (refusal: ApplicationFailure, ...types: readonly FailureType[]): boolean =>
  types.some((type) => type === refusal.type);

/** A re-registration that only its caller wanted is refused to them; without a registration the onboarding cannot go on. */
const registerRefused = (casefile: Casefile, step: Step<'register'>, refusal: ApplicationFailure): void => {
  const policy = isOf(refusal, 'RefusedByPolicy');
  if (step.why !== 'requested' && !policy) throw refusal;
  casefile.refuse(refusal);
  casefile.enter({ type: step.why === 'requested' ? 'ReRegistrationRefused' : 'RefusedByPolicy' });
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

/** Gets a registration and its token: the first one, one in place of a lost one, or one for a new contact. */
export const register = async (
  casefile: Casefile,
  request: OnboardingRequest,
  { step: _step, ...step }: Step<'register'>,
): Promise<void> => {
  const { project, projectFlow, fullName, language } = request;
  const { contact } = casefile.state;
  const input = { project, projectFlow, fullName, contact, ...step, ...(language === undefined ? {} : { language }) };
  const asked = await askQuickly(
    (activities, lookFirst) => activities.createAppRegistration({ ...input, lookFirst }),
    options(casefile, 'Create the app registration', () => casefile.state.contact !== contact),
  );
  if (asked.kind === 'answered') enterToken(casefile, registrationEvent(asked.answer));
  if (asked.kind === 'refused') registerRefused(casefile, { step: _step, ...step }, asked.failure);
};

/** The vendor could not be asked in the time there was, or its answer could not be read: the onboarding goes on without. */
const goOnWithout = (
  casefile: Casefile,
  asked: Exclude<Answer<unknown>, { kind: 'answered' }>,
  upToClaim: number,
): void => {
  if (asked.kind === 'unreachable') casefile.enter({ type: 'VendorUnreadable', problem: asked.problem, upToClaim });
  if (asked.kind === 'refused') casefile.enter({ type: 'VendorUnreadable', problem: asked.failure.message, upToClaim });
};

export const renewToken = async (casefile: Casefile, { appRegistrationId }: Step<'renewToken'>): Promise<void> => {
  const upToClaim = casefile.state.lastClaim;
  const asked = await askQuickly(
    (activities) => activities.renewRegistrationToken({ appRegistrationId }),
    options(casefile, 'Renew the registration token'),
  );
  if (asked.kind === 'answered') return enterToken(casefile, tokenEvent(appRegistrationId, asked.answer));
  if (asked.kind === 'refused') casefile.refuse(asked.failure);
  goOnWithout(casefile, asked, upToClaim);
};

const READ_SUMMARIES: Record<ReadReason, string> = {
  confirm: 'Confirm with Verifik what was reported',
  reconcile: 'Ask Verifik, as nothing was heard for long',
  lastLook: 'Look once more before the deadline decides',
};

export const readVendor = async (casefile: Casefile, { appRegistrationId, why }: Step<'readVendor'>): Promise<void> => {
  const upToClaim = casefile.state.lastClaim;
  const ask = why === 'confirm' ? askQuickly : askDurably;
  const asked = await ask(
    (activities) => activities.readAppRegistration({ appRegistrationId }),
    options(casefile, READ_SUMMARIES[why]),
  );
  if (asked.kind !== 'answered') return goOnWithout(casefile, asked, upToClaim);
  if (asked.answer.kind === 'gone') casefile.enter({ type: 'RegistrationGone' });
  else casefile.enter({ type: 'VendorRead', reading: asked.answer.reading, upToClaim });
};

export const finalise = async (casefile: Casefile, { step: _step, ...input }: Step<'finalise'>): Promise<void> => {
  const upToClaim = casefile.state.lastClaim;
  const asked = await askQuickly(
    (activities) => activities.completeAppRegistration(input),
    options(casefile, 'Tell Verifik that the applicant is through'),
  );
  if (asked.kind === 'answered') casefile.enter(completionEvent(asked.answer));
  else goOnWithout(casefile, asked, upToClaim);
};

export const remind = async (casefile: Casefile, { appRegistrationId }: Step<'remind'>): Promise<void> => {
  const asked = await askDurably(
    (activities) => activities.remindApplicant({ appRegistrationId }),
    options(casefile, 'Remind the applicant by email'),
  );
  if (asked.kind !== 'answered') casefile.enter({ type: 'ReminderSent' });
  else if (asked.answer.kind === 'resumed') casefile.enter({ type: 'ReminderSent', token: asked.answer.token });
  else enterToken(casefile, tokenEvent(appRegistrationId, asked.answer));
};
