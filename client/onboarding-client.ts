import type { Client, WorkflowHandle } from '@temporalio/client';
import {
  type ApplicantAnswer,
  type DecideReviewArgs,
  decideReviewUpdate,
  type EventsAnswer,
  type LegalHold,
  type LiftedHold,
  type OnboardingResult,
  onboardingQuery,
  type ReRegisterArgs,
  reRegisterUpdate,
  type UpdateDelivery,
  type ValidationReport,
  validationSignals,
  withdrawSignal,
} from '../contract/messages.js';
import type { CheckName } from '../domain/checks.js';
import { decodeLegalHold, decodeLift, type LegalHoldRequest, type LiftHoldArgs } from '../domain/legal-hold.js';
import { decodeContact, type OnboardingRequestInput } from '../domain/request.js';
import type { Snapshot } from '../domain/snapshot.js';
import { type ContactKeys, contactKeysWith } from '../shared/contact-keys.js';
import { type CallOptions, deadlinesOf, type OnceOptions, requireEncrypting, type WithDeadline } from './calls.js';
import { withCloseStatus } from './close-status.js';
import { Erasure } from './erasure.js';
import type { ErasureReceipt } from './erasure-receipt.js';
import { orThrow, withOnboardingErrors } from './errors.js';
import { OnboardingEvents } from './events.js';
import { type Fingerprint, fingerprintWith } from './fingerprint.js';
import { LegalHolds } from './legal-holds.js';
import type { ListedOnboarding, ListFilter } from './list.js';
import { type ListPage, listPage, MAX_PAGE, type PageOptions } from './list-page.js';
import { type OnboardingClientOptions, readOptions } from './options.js';
import { query, update } from './retries.js';
import { decodeIdempotencyKey, OnboardingStarter } from './start.js';
import {
  type OnboardingWorkflow,
  type StartedOnboarding,
  type StartOptions,
  toStartedOnboarding,
} from './start-operation.js';
import { type Customer, referenceOf } from './workflow-id.js';

/** A Temporal server deletes a workflow that has just closed only after about 30 s. */
const ERASE_TIMEOUT_MS = 120_000;

/** Starts and follows onboardings. Every method throws only `OnboardingError`, and every call may be repeated. */
export class OnboardingClient {
  readonly #temporal: Client;
  readonly #taskQueue: string;
  readonly #withDeadline: WithDeadline;
  readonly #contactKeys: ContactKeys;
  readonly #fingerprint: Fingerprint;
  readonly #starter: OnboardingStarter;
  readonly #holds: LegalHolds;
  readonly #events: OnboardingEvents;

  /**
   * @throws OnboardingError `InvalidRequest` if an option is wrong; `EncryptionKeys` if the Temporal client would send
   * payloads unencrypted: create it with `onboardingDataConverter()`.
   */
  constructor(temporal: Client, options: OnboardingClientOptions) {
    requireEncrypting(temporal);
    const { contactKey, taskQueue, timeoutMs, publishChecksWithinMs } = readOptions(options);
    this.#temporal = temporal;
    this.#taskQueue = taskQueue;
    this.#withDeadline = deadlinesOf(temporal, timeoutMs);
    this.#contactKeys = contactKeysWith(contactKey);
    this.#fingerprint = fingerprintWith(contactKey);
    this.#starter = new OnboardingStarter(temporal, {
      taskQueue,
      contactKeys: this.#contactKeys,
      fingerprint: this.#fingerprint,
      publishChecksWithinMs,
    });
    this.#holds = new LegalHolds(temporal, this.#taskQueue);
    this.#events = new OnboardingEvents(temporal, this.#taskQueue);
  }

  /**
   * Starts the onboarding of an applicant and returns the app registration and its live token, in one round trip.
   * Idempotent: a repeated start, also from another process, returns the same onboarding and a live token.
   */
  start(request: OnboardingRequestInput, options: StartOptions = {}): Promise<StartedOnboarding> {
    return this.#withDeadline(options.timeoutMs, async () =>
      this.#starter.start(this.#starter.validate(request, options)),
    );
  }

  /** Returns a live token for a running onboarding. Verifik issues a new one only if the current one has expired. */
  registration(workflowId: string, options: CallOptions = {}): Promise<StartedOnboarding> {
    return this.#withDeadline(options.timeoutMs, async () =>
      toStartedOnboarding(workflowId, await this.#starter.liveRegistration(workflowId)),
    );
  }

  /**
   * Returns the snapshot of the onboarding: its phase and checks, who must act until when, and the possible next
   * actions.
   */
  status(workflowId: string, options: CallOptions = {}): Promise<Snapshot> {
    return this.#withDeadline(options.timeoutMs, async () => {
      const { snapshot } = await withCloseStatus(this.#temporal, workflowId, async () => {
        const { refusals: _, ...snapshot } = await query(this.#handle(workflowId), (handle) =>
          handle.query(onboardingQuery),
        );
        return { snapshot };
      });
      return snapshot;
    });
  }

  signalEmailValidation(workflowId: string, report: ValidationReport): Promise<void> {
    return this.signalValidation(workflowId, 'email', report);
  }

  signalPhoneValidation(workflowId: string, report: ValidationReport): Promise<void> {
    return this.signalValidation(workflowId, 'phone', report);
  }

  signalDocumentValidation(workflowId: string, report: ValidationReport): Promise<void> {
    return this.signalValidation(workflowId, 'document', report);
  }

  signalBiometricValidation(workflowId: string, report: ValidationReport): Promise<void> {
    return this.signalValidation(workflowId, 'biometric', report);
  }

  /** Reports the status of a validation. The report is a hint: the onboarding reads Verifik before it decides. */
  signalValidation(workflowId: string, check: CheckName, report: ValidationReport): Promise<void> {
    return this.#withDeadline(undefined, () => this.#handle(workflowId).signal(validationSignals[check], report));
  }

  /**
   * Registers the applicant again, with a new contact if it is given, and returns the new token. A repeated call with
   * the same `idempotencyKey` and change returns the same result.
   */
  async reRegister(
    workflowId: string,
    { contact, reason }: Omit<ReRegisterArgs, 'contactKeys'> = {},
    { idempotencyKey: key, timeoutMs }: OnceOptions = {},
  ): Promise<StartedOnboarding> {
    const contactChange =
      contact === undefined ? {} : { contact, contactKeys: this.#contactKeys(orThrow(decodeContact(contact))) };
    const args: [ReRegisterArgs] = [{ ...contactChange, ...(reason === undefined ? {} : { reason }) }];
    const once = this.#once('re-register', key, [contact, reason]);
    const answer = await this.#withDeadline(timeoutMs, () =>
      update(() => this.#handle(workflowId).executeUpdate(reRegisterUpdate, { args, ...once })),
    );
    return toStartedOnboarding(workflowId, answer);
  }

  /**
   * Approves or rejects the checks under review. Throws `NothingToReview` if none is, or if the review has been
   * decided. A repeated call with the same `idempotencyKey` and decision returns the same result.
   */
  decideReview(
    workflowId: string,
    decision: DecideReviewArgs,
    { idempotencyKey: key, timeoutMs }: OnceOptions = {},
  ): Promise<Snapshot> {
    return this.#withDeadline(timeoutMs, () => {
      const once = this.#once('decide-review', key, [decision]);
      return update((isRepeated) => {
        const args: [DecideReviewArgs, UpdateDelivery?] = isRepeated ? [decision, { isRepeated }] : [decision];
        return this.#handle(workflowId).executeUpdate(decideReviewUpdate, { args, ...once });
      });
    });
  }

  /** Ends the onboarding with the outcome `withdrawn`. */
  withdraw(workflowId: string): Promise<void> {
    return this.#withDeadline(undefined, () => this.#handle(workflowId).signal(withdrawSignal));
  }

  /** Waits for the outcome. Without `timeoutMs`, it waits without limit. */
  result(workflowId: string, options: CallOptions = {}): Promise<OnboardingResult> {
    const wait = () => this.#handle(workflowId).result();
    return options.timeoutMs === undefined ? withOnboardingErrors(wait) : this.#withDeadline(options.timeoutMs, wait);
  }

  /**
   * Returns the events of a running or ended onboarding: those after a sequence number, or all that the onboarding
   * keeps.
   */
  events(
    workflowId: string,
    { after, timeoutMs }: CallOptions & { readonly after?: number } = {},
  ): Promise<EventsAnswer> {
    return this.#withDeadline(timeoutMs, () =>
      withCloseStatus(this.#temporal, workflowId, () => this.#events.after(workflowId, after)),
    );
  }

  /** Sends one event to the callback URL again, with the same message id. */
  replayEvent(workflowId: string, sequence: number, options: CallOptions = {}): Promise<void> {
    return this.#withDeadline(options.timeoutMs, () => this.#events.replay(workflowId, sequence));
  }

  /** Returns the applicant's personal data: the current contact, the full name and the language. */
  applicant(workflowId: string, options: CallOptions = {}): Promise<ApplicantAnswer> {
    return this.#withDeadline(options.timeoutMs, () => this.#events.applicant(workflowId));
  }

  /**
   * Lists the onboardings that match the filter, newest first. Temporal's list may lag behind by about a second. With
   * `stuck`, if the server does not report problems, the client describes each running onboarding while you iterate.
   */
  async *list(filter: ListFilter = {}): AsyncGenerator<ListedOnboarding, void, undefined> {
    let cursor: string | undefined;
    do {
      const page = await this.listPage(filter, { limit: MAX_PAGE, ...(cursor === undefined ? {} : { cursor }) });
      yield* page.onboardings;
      ({ cursor } = page);
    } while (cursor !== undefined);
  }

  /** Lists one page of the onboardings that match the filter, newest first, with the cursor of the next page. */
  listPage(filter: ListFilter = {}, { timeoutMs, ...page }: PageOptions & CallOptions = {}): Promise<ListPage> {
    return this.#withDeadline(timeoutMs, () => listPage(this.#temporal, this.#fingerprint, filter, page));
  }

  /** Returns the customer's reference or, if they have none, the one that is derived from project, flow and contact. */
  referenceOf(customer: Customer): string {
    return orThrow(referenceOf(customer, this.#contactKeys));
  }

  /**
   * Places a legal hold: no onboarding of the customer can be erased until the hold is lifted, including later ones. If
   * a hold is set already, it does not change and is returned.
   */
  async placeLegalHold(
    customer: Customer,
    { placedBy, reason }: LegalHoldRequest,
    options: CallOptions = {},
  ): Promise<LegalHold> {
    const reference = this.referenceOf(customer);
    const hold = orThrow(decodeLegalHold({ reference, placedBy, ...(reason === undefined ? {} : { reason }) }));
    return this.#withDeadline(options.timeoutMs, () => this.#holds.place(hold));
  }

  /** Lifts the legal hold. If it has been lifted already, returns who lifted it and when. */
  async liftLegalHold(customer: Customer, { liftedBy }: LiftHoldArgs, options: CallOptions = {}): Promise<LiftedHold> {
    const reference = this.referenceOf(customer);
    const lift = orThrow(decodeLift({ liftedBy }));
    return this.#withDeadline(options.timeoutMs, () => this.#holds.lift(reference, lift));
  }

  /** Returns the customer's legal hold, or `undefined` if none is set. */
  async legalHold(customer: Customer, options: CallOptions = {}): Promise<LegalHold | undefined> {
    const reference = this.referenceOf(customer);
    return this.#withDeadline(options.timeoutMs, () => this.#holds.find(reference));
  }

  /**
   * Deletes all of the customer's onboardings from Temporal, running ones included, and returns when none is left. This
   * cannot be undone. Throws `LegalHold` if a hold is set. An unknown customer is not an error.
   */
  async erase(customer: Customer, options: CallOptions = {}): Promise<ErasureReceipt> {
    const reference = this.referenceOf(customer);
    const { timeoutMs = ERASE_TIMEOUT_MS } = options;
    return this.#withDeadline(timeoutMs, () => new Erasure(this.#temporal, this.#holds, reference).run());
  }

  /**
   * Derives the update id from the idempotency key and the content: the server stores the outcomes of updates by their
   * ids.
   */
  #once(name: string, key: string | undefined, content: readonly unknown[]): { readonly updateId?: string } {
    return key === undefined
      ? {}
      : { updateId: `${name}-${this.#fingerprint([decodeIdempotencyKey(key), ...content])}` };
  }

  #handle(workflowId: string): WorkflowHandle<OnboardingWorkflow> {
    return this.#temporal.workflow.getHandle<OnboardingWorkflow>(workflowId);
  }
}
