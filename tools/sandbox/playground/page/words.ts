import { numberAt, textAt, textsAt } from './json.js';

export const CHECKS = ['email', 'phone', 'document', 'biometric'] as const;

export type CheckName = (typeof CHECKS)[number];

export const CHECK_TITLES: Readonly<Record<string, string>> = {
  email: 'Email',
  phone: 'Phone',
  document: 'Document',
  biometric: 'Selfie',
};

const STATES: Readonly<Record<string, { readonly symbol: string; readonly word: string }>> = {
  notRequired: { symbol: '–', word: 'not required' },
  pending: { symbol: '○', word: 'to be done' },
  reported: { symbol: '◔', word: 'reported, to be confirmed' },
  passed: { symbol: '✓', word: 'passed' },
  failed: { symbol: '✗', word: 'failed' },
  inReview: { symbol: '⚑', word: 'under review' },
};

export const stateOf = (status: string) => STATES[status] ?? { symbol: '?', word: 'unknown' };

const REFUSALS: Readonly<Record<string, string>> = {
  otp_does_not_match: 'That is not the code.',
  emailValidation_not_found: 'No code has been sent by email yet. Ask for one first.',
  phoneValidation_not_found: 'No code has been sent by text yet. Ask for one first.',
  emailValidation_has_expired: 'The code has expired. Ask for another one.',
  phoneValidation_has_expired: 'The code has expired. Ask for another one.',
  liveness_failed: 'The picture shows no living face.',
  already_exists: 'A document has already passed.',
  person_already_set: 'A selfie has already passed.',
  Unauthorized: 'Verifik no longer accepts this token. Ask for a live token as the backend.',
  access_denied: 'This token is for another registration.',
  appRegistration_not_found: 'Verifik has forgotten this registration. Register again as the backend.',
  AppRegistration_not_found: 'Verifik has forgotten this registration. Register again as the backend.',
  MissingParameter: 'Verifik misses a parameter.',
};

/** Describes a refusal, with Verifik's error code in parentheses. */
export const describeRefusal = (word: string, detail: string): string => {
  const [, known] = Object.entries(REFUSALS).find(([code]) => word.includes(code)) ?? [];
  const sentence = known ?? 'Verifik refused it.';
  return `${detail === '' ? sentence : `${sentence} ${detail}.`} (${word})`;
};

const listed = (names: readonly string[]): string =>
  new Intl.ListFormat('en-GB').format(names.map((name) => (CHECK_TITLES[name] ?? name).toLowerCase()));

/** Names the checks under review. Without checks, the registration as a whole is under review. */
export const listReviewed = (checks: readonly string[]): string =>
  checks.length === 0 ? 'the registration as a whole' : listed(checks);

const reviewedIn = (data: unknown): string => listReviewed(textsAt(data, 'checks'));

const DECISIONS: Readonly<Record<string, string>> = {
  approve: 'approved',
  reject: 'rejected',
  again: 'asked the applicant to repeat',
};

const titleOf = (data: unknown): string => CHECK_TITLES[textAt(data, 'check') ?? ''] ?? 'A check';

const attempts = (data: unknown): string => {
  const failed = numberAt(data, 'attempts', 'failed');
  const limit = numberAt(data, 'attempts', 'limit');
  return failed === undefined || limit === undefined ? '' : `, attempt ${failed} of ${limit}`;
};

export const EVENTS: Readonly<Record<string, (data: unknown) => string>> = {
  'onboarding.registered': (data) => {
    const pending = textsAt(data, 'pending');
    const generation = numberAt(data, 'generation') ?? 1;
    const what = generation > 1 ? 'Registered again' : 'Registered';
    return `${what} at Verifik${pending.length === 0 ? '.' : `: ${listed(pending)} to be done.`}`;
  },
  'onboarding.check.passed': (data) => {
    const by = textAt(data, 'approvedBy');
    return `${titleOf(data)} passed${by === undefined ? '' : `, approved by ${by}`}.`;
  },
  'onboarding.check.failed': (data) => `${titleOf(data)} failed${attempts(data)}.`,
  'onboarding.contact.changed': (data) =>
    `The applicant changed the contact on Verifik’s page: ${listed(textsAt(data, 'channels'))}.`,
  'onboarding.review.needed': (data) => `Needs a review: ${reviewedIn(data)}.`,
  'onboarding.review.due': (data) => `The review is due soon: ${reviewedIn(data)}.`,
  'onboarding.review.decided': (data) => {
    const overruled = textAt(data, 'overruled');
    const claimed = overruled === undefined ? '' : `, although ${overruled} had claimed the review`;
    const decided = DECISIONS[textAt(data, 'decision') ?? ''] ?? 'decided';
    return `${textAt(data, 'reviewer') ?? 'A reviewer'} ${decided}: ${reviewedIn(data)}${claimed}.`;
  },
  'onboarding.reminder.sent': () => 'A reminder was sent.',
  'onboarding.reminder.due': () => 'A reminder was due, and Verifik did not send it.',
  'onboarding.ended': (data) =>
    `Ended: ${textAt(data, 'decision', 'outcome') ?? 'unknown'}. ${textAt(data, 'decision', 'sentence') ?? ''}`.trim(),
  'onboarding.validity.ending': () => 'The validity of the outcome ends soon.',
  'onboarding.validity.ended': () => 'The validity of the outcome has ended.',
  'onboarding.failed': (data) => `Failed: ${textAt(data, 'failure') ?? 'unknown'}. There is no outcome.`,
};
