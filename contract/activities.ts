import type { OnboardingEvent } from '../domain/changes.js';
import type { CheckName } from '../domain/checks.js';
import type { Contact } from '../domain/contact.js';
import type { Override } from '../domain/override.js';
import type { RegisterReason } from '../domain/state.js';
import type { Transition, TransitionOf, Undated } from '../domain/transitions.js';
import type { DeletionAnswer, VendorRecord } from '../domain/vendor-erasure.js';
import { HOUR_MS, SECOND_MS } from '../shared/time.js';
import type { AnyReport, Callbacks, DeliverArgs } from './messages.js';
import type { Route } from './report-routing.js';

export interface CreateAppRegistrationInput {
  readonly project: string;
  readonly projectFlow: string;
  readonly contact: Contact;
  readonly fullName: string;
  readonly language?: string;
  readonly why: RegisterReason;
  /** At the start: the checks that the request itself requires. */
  readonly required?: readonly CheckName[];
  /** At the start: the policy that the request names. */
  readonly policyName?: string;
  /** The applicant's registration that Verifik should already have. */
  readonly formerRegistrationId?: string;
  readonly contactChanged?: boolean;
  /** Set if an earlier call can have taken effect although its response was lost. */
  readonly checkExistingFirst?: boolean;
  /** Set if the onboarding was started without contact keys: a workflow cannot make them. */
  readonly withContactKeys?: true;
  /** Recreates the registration even if Verifik has one, so that the applicant repeats the checks. */
  readonly isRestart?: true;
}

/** Verifik's id of the project, by which a worker finds the account at Verifik. */
export interface OfProject {
  readonly project: string;
}

interface RegistrationInput extends OfProject {
  readonly appRegistrationId: string;
}

/** The transitions of the onboarding to which an answer of Verifik leads. */
type Outcome<T extends Transition['type']> = Undated<TransitionOf<T>>;

export type RegistrationOutcome = Outcome<'Registered' | 'RegistrationResumed' | 'RegistrationClosed'>;

export type TokenOutcome = Outcome<
  'RegistrationResumed' | 'RegistrationClosed' | 'RegistrationNotFound' | 'ResendLinkAbsent'
>;

export type ReminderOutcome = Exclude<TokenOutcome, { type: 'RegistrationResumed' }> | Outcome<'ReminderTried'>;

/** With keyed hashes of the contact at Verifik, if the worker has the contact key. */
export type ReadOutcome =
  | (Omit<Outcome<'VendorRead'>, 'upToSerial'> & { readonly contactKeys?: readonly string[] })
  | Outcome<'RegistrationNotFound'>;

export type CompletionOutcome = Outcome<'Finalised' | 'FinaliseRejected' | 'TokenExpired' | 'RegistrationNotFound'>;

export type OverrideOutcome = { readonly kind: 'overridden' } | { readonly kind: 'refused'; readonly problem: string };

/**
 * The calls to Verifik. All are idempotent: a retry after a lost response creates no second registration and causes no
 * second charge. An answer that the onboarding does not handle is an `ApplicationFailure` whose `type` is that of a
 * Verifik error.
 */
export type OnboardingActivities = {
  createAppRegistration(
    input: CreateAppRegistrationInput,
  ): Promise<RegistrationOutcome & { readonly contactKeys?: readonly string[] }>;
  /** Issues a new token with resend-link, without a message to the applicant. Keeps completed validations. */
  renewRegistrationToken(input: RegistrationInput): Promise<TokenOutcome>;
  /** With `withExpiry`, returns when the document expires, which the answer otherwise omits. */
  readAppRegistration(input: RegistrationInput & { readonly withExpiry?: true }): Promise<ReadOutcome>;
  /** Reports to Verifik that the applicant has finished. Verifik decides the status. */
  completeAppRegistration(
    input: RegistrationInput & { readonly token: string; readonly as: 'completed' | 'completedWithoutKyc' },
  ): Promise<CompletionOutcome>;
  /** Sets Verifik's status of the registration to the outcome. Verifik may refuse this. */
  overrideAppRegistration(input: Override & OfProject): Promise<OverrideOutcome>;
  /** Lets Verifik send the applicant a link to continue. If it sends none, the new token has the link. */
  remindApplicant(input: RegistrationInput): Promise<ReminderOutcome>;
};

/**
 * The calls to Verifik of an erasure. Both can be repeated. An onboarding deletes single validations as well. Without a
 * project, they use the account of the projects that have none of their own.
 */
export type VendorErasureActivities = {
  /** Returns what Verifik has of the registration, in the order of deletion. At least the registration itself. */
  listVendorRecords(
    input: { readonly appRegistrationId: string } & Partial<OfProject>,
  ): Promise<readonly VendorRecord[]>;
  /** Deletes a record. If Verifik is unavailable, the activity fails and Temporal retries it. */
  deleteVendorRecord(record: VendorRecord & Partial<OfProject>): Promise<DeletionAnswer>;
};

/** Hands the onboarding's events over to its `callbacks` workflow. Idempotent. */
export type HandOverActivities = {
  handOverEvents(input: DeliverArgs & { readonly workflowId: string; readonly reference?: string }): Promise<void>;
};

/** The result of a delivery. If the receiver is unavailable, the activity fails and Temporal retries it. */
export type DeliveryOutcome =
  | { readonly kind: 'delivered' }
  /** The receiver rejected the event permanently, or the endpoint is no longer configured. */
  | { readonly kind: 'abandoned'; readonly problem: string };

/** The retry policy of deliveries, in ms. */
export const DELIVERY_RETRY = { initialMs: 5 * SECOND_MS, coefficient: 3, maximumMs: 6 * HOUR_MS } as const;

/** Delivers events. Repeated deliveries have the same message id, so that receivers can ignore them. */
export type CallbackActivities = {
  deliverEvent(input: {
    readonly callbacks: Callbacks;
    readonly event: OnboardingEvent;
    readonly onboardingRunId: string;
  }): Promise<DeliveryOutcome>;
};

/** The result of a delivery of reports. `ended`: the onboarding has ended; `unknown`: there is no onboarding (yet). */
export type ReportsOutcome = 'delivered' | 'ended' | 'unknown';

/** Delivers pending reports. Can be repeated: the onboarding ignores repeated reports. */
export type ReportActivities = {
  deliverReports(input: { readonly route: Route; readonly reports: readonly AnyReport[] }): Promise<ReportsOutcome>;
};
