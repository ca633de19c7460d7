import type { Settings } from './settings.js';

type TwoWords = Readonly<Record<Settings['statusWords'], string>>;

/** The status words that Verifik's generations spell differently. All others have one spelling. */
export const WORDS = {
  started: { lower: 'new', upper: 'STARTED' },
  completed: { lower: 'completed', upper: 'COMPLETED' },
  documentAssessing: { lower: 'pending', upper: 'ASSESSING' },
  documentPassed: { lower: 'completed', upper: 'VALIDATED' },
  documentFailed: { lower: 'failed', upper: 'FAILED' },
  biometricPassed: { lower: 'validated', upper: 'completed' },
} as const satisfies Readonly<Record<string, TwoWords>>;

const SPELT_TWICE = [WORDS.started, WORDS.completed];
const PASSED: ReadonlySet<string> = new Set(['validated', 'completed', 'VALIDATED', 'ACTIVE']);
const UNDER_REVIEW: ReadonlySet<string> = new Set(['NEEDS_MANUAL_VERIFICATION', 'ACTIVE_BUT_UNVERIFIED']);
const OVER: ReadonlySet<string> = new Set(['COMPLETED', 'completed', 'COMPLETED_WITHOUT_KYC', 'FAILED']);

/** Whether a validation has passed. Words that nobody knows never have. */
export const isPassed = (word: string): boolean => PASSED.has(word);

export const isUnderReview = (word: string): boolean => UNDER_REVIEW.has(word);

/** Whether a registration has come to an end that no later sync moves. */
export const isOver = (word: string): boolean => OVER.has(word);

/** The word as `sync` gives it: in capitals in every generation. */
export const asSynced = (word: string): string => SPELT_TWICE.find(({ lower }) => lower === word)?.upper ?? word;

/** Whether two words say the same of a registration, in whichever generation. */
export const sameStanding = (one: string, other: string): boolean =>
  one === other ||
  SPELT_TWICE.some(({ lower, upper }) => (one === lower || one === upper) && (other === lower || other === upper));
