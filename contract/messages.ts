import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { EventLog, OnboardingEvent } from '../domain/changes.js';
import type { CheckName } from '../domain/checks.js';
import type { LegalHoldInput, LiftHoldArgs } from '../domain/legal-hold.js';
import type { Decision } from '../domain/outcomes.js';
import type { Contact, OnboardingRequestInput } from '../domain/request.js';
import type { Snapshot } from '../domain/snapshot.js';
import type { State } from '../domain/state.js';
import { SEARCH_ATTRIBUTES } from './search-attributes.js';

/** The workflow type's name, as the Temporal UI and the CLI show it. */
export const ONBOARDING_WORKFLOW = 'onboarding';

/** The type's name of the workflow that is a legal hold for as long as it runs. */
export const LEGAL_HOLD_WORKFLOW = 'legalHold';

/** The id of the workflow that is the legal hold on this reference. */
export const workflowIdOfHold = (reference: string): string => `legal-hold-${reference}`;

/** The type's name of the workflow that sends an onboarding's events to the service's callback URL. It runs while some are unsent. */
export const CALLBACKS_WORKFLOW = 'callbacks';

/** The id of the workflow that sends the events of the onboarding of this workflow id. */
export const workflowIdOfCallbacks = (onboarding: string): string => `callbacks-${onboarding}`;

/** How that workflow is started, whoever starts it: the reference is what an erasure finds it by. */
export const callbacksStart = (onboarding: string, reference?: string) => ({
  workflowId: workflowIdOfCallbacks(onboarding),
  staticSummary: "Sends an onboarding's events to the callback URL",
  typedSearchAttributes: reference === undefined ? [] : [{ key: SEARCH_ATTRIBUTES.reference, value: reference }],
});

/** The type's name of the workflow that keeps reports until their onboarding can take them. */
export const PARKED_REPORTS_WORKFLOW = 'parkedReports';

/** The type's name of the workflow that remembers what an idempotency key was used for. */
export const IDEMPOTENCY_KEY_WORKFLOW = 'idempotencyKey';

/** The task queue that workers serve and clients start on, unless configured otherwise. */
export const DEFAULT_TASK_QUEUE = 'verifik-onboarding';

/** The types of the failures that callers meet, each with what it means for them. Read by code, documents and tests alike. */
export const FAILURES = {
  InvalidRequest: 'The request, or something the vendor read in it, is wrong: mend the named field and start again.',
  Misconfigured: 'The project or its flow is set up wrongly at Verifik: an operator has to mend it, then start again.',
  RefusedByPolicy: 'Verifik refuses this applicant by the policy of the project: the onboarding ends as rejected.',
  AlreadyRegistered: 'Verifik has a registration for this contact that could not be found: name its appRegistrationId.',
  RegistrationOver: 'The registration is over at Verifik, so there is no token: see the outcome.',
  NotOffered: "Verifik's API has no such call: look at its address, and at its generation.",
  Unreachable: 'Verifik could not be asked for a token in time: ask again.',
  ContractBroken: "Verifik's answer could not be read: the named paths are not what its contract says.",
  Ended: 'The onboarding has ended already: see the outcome.',
  NothingToReview: 'Nothing (or not the named check) is under review.',
} as const;

export type FailureType = keyof typeof FAILURES;

/** What the workflow is started with. */
export interface OnboardingInput {
  readonly request: OnboardingRequestInput;
  /** The caller's own opaque reference for the customer. Never personal data: it is shown unencrypted. */
  readonly reference?: string;
  /** Keyed hashes of the contact's email and phone, under which the onboarding can be found. */
  readonly contactKeys?: readonly string[];
  /** Keyed hash of what the caller asked for, by which another request under the same reference is told. */
  readonly fingerprint?: string;
  /** Where the onboarding's events are sent. Absent: nowhere. */
  readonly callbacks?: Callbacks;
  /**
   * How long `OnboardingPending` and `OnboardingValidationId` may lag while the applicant goes from check to check, in ms. Absent: 0,
   * they are published at every check.
   */
  readonly publishChecksWithinMs?: number;
  /** Set where a batch began the onboarding. */
  readonly batch?: OnboardingBatch;
}

/** What a batch has of an applicant asked again. */
export interface OnboardingBatch {
  readonly id: string;
  /** The validations of the chosen checks that there were before: they count no more. */
  readonly formerValidationIds: readonly string[];
  /** Have Verifik send the applicant a link as soon as they are registered. */
  readonly invite: boolean;
}

/** Where an onboarding's events are sent. */
export interface Callbacks {
  /** The name of an endpoint that the workers are configured with. */
  readonly endpoint: string;
  /** What the receiver knows the onboarding by. */
  readonly id: string;
}

/** What the query answers: the snapshot, and what asking for a token has to know. */
export interface OnboardingAnswer extends Snapshot {
  /** How often in this run those who waited for a token were told that there will be none. */
  readonly refusals?: number;
}

/** The state that a run hands to the next one when it continues as new. */
export interface CarriedState {
  readonly state: State;
  readonly contactKeys: readonly string[];
  readonly log: EventLog;
}

export interface OnboardingResult extends Decision {
  /** Absent where the vendor never gave one. */
  readonly appRegistrationId?: string;
}

/** A live token and the registration it is for. `token` is a secret of the applicant. */
export interface LiveRegistration {
  readonly appRegistrationId: string;
  readonly token: string;
  /** ms since the Unix epoch. */
  readonly expiresAt: number;
  readonly generation: number;
}

/** `requestId` comes back as it was given, in answers and in a failure's details: a caller that sees another's was given an earlier outcome. */
export interface RegistrationArgs {
  readonly requestId?: string;
}

export interface RegistrationAnswer extends LiveRegistration {
  readonly requestId?: string;
  /** As the onboarding was started with it. */
  readonly fingerprint?: string;
}

/** What the workflow that remembers an idempotency key is started with, and what it answers: the keyed hash of the key's first use. */
export interface IdempotencyKeyInput {
  readonly fingerprint: string;
}

/** A report about one validation. It is a hint: the vendor is read before anything is decided. */
export interface ValidationReport {
  /** Verifik's status word, such as `validated`, `ASSESSING` or `failed`. */
  readonly status: string;
  /** Verifik's id of the validation: with it, repeats and old reports are told apart. */
  readonly validationId?: string;
  readonly appRegistrationId?: string;
  /** ISO 8601. */
  readonly occurredAt?: string;
  readonly reason?: string;
}

/** A report about the registration as a whole. A hint like the others. */
export interface RegistrationReport {
  /** Verifik's status word, such as `COMPLETED` or `NEEDS_MANUAL_VERIFICATION`. */
  readonly status: string;
  readonly appRegistrationId?: string;
}

/** One of several reports that come in one signal. */
export type AnyReport =
  | ({ readonly about: CheckName } & ValidationReport)
  | ({ readonly about: 'appRegistration' } & RegistrationReport);

/** Which events are asked for: those after this sequence number, or all that are kept. */
export interface EventsArgs {
  readonly after?: number;
}

export interface EventsAnswer {
  readonly events: readonly OnboardingEvent[];
  /** The sequence number of the last event so far, 0 where there is none. */
  readonly last: number;
  /** The sequence number of the oldest event that is kept, 0 where there is none. */
  readonly oldest: number;
  /** As in `DeliverArgs`. */
  readonly onboardingRunId: string;
  readonly callbacks?: Callbacks;
  readonly snapshot: Snapshot;
}

/** Who is being onboarded. Personal data. */
export interface ApplicantAnswer {
  readonly contact: Contact;
  readonly fullName: string;
  readonly language?: string;
}

/** Events to be sent to an endpoint, in the order of their sequence numbers. */
export interface DeliverArgs {
  readonly callbacks: Callbacks;
  readonly events: readonly OnboardingEvent[];
  /** Identifies the onboarding (its first run) in the ids of the messages. */
  readonly onboardingRunId: string;
  /** Send them also where they have been sent, and do not wait for the next try of what is being sent. */
  readonly replay?: true;
}

export interface ReRegisterArgs {
  /** The new contact, whole, where it has changed. */
  readonly contact?: Contact;
  /** Keyed hashes of the new contact. */
  readonly contactKeys?: readonly string[];
  readonly reason?: string;
}

export interface DecideReviewArgs {
  /** The check that is decided; everything under review where it is absent. */
  readonly check?: CheckName;
  readonly decision: 'approve' | 'reject';
  /** The reviewer's id in the caller's own system. Never a name: it is shown to everyone who may see the onboarding. */
  readonly reviewer: string;
  readonly note?: string;
}

/** How the client delivers an update. */
export interface UpdateDelivery {
  /** True if the client sends the update again because the workflow task that received it failed. */
  readonly isRepeated: boolean;
}

/** A legal hold. Nothing of the customer is erased while it is set. */
export interface LegalHold extends LegalHoldInput {
  /** ms since the Unix epoch. */
  readonly placedAt: number;
}

/** What remains of a legal hold when it has been lifted. */
export interface LiftedHold extends Pick<LegalHold, 'placedBy' | 'placedAt'>, LiftHoldArgs {
  /** ms since the Unix epoch. */
  readonly liftedAt: number;
}

export const registrationUpdate = defineUpdate<RegistrationAnswer, [RegistrationArgs | undefined]>('registration');
export const reRegisterUpdate = defineUpdate<LiveRegistration, [ReRegisterArgs | undefined]>('reRegister');
export const decideReviewUpdate = defineUpdate<Snapshot, [DecideReviewArgs, UpdateDelivery?]>('decideReview');

export const validationSignals = {
  email: defineSignal<[ValidationReport]>('emailValidation'),
  phone: defineSignal<[ValidationReport]>('phoneValidation'),
  document: defineSignal<[ValidationReport]>('documentValidation'),
  biometric: defineSignal<[ValidationReport]>('biometricValidation'),
} as const satisfies Record<CheckName, unknown>;

export const appRegistrationSignal = defineSignal<[RegistrationReport]>('appRegistration');
/** What a burst of reports is delivered with: one signal, one event in the history. */
export const reportsSignal = defineSignal<[readonly AnyReport[]]>('reports');

export const withdrawSignal = defineSignal<[]>('withdraw');

export const onboardingQuery = defineQuery<OnboardingAnswer>('onboarding');

export const eventsQuery = defineQuery<EventsAnswer, [EventsArgs | undefined]>('events');
export const applicantQuery = defineQuery<ApplicantAnswer>('applicant');

/** To the `callbacks` workflow. */
export const deliverSignal = defineSignal<[DeliverArgs]>('deliver');
/** To the `parkedReports` workflow. */
export const parkSignal = defineSignal<[readonly AnyReport[]]>('park');

export const liftHoldUpdate = defineUpdate<LiftedHold, [LiftHoldArgs]>('liftHold');

/** A hold that has been lifted answers with the lift as well. */
export const holdQuery = defineQuery<LegalHold & Partial<LiftedHold>>('hold');
