import type { OnboardingEvent } from '../../client/index.js';
import { localIso } from './moments.js';
import { plain } from './plain.js';

const words = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '));

const said = (event: OnboardingEvent): string => {
  switch (event.type) {
    case 'onboarding.registered':
      return `registered as ${event.appRegistrationId}; to do: ${words(event.pending)}`;
    case 'onboarding.check.passed':
      return `${event.check} passed${event.approvedBy === undefined ? '' : `, approved by ${event.approvedBy}`}`;
    case 'onboarding.check.failed':
      return `${event.check} failed, ${event.attempts.failed} of ${event.attempts.limit} attempts`;
    case 'onboarding.review.needed':
      return `a reviewer has to decide: ${event.checks.length === 0 ? 'the registration' : words(event.checks)}`;
    case 'onboarding.reminder.sent':
      return `the applicant was reminded (${event.remindersSent})`;
    case 'onboarding.ended':
      return `${event.decision.outcome}: ${event.decision.sentence}`;
    case 'onboarding.failed':
      return `failed without an outcome: ${event.failure}`;
  }
};

/** An event as one line for people. */
export const eventLine = (event: OnboardingEvent): string => `${localIso(event.at)}  ${plain(said(event))}`;
