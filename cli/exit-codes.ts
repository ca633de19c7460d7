import type { OnboardingError, OnboardingErrorType } from '../client/index.js';
import type { Outcome } from '../domain/outcomes.js';

/** The exit codes of the command line. docs/cli.md lists them. */
export const EXITS = {
  ok: {
    code: 0,
    meaning: 'Success. For `watch`: the outcome is `verified`. For `batch watch`: the batch has ended.',
  },
  failed: { code: 1, meaning: 'The command failed, or `doctor` or `contract` found a problem.' },
  usage: { code: 2, meaning: 'The command, an option or an input is wrong.' },
  notFound: {
    code: 3,
    meaning:
      'There is no such onboarding, batch or schedule. For `batch watch`: the list at Verifik has no registration for the batch.',
  },
  refused: {
    code: 4,
    meaning:
      'The current state does not allow it: the onboarding has ended, nothing is under review, a legal hold is set, …',
  },
  unavailable: {
    code: 5,
    meaning:
      'Temporal, its workers, Verifik or the service of the encryption keys could not be reached, or the call timed out. Repeat the command.',
  },
  rejected: { code: 10, meaning: 'For `watch`: the outcome is `rejected`.' },
  expired: { code: 11, meaning: 'For `watch`: the outcome is `expired`.' },
  withdrawn: { code: 12, meaning: 'For `watch`: the outcome is `withdrawn`.' },
  stopped: {
    code: 13,
    meaning:
      'The onboarding or the batch failed or was stopped in Temporal, and has no outcome, or the batch was cancelled.',
  },
  misconfigured: { code: 78, meaning: 'A setting or an encryption key is missing or wrong.' },
  interrupted: {
    code: 130,
    meaning: 'Nothing was done: a question was answered with no, Ctrl-C or the end of the input.',
  },
} as const;

export type ExitName = keyof typeof EXITS;

const EXIT_OF_ERROR: Readonly<Record<OnboardingErrorType, ExitName>> = {
  InvalidRequest: 'usage',
  Misconfigured: 'failed',
  RefusedByPolicy: 'refused',
  AlreadyRegistered: 'refused',
  RegistrationClosed: 'refused',
  NotSupported: 'failed',
  Unreachable: 'unavailable',
  UnexpectedVendorResponse: 'failed',
  AlreadyEnded: 'refused',
  NothingToReview: 'refused',
  ReviewClaimed: 'refused',
  ReviewChanged: 'refused',
  RequestMismatch: 'refused',
  LegalHold: 'refused',
  NoLegalHold: 'notFound',
  NoCallbacks: 'refused',
  NoSuchEvent: 'notFound',
  NotDecided: 'refused',
  NotFound: 'notFound',
  TimedOut: 'unavailable',
  NoWorker: 'unavailable',
  Unavailable: 'unavailable',
  ClientClosed: 'failed',
  EncryptionKeys: 'misconfigured',
  ClosedWithoutOutcome: 'stopped',
  Unexpected: 'failed',
};

/** A wrong namespace stays wrong: to repeat the command would not help. */
export const isUnknownNamespace = ({ cause }: Error): boolean =>
  cause instanceof Error && cause.name === 'NamespaceNotFoundError';

export const exitOfError = (error: OnboardingError): ExitName =>
  isUnknownNamespace(error) ? 'misconfigured' : EXIT_OF_ERROR[error.type];

export const exitOfOutcome = (outcome: Outcome): ExitName => (outcome === 'verified' ? 'ok' : outcome);
