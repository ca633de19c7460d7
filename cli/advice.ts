import type { OnboardingError, OnboardingErrorType } from '../client/index.js';
import { isUnknownNamespace } from './exit-codes.js';

/** The next step for the user after an error of the client, unless its message says it. */
const ADVICE: Readonly<Record<OnboardingErrorType, string | undefined>> = {
  InvalidRequest: undefined,
  Misconfigured: 'Correct the project or its flow at Verifik, and start again.',
  RefusedByPolicy: undefined,
  AlreadyRegistered: 'Start with the appRegistrationId of that registration in the file.',
  RegistrationClosed: 'See the outcome: verifik-onboarding status.',
  NotSupported: "Check the URL of Verifik's API in the settings of the workers.",
  Unreachable: 'Repeat the command.',
  UnexpectedVendorResponse: "Compare Verifik's responses with the expected ones: verifik-onboarding contract.",
  AlreadyEnded: 'See the outcome: verifik-onboarding status. To start again: start --restart.',
  NothingToReview: 'See the checks: verifik-onboarding status.',
  ReviewClaimed: 'See who has claimed it: verifik-onboarding status. To decide all the same: --force.',
  ReviewChanged: 'Look at it again: verifik-onboarding status.',
  RequestMismatch: 'Repeat that request, or use another one.',
  LegalHold: 'Lift the hold first: verifik-onboarding hold lift.',
  NoLegalHold: 'Check the reference.',
  NoCallbacks: 'Read its events: verifik-onboarding events.',
  NoSuchEvent: 'See the events that it has: verifik-onboarding events.',
  NotDecided: 'See who must act: verifik-onboarding status.',
  NotFound: 'Check the id and the namespace.',
  TimedOut: 'It may still take effect. Repeat the command, which is safe.',
  NoWorker: 'Start a worker, or see why its workflow tasks fail: verifik-onboarding doctor.',
  Unavailable:
    'Check --address, --namespace, the credentials, the service of the encryption keys, and the search attributes (verifik-onboarding setup).',
  ClientClosed: undefined,
  EncryptionKeys: 'Use the same keys as the workers.',
  ClosedWithoutOutcome: undefined,
  Unexpected: undefined,
};

const ADVICE_IF_NOT_FOUND: Readonly<Record<NonNullable<OnboardingError['subject']>, string>> = {
  onboarding: 'The gateway starts onboardings as <tenant>:<reference>. See verifik-onboarding list.',
  batch: 'See verifik-onboarding batch list.',
  schedule: 'See verifik-onboarding schedule list.',
};

/** Returns the advice on an error. Names the address that was tried, which may be a default. */
export const adviceOn = async (error: OnboardingError): Promise<string | undefined> => {
  const { type, subject } = error;
  if (isUnknownNamespace(error))
    return 'Check --namespace, or create the namespace: verifik-onboarding setup --create-namespace.';
  if (subject !== undefined) return `${ADVICE[type]} ${ADVICE_IF_NOT_FOUND[subject]}`;
  if (type !== 'Unavailable') return ADVICE[type];
  const { temporalConfig } = await import('../shared/temporal-config.js');
  return ADVICE[type]?.replace('--address', `--address (now ${temporalConfig().connectionOptions.address})`);
};
