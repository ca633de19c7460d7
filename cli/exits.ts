import type { OnboardingErrorType } from '../client/index.js';
import type { Outcome } from '../domain/outcomes.js';

/** How the command ends, and what that means. Read by code, documents and tests alike. */
export const EXITS = {
  ok: {
    code: 0,
    meaning: 'It was done. Of `watch`: the outcome is `verified`. Of `batch watch`: the batch has ended.',
  },
  failed: { code: 1, meaning: 'Something failed, or `doctor` found something wrong.' },
  usage: { code: 2, meaning: 'The command, or what it was given, is wrong.' },
  notFound: { code: 3, meaning: 'There is no such onboarding, batch or schedule.' },
  refused: {
    code: 4,
    meaning: 'It was refused as things stand: it has ended already, nothing is under review, a legal hold is set, …',
  },
  unavailable: {
    code: 5,
    meaning: 'Temporal, its workers or Verifik could not be reached, or there was no answer in time. Repeat it.',
  },
  rejected: { code: 10, meaning: 'Of `watch`: the outcome is `rejected`.' },
  expired: { code: 11, meaning: 'Of `watch`: the outcome is `expired`.' },
  withdrawn: { code: 12, meaning: 'Of `watch`: the outcome is `withdrawn`.' },
  stopped: {
    code: 13,
    meaning:
      'The onboarding or the batch failed or was stopped in Temporal, so that there is no outcome, or the batch was cancelled.',
  },
  misconfigured: { code: 78, meaning: 'A setting, or an encryption key, is missing or wrong.' },
  interrupted: {
    code: 130,
    meaning: 'Nothing was done: the answer was no, or Ctrl-C or the end of the input came in place of one.',
  },
} as const;

export type ExitName = keyof typeof EXITS;

/** What the errors of the client come to. */
export const EXIT_OF_ERROR: Readonly<Record<OnboardingErrorType, ExitName>> = {
  InvalidRequest: 'usage',
  Misconfigured: 'failed',
  RefusedByPolicy: 'refused',
  AlreadyRegistered: 'refused',
  RegistrationOver: 'refused',
  NotOffered: 'failed',
  Unreachable: 'unavailable',
  ContractBroken: 'failed',
  Ended: 'refused',
  NothingToReview: 'refused',
  OtherRequest: 'refused',
  LegalHold: 'refused',
  NoLegalHold: 'notFound',
  NoCallbacks: 'refused',
  NoSuchEvent: 'notFound',
  NotFound: 'notFound',
  TimedOut: 'unavailable',
  Unavailable: 'unavailable',
  EncryptionKeys: 'misconfigured',
  Stopped: 'stopped',
  Unexpected: 'failed',
};

export const EXIT_OF_OUTCOME: Readonly<Record<Outcome, ExitName>> = {
  verified: 'ok',
  rejected: 'rejected',
  expired: 'expired',
  withdrawn: 'withdrawn',
};
