import type { OnboardingEvent } from '../domain/changes.js';
import type { RegistrationReading, RegistrationStanding } from '../domain/reading.js';
import type { Contact } from '../domain/request.js';
import type { RegisterReason, RegistrationToken } from '../domain/state.js';
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
  /** The registration that the vendor should already have for the applicant. */
  readonly formerRegistrationId?: string;
  /** The contact is not the one that the former registration was made with. */
  readonly contactChanged?: boolean;
  /** An earlier try may have taken effect without its answer: look before creating. */
  readonly checkExistingFirst?: boolean;
  /** The applicant is to be registered again, though the vendor has their former registration. */
  readonly again?: true;
}

/** What asking the vendor for a registration or a token came to. What is no answer here fails the activity with a typed failure. */
export type RegistrationOutcome =
  | { readonly kind: 'registered'; readonly appRegistrationId: string; readonly token: RegistrationToken }
  | {
      readonly kind: 'resumed';
      readonly appRegistrationId: string;
      readonly token: RegistrationToken;
      /** A recreation with a lost answer may have come between. */
      readonly recheck: boolean;
    }
  | { readonly kind: 'over'; readonly appRegistrationId: string };

export type TokenOutcome =
  | { readonly kind: 'resumed'; readonly token: RegistrationToken }
  | { readonly kind: 'over' }
  | { readonly kind: 'gone' }
  /** The vendor's API generation has no resend-link. */
  | { readonly kind: 'notOffered' };

export type ReadOutcome = { readonly kind: 'read'; readonly reading: RegistrationReading } | { readonly kind: 'gone' };

export type CompletionOutcome =
  | { readonly kind: 'standing'; readonly standing: RegistrationStanding }
  | { readonly kind: 'tokenExpired' }
  | { readonly kind: 'gone' };

/**
 * What the workflow asks of the outside world. Each may be repeated: a retry after a lost answer neither creates a second
 * registration nor charges anything twice. Failures are `ApplicationFailure`s with a tag of the vendor's errors as `type`.
 */
export type OnboardingActivities = {
  createAppRegistration(input: CreateAppRegistrationInput): Promise<RegistrationOutcome>;
  /** Mints a new token with resend-link, sending nothing to the applicant. Keeps completed validations. */
  renewRegistrationToken(input: { readonly appRegistrationId: string }): Promise<TokenOutcome>;
  /** The one authoritative read. */
  readAppRegistration(input: { readonly appRegistrationId: string }): Promise<ReadOutcome>;
  /** Tells the vendor that the applicant is through; the vendor decides whether that is so. */
  completeAppRegistration(input: {
    readonly appRegistrationId: string;
    readonly token: string;
    readonly as: 'completed' | 'completedWithoutKyc';
  }): Promise<CompletionOutcome>;
  /** Has the vendor send the applicant a link to go on with. */
  remindApplicant(input: { readonly appRegistrationId: string }): Promise<TokenOutcome>;
};

/** What the onboarding asks of Temporal: its events are handed to the workflow that sends them. May be repeated. */
export type HandOverActivities = {
  handOverEvents(input: DeliverArgs & { readonly workflowId: string; readonly reference?: string }): Promise<void>;
};

/** What became of sending an event. A receiver that cannot be had now fails the activity, which is then repeated. */
export type DeliveryOutcome =
  | { readonly kind: 'delivered' }
  /** The receiver will never take it, or there is no such endpoint any more. */
  | { readonly kind: 'givenUp'; readonly problem: string };

/** How the delivery of an event is retried: intervals in ms. */
export const DELIVERY_RETRY = { initialMs: 5 * SECOND_MS, coefficient: 3, maximumMs: 6 * HOUR_MS } as const;

/** What sends an onboarding's events. A repeated sending bears the same message id: receivers know it by that. */
export type CallbackActivities = {
  deliverEvent(input: {
    readonly callbacks: Callbacks;
    readonly event: OnboardingEvent;
    readonly onboardingRunId: string;
  }): Promise<DeliveryOutcome>;
};

/** What became of reports: `over` where their onboarding has ended, `unknown` where there is none (yet). */
export type ReportsOutcome = 'delivered' | 'over' | 'unknown';

/** What hands parked reports to their onboarding. May be repeated: the onboarding knows repeated reports. */
export type ReportActivities = {
  deliverReports(input: { readonly route: Route; readonly reports: readonly AnyReport[] }): Promise<ReportsOutcome>;
};
