import type { Settings } from '../settings.js';

type TwoWords = Readonly<Record<Settings['statusWords'], string>>;

/** Status words that differ between Verifik's API generations. */
export const WORDS = {
  started: { lower: 'new', upper: 'STARTED' },
  completed: { lower: 'completed', upper: 'COMPLETED' },
  documentAssessing: { lower: 'pending', upper: 'ASSESSING' },
  documentPassed: { lower: 'completed', upper: 'VALIDATED' },
  documentFailed: { lower: 'failed', upper: 'FAILED' },
  biometricFailed: { lower: 'failed', upper: 'failed' },
  biometricPassed: { lower: 'validated', upper: 'completed' },
} as const satisfies Readonly<Record<string, TwoWords>>;

const VARIANTS = [WORDS.started, WORDS.completed];
// In lower case: a word of an email's tag may have any case.
const PASSED: ReadonlySet<string> = new Set(['validated', 'completed', 'active']);
const UNDER_REVIEW: ReadonlySet<string> = new Set(['needs_manual_verification', 'active_but_unverified']);
const CLOSED: ReadonlySet<string> = new Set(['completed', 'completed_without_kyc', 'failed']);

export const isPassed = (word: string): boolean => PASSED.has(word.toLowerCase());

/** True for the words of a failed document or selfie. */
export const isFailed = (word: string): boolean => word.toLowerCase() === 'failed';

export const isUnderReview = (word: string): boolean => UNDER_REVIEW.has(word.toLowerCase());

/** True if a registration with this status is closed, so that syncs no longer change it. */
export const isClosed = (word: string): boolean => CLOSED.has(word.toLowerCase());

/** The word in the response of `sync`: in capitals in every generation. */
export const asSynced = (word: string): string => VARIANTS.find(({ lower }) => lower === word)?.upper ?? word;

/** True if two status words of registrations are equal or differ only by generation. */
export const isSameStatus = (one: string, other: string): boolean =>
  one === other ||
  VARIANTS.some(({ lower, upper }) => (one === lower || one === upper) && (other === lower || other === upper));
