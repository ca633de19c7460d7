import type { EventLog, OnboardingEvent } from '../domain/changes.js';
import type { CheckName } from '../domain/checks.js';
import type { Contact } from '../domain/contact.js';
import type { Evidence } from '../domain/evidence/evidence.js';
import type { LegalHoldInput, LiftHoldArgs } from '../domain/legal-hold.js';
import type { Decision } from '../domain/outcomes.js';
import type { OnboardingRequestInput } from '../domain/request.js';
import type {
  ClaimReviewArgs,
  DecideReviewArgs,
  ReleaseReviewArgs,
  RequestAgainArgs,
} from '../domain/review/requests.js';
import type { Snapshot } from '../domain/snapshot.js';
import type { State } from '../domain/state.js';
import type { ErasedAtVerifik } from '../domain/vendor-erasure.js';
import { defineQuery, defineSignal, defineUpdate } from './definitions.js';
import { SEARCH_ATTRIBUTES } from './search-attributes.js';

export const ONBOARDING_WORKFLOW = 'onboarding';

/** The workflow type of a legal hold, which is in force while its workflow runs. */
export const LEGAL_HOLD_WORKFLOW = 'legalHold';

export const workflowIdOfHold = (reference: string): string => `legal-hold-${reference}`;

/** The workflow type that sends an onboarding's events to the callback URL. It runs while events are undelivered. */
export const CALLBACKS_WORKFLOW = 'callbacks';

/** The workflow type that deletes a customer's data at Verifik. An erasure starts it, and deletes it at the end. */
export const VENDOR_ERASURE_WORKFLOW = 'vendorErasure';

export const workflowIdOfVendorErasure = (reference: string): string => `vendor-erasure-${reference}`;

const CALLBACKS_PREFIX = 'callbacks-';

export const workflowIdOfCallbacks = (onboarding: string): string => `${CALLBACKS_PREFIX}${onboarding}`;

/** Returns the workflow id of the onboarding whose events a `callbacks` workflow sends. */
export const onboardingOfCallbacks = (workflowId: string): string => workflowId.slice(CALLBACKS_PREFIX.length);

/** Returns the start options of the `callbacks` workflow. An erasure finds it by the reference. */
export const callbacksStart = (onboarding: string, reference?: string) => ({
  workflowId: workflowIdOfCallbacks(onboarding),
  staticSummary: "Sends an onboarding's events to the callback URL",
  typedSearchAttributes: reference === undefined ? [] : [{ key: SEARCH_ATTRIBUTES.reference, value: reference }],
});

/** The workflow type that keeps pending reports until their onboarding can take them. */
export const PENDING_REPORTS_WORKFLOW = 'pendingReports';

/** The workflow type that stores the first use of an idempotency key. */
export const IDEMPOTENCY_KEY_WORKFLOW = 'idempotencyKey';

export const DEFAULT_TASK_QUEUE = 'verifik-onboarding';

/** The failure types that callers receive, with advice. The tests compare `docs/client.md` with them. */
export const FAILURES = {
  InvalidRequest: 'The request is invalid, here or at Verifik. Correct it and start again.',
  Misconfigured: 'The project or its flow is misconfigured at Verifik. Start again after an operator has corrected it.',
  RefusedByPolicy: 'The policy of the project at Verifik rejects this applicant. The onboarding ends as rejected.',
  AlreadyRegistered:
    'Verifik has a registration for this contact that could not be found. Start with its appRegistrationId.',
  RegistrationClosed: 'The registration is closed at Verifik and has no token. See the outcome.',
  NotSupported: "Verifik's API has no such call. Check its URL and its generation.",
  Unreachable: 'Verifik did not answer in time. Repeat the call.',
  UnexpectedVendorResponse: "Verifik's response does not match its contract at the named paths.",
  AlreadyEnded: 'The onboarding has already ended. See the outcome.',
  NothingToReview: 'Nothing is under review, or the named check is not.',
  ReviewClaimed: 'Another reviewer has claimed the review. Wait until the claim ends, or force the decision.',
  ReviewChanged: 'What is under review has changed since the named version. Look at it again.',
} as const;

export type FailureType = keyof typeof FAILURES;

/** Keyed hashes of the fields of a request, by their paths, such as `contact.email`. */
export type Fingerprints = Readonly<Record<string, string>>;

export interface OnboardingInput {
  readonly request: OnboardingRequestInput;
  /** The caller's opaque id for the customer. Never personal data, because it is shown unencrypted. */
  readonly reference?: string;
  /** Keyed hashes of the contact's email and phone, for finding the onboarding. */
  readonly contactKeys?: readonly string[];
  /** To detect a different request with the same reference. */
  readonly fingerprints?: Fingerprints;
  /** The receiver of events. Absent: no events are sent. */
  readonly callbacks?: Callbacks;
  /**
   * How long `OnboardingPending` and `OnboardingValidationId` may be outdated while the applicant completes checks, in
   * ms. Default 0: published with every check.
   */
  readonly publishChecksWithinMs?: number;
  readonly batch?: OnboardingBatch;
}

/** The options of a batch for an applicant who is verified again. */
export interface OnboardingBatch {
  readonly id: string;
  /** The account at Verifik, which has a rate-limited task queue of its own. */
  readonly account?: string;
  /** The existing validations of the chosen checks. They do not count. */
  readonly formerValidationIds: readonly string[];
  /** Lets Verifik send the applicant a link once they are registered. */
  readonly invite: boolean;
}

export interface Callbacks {
  /** The name of an endpoint in the workers' configuration. */
  readonly endpoint: string;
  /** The id by which the receiver knows the onboarding. */
  readonly id: string;
}

export interface OnboardingAnswer extends Snapshot {
  /** How often in this run the callers that waited for a token were rejected. */
  readonly refusals?: number;
}

/** The state that continue-as-new passes to the next run. */
export interface CarriedState {
  readonly state: State;
  readonly contactKeys: readonly string[];
  readonly log: EventLog;
}

export interface OnboardingResult extends Decision {
  /** Absent if Verifik never created one. */
  readonly appRegistrationId?: string;
}

/** A registration with a live token. `token` and `link` are secrets of the applicant. */
export interface LiveRegistration {
  readonly appRegistrationId: string;
  readonly token: string;
  /** The URL of Verifik's hosted page, which contains the token. Absent with the token of a new registration. */
  readonly link?: string;
  /** ms since the Unix epoch. */
  readonly expiresAt: number;
  readonly generation: number;
}

/**
 * The arguments of an update. The answer and failure details repeat `requestId`, so that a caller can detect an earlier
 * answer.
 */
export interface RegistrationArgs {
  readonly requestId?: string;
}

export interface RegistrationAnswer extends LiveRegistration {
  readonly requestId?: string;
  readonly fingerprints?: Fingerprints;
}

/** The input and answer of the workflow that stores an idempotency key: the fields of the key's first request. */
export interface IdempotencyKeyInput {
  readonly fingerprints: Fingerprints;
}

/** A report about one validation. A hint: Verifik is read before any decision. */
export interface ValidationReport {
  /** Verifik's status word, such as `validated`, `ASSESSING` or `failed`. */
  readonly status: string;
  /** Verifik's id of the validation. Identifies repeated and outdated reports. */
  readonly validationId?: string;
  readonly appRegistrationId?: string;
  readonly occurredAt?: string;
  readonly reason?: string;
}

/** A report about the registration as a whole. A hint as well. */
export interface RegistrationReport {
  /** Verifik's status word, such as `COMPLETED` or `NEEDS_MANUAL_VERIFICATION`. */
  readonly status: string;
  readonly appRegistrationId?: string;
}

export type AnyReport =
  | ({ readonly about: CheckName } & ValidationReport)
  | ({ readonly about: 'appRegistration' } & RegistrationReport);

/** Selects the kept events after a sequence number, by default all. */
export interface EventsArgs {
  readonly after?: number;
}

export interface EventsAnswer {
  readonly events: readonly OnboardingEvent[];
  /** The sequence number of the last event, or 0. */
  readonly last: number;
  /** The sequence number of the oldest kept event, or 0. */
  readonly oldest: number;
  readonly onboardingRunId: string;
  readonly callbacks?: Callbacks;
  readonly snapshot: Snapshot;
}

/** The applicant. Personal data. */
export interface ApplicantAnswer {
  readonly contact: Contact;
  readonly fullName: string;
  readonly language?: string;
}

export interface EvidenceArgs {
  /** Adds the applicant's name and contact, and the notes of reviewers. */
  readonly personalData?: boolean;
}

/** The evidence of an onboarding. Empty before its decision. */
export interface EvidenceAnswer {
  readonly evidence?: Evidence;
}

/** Events to deliver, in the order of their sequence numbers. */
export interface DeliverArgs {
  readonly callbacks: Callbacks;
  readonly events: readonly OnboardingEvent[];
  /** The id of the onboarding's first run. Part of the message ids. */
  readonly onboardingRunId: string;
  /** Delivers events again, and pending ones without waiting for their next retry. */
  readonly replay?: true;
}

export interface ReRegisterArgs {
  readonly contact?: Contact;
  readonly contactKeys?: readonly string[];
  readonly reason?: string;
}

export interface UpdateDelivery {
  /** True if the client sends the update again because the workflow task that received it failed. */
  readonly isRepeated?: boolean;
  /** Of an update with an idempotency key. Its outcome, also a failure, has them as well. */
  readonly fingerprints?: Fingerprints;
}

/** The outcome of an update that can have an idempotency key. The server returns it to every update with the key. */
export type Outcome<A> = A & Pick<UpdateDelivery, 'fingerprints'>;

/** A legal hold. While it is in force, nothing of the customer is erased. */
export interface LegalHold extends LegalHoldInput {
  readonly placedAt: number;
}

export interface LiftedHold extends Pick<LegalHold, 'placedBy' | 'placedAt'>, LiftHoldArgs {
  readonly liftedAt: number;
}

/** A registration to delete at Verifik, and its project, whose account it is in. */
export interface NotedRegistration {
  readonly appRegistrationId: string;
  readonly project?: string;
}

export interface EraseRegistrationArgs {
  readonly appRegistrationId: string;
}

export const registrationUpdate = defineUpdate<RegistrationAnswer, [RegistrationArgs | undefined]>('registration');
export const reRegisterUpdate = defineUpdate<Outcome<LiveRegistration>, [ReRegisterArgs | undefined, UpdateDelivery?]>(
  'reRegister',
);
export const claimReviewUpdate = defineUpdate<Outcome<Snapshot>, [ClaimReviewArgs, UpdateDelivery?]>('claimReview');
export const releaseReviewUpdate = defineUpdate<Outcome<Snapshot>, [ReleaseReviewArgs, UpdateDelivery?]>(
  'releaseReview',
);
export const decideReviewUpdate = defineUpdate<Outcome<Snapshot>, [DecideReviewArgs, UpdateDelivery?]>('decideReview');
export const requestAgainUpdate = defineUpdate<Outcome<Snapshot>, [RequestAgainArgs, UpdateDelivery?]>('requestAgain');

export const validationSignals = {
  email: defineSignal<[ValidationReport]>('emailValidation'),
  phone: defineSignal<[ValidationReport]>('phoneValidation'),
  document: defineSignal<[ValidationReport]>('documentValidation'),
  biometric: defineSignal<[ValidationReport]>('biometricValidation'),
} as const satisfies Record<CheckName, unknown>;

export const appRegistrationSignal = defineSignal<[RegistrationReport]>('appRegistration');
/** Delivers a burst of reports as one signal and one history event. */
export const reportsSignal = defineSignal<[readonly AnyReport[]]>('reports');

export const withdrawSignal = defineSignal<[]>('withdraw');

export const onboardingQuery = defineQuery<OnboardingAnswer>('onboarding');

export const eventsQuery = defineQuery<EventsAnswer, [EventsArgs | undefined]>('events');
export const evidenceQuery = defineQuery<EvidenceAnswer, [EvidenceArgs | undefined]>('evidence');
export const applicantQuery = defineQuery<ApplicantAnswer>('applicant');

export const deliverSignal = defineSignal<[DeliverArgs]>('deliver');
export const addReportsSignal = defineSignal<[readonly AnyReport[]]>('addReports');

export const liftHoldUpdate = defineUpdate<LiftedHold, [LiftHoldArgs]>('liftHold');

/** Adds registrations to those that an erasure has to delete at Verifik, and returns all of them. */
export const noteRegistrationsUpdate = defineUpdate<readonly string[], [readonly NotedRegistration[]]>(
  'noteRegistrations',
);
export const eraseRegistrationUpdate = defineUpdate<ErasedAtVerifik, [EraseRegistrationArgs]>('eraseRegistration');

/** Returns the hold, with the lift if there was one. */
export const holdQuery = defineQuery<LegalHold & Partial<LiftedHold>>('hold');
