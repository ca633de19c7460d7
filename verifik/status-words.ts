import type { CheckName } from '../domain/checks.js';
import type { CheckResult, RegistrationStatus } from '../domain/vendor-registration.js';

type Words<A> = Readonly<Record<string, A>>;

const CONTACT_WORDS: Words<CheckResult> = {
  new: 'pending',
  sent: 'pending',
  validated: 'passed',
  failed: 'failed',
  expired: 'failed',
};

/** Verifik's status words of each validation, in lower case. API generations differ in case and words. */
export const CHECK_WORDS: Readonly<Record<CheckName, Words<CheckResult>>> = {
  email: CONTACT_WORDS,
  phone: CONTACT_WORDS,
  document: {
    new: 'pending',
    pending: 'pending',
    assessing: 'pending',
    completed: 'passed',
    validated: 'passed',
    active: 'passed',
    failed: 'failed',
    not_found: 'failed',
    expired: 'failed',
    needs_manual_verification: 'inReview',
    active_but_unverified: 'inReview',
  },
  biometric: {
    new: 'pending',
    pending: 'pending',
    validated: 'passed',
    completed: 'passed',
    failed: 'failed',
    expired: 'failed',
  },
};

/** Verifik's status words of registrations, in lower case. */
export const REGISTRATION_WORDS: Words<Exclude<RegistrationStatus, 'unknown'>> = {
  new: 'inProgress',
  started: 'inProgress',
  ongoing: 'inProgress',
  completed: 'completed',
  completed_without_kyc: 'completedWithoutKyc',
  failed: 'failed',
  needs_manual_verification: 'needsReview',
  expired: 'sessionOver',
};

const MAX_SHOWN = 40;

// An unknown word is untrusted input. Only text that looks like a word is shown.
const displayable = (word: string): string => (/^[\w.-]+$/.test(word) ? word.slice(0, MAX_SHOWN) : '(not a word)');

const lookUp = <A>(words: Words<A>, word: string): A | undefined =>
  Object.hasOwn(words, word.toLowerCase()) ? words[word.toLowerCase()] : undefined;

/** Decodes a validation's status word. An unknown word means `pending` and is kept. */
export const readCheckWord = (
  check: CheckName,
  word: string,
): { readonly result: CheckResult; readonly unknownWord?: string } => {
  const result = lookUp(CHECK_WORDS[check], word);
  return result === undefined ? { result: 'pending', unknownWord: displayable(word) } : { result };
};

/** Decodes a registration's status word. An unknown word is kept. */
export const readRegistrationWord = (
  word: string,
): { readonly status: RegistrationStatus; readonly unknownWord?: string } => {
  const status = lookUp(REGISTRATION_WORDS, word);
  return status === undefined ? { status: 'unknown', unknownWord: displayable(word) } : { status };
};
