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
import { ask, update } from './asking.js';
import { type CallOptions, callsWithin, type OnceOptions, requireEncrypting, type Within } from './calls.js';
import { Erasure } from './erasure.js';
import type { ErasureReceipt } from './erasure-receipt.js';
import { orThrow, told } from './errors.js';
import { OnboardingEvents } from './events.js';
import { type Fingerprint, fingerprintWith } from './fingerprint.js';
import { LegalHolds } from './legal-holds.js';
import type { ListedOnboarding, ListFilter } from './listing.js';
import { type OnboardingClientOptions, readOptions } from './options.js';
import { type ListPage, listPage, MAX_PAGE, type PageOptions } from './paging.js';
import { readIdempotencyKey, Starter } from './starter.js';
import { type OnboardingWorkflow, type StartedOnboarding, type StartOptions, started } from './starting.js';
import { knowingOfStops } from './stopping.js';
import { type Customer, referenceOf } from './workflow-id.js';

/** A server deletes what has just closed only after half a minute or so. */
const ERASE_TIMEOUT_MS = 120_000;

/**
 * Starts and follows onboardings, for backends on Node. Every method throws `OnboardingError` and nothing else, and every call
 * may be repeated.
 */
export class OnboardingClient {
  readonly #temporal: Client;
  readonly #taskQueue: string;
  readonly #within: Within;
  readonly #contactKeys: ContactKeys;
  readonly #fingerprint: Fingerprint;
  readonly #starter: Starter;
  readonly #holds: LegalHolds;
  readonly #events: OnboardingEvents;

  /**
   * @throws OnboardingError `InvalidRequest` for an option that is wrong, such as a contact key that is too short; `EncryptionKeys` for a Temporal client that would send
   * payloads in the clear: give it `onboardingDataConverter()`.
   */
  constructor(temporal: Client, options: OnboardingClientOptions) {
    requireEncrypting(temporal);
    const { contactKey, taskQueue, timeoutMs, publishChecksWithinMs } = readOptions(options);
    this.#temporal = temporal;
    this.#taskQueue = taskQueue;
    this.#within = callsWithin(temporal, timeoutMs);
    this.#contactKeys = contactKeysWith(contactKey);
    this.#fingerprint = fingerprintWith(contactKey);
    this.#starter = new Starter(temporal, {
      taskQueue,
      contactKeys: this.#contactKeys,
      fingerprint: this.#fingerprint,
      publishChecksWithinMs,
    });
    this.#holds = new LegalHolds(temporal, this.#taskQueue);
    this.#events = new OnboardingEvents(temporal, this.#taskQueue);
  }

  /**
   * Starts the onboarding of an applicant and answers with the app registration and its live token, in one round trip.
   * Idempotent: the same start again (at once, later, from elsewhere) answers with the same onboarding and a live token.
   */
  start(request: OnboardingRequestInput, options: StartOptions = {}): Promise<StartedOnboarding> {
    return this.#within(options.timeoutMs, async () => this.#starter.start(this.#starter.read(request, options)));
  }

  /** A live token for a running onboarding; the vendor is asked for a new one only where there is none. */
  registration(workflowId: string, options: CallOptions = {}): Promise<StartedOnboarding> {
    return this.#within(options.timeoutMs, async () =>
      started(workflowId, await this.#starter.liveRegistration(workflowId)),
    );
  }

  /** Where the onboarding stands: phase, checks, who must act until when, what may be done next. */
  status(workflowId: string, options: CallOptions = {}): Promise<Snapshot> {
    return this.#within(options.timeoutMs, async () => {
      const { snapshot } = await knowingOfStops(this.#temporal, workflowId, async () => {
        const { refusals: _, ...standing } = await ask(this.#handle(workflowId), (handle) =>
          handle.query(onboardingQuery),
        );
        return { snapshot: standing };
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

  /** Reports what became of a validation. A hint: nothing is decided before the vendor has been read. */
  signalValidation(workflowId: string, check: CheckName, report: ValidationReport): Promise<void> {
    return this.#within(undefined, () => this.#handle(workflowId).signal(validationSignals[check], report));
  }

  /**
   * Registers the applicant again, with a new contact where it has changed. Answers with the new token; the same `idempotencyKey` with
   * the same change again, with the same answer.
   */
  async reRegister(
    workflowId: string,
    { contact, reason }: Omit<ReRegisterArgs, 'contactKeys'> = {},
    { idempotencyKey: key, timeoutMs }: OnceOptions = {},
  ): Promise<StartedOnboarding> {
    const change =
      contact === undefined ? {} : { contact, contactKeys: this.#contactKeys(orThrow(decodeContact(contact))) };
    const args: [ReRegisterArgs] = [{ ...change, ...(reason === undefined ? {} : { reason }) }];
    const once = this.#once('re-register', key, [contact, reason]);
    const answer = await this.#within(timeoutMs, () =>
      update(() => this.#handle(workflowId).executeUpdate(reRegisterUpdate, { args, ...once })),
    );
    return started(workflowId, answer);
  }

  /**
   * Approves or rejects what is under review. An error of type `NothingToReview` where nothing is, also as it has been decided already; the
   * same `idempotencyKey` with the same decision has the same answer again.
   */
  decideReview(
    workflowId: string,
    decision: DecideReviewArgs,
    { idempotencyKey: key, timeoutMs }: OnceOptions = {},
  ): Promise<Snapshot> {
    return this.#within(timeoutMs, () => {
      const once = this.#once('decide-review', key, [decision]);
      return update((isRepeated) => {
        const args: [DecideReviewArgs, UpdateDelivery?] = isRepeated ? [decision, { isRepeated }] : [decision];
        return this.#handle(workflowId).executeUpdate(decideReviewUpdate, { args, ...once });
      });
    });
  }

  /** Ends the onboarding as withdrawn. */
  withdraw(workflowId: string): Promise<void> {
    return this.#within(undefined, () => this.#handle(workflowId).signal(withdrawSignal));
  }

  /** Waits for the outcome: for days, unless `timeoutMs` says otherwise. */
  result(workflowId: string, options: CallOptions = {}): Promise<OnboardingResult> {
    const wait = () => this.#handle(workflowId).result();
    return options.timeoutMs === undefined ? told(wait) : this.#within(options.timeoutMs, wait);
  }

  /** What has happened so far, of an onboarding that has ended too: the events after a sequence number, or all that are kept. */
  events(
    workflowId: string,
    { after, timeoutMs }: CallOptions & { readonly after?: number } = {},
  ): Promise<EventsAnswer> {
    return this.#within(timeoutMs, () =>
      knowingOfStops(this.#temporal, workflowId, () => this.#events.after(workflowId, after)),
    );
  }

  /** Has one event sent to the callback URL again, at once and under the same message id. */
  replayEvent(workflowId: string, sequence: number, options: CallOptions = {}): Promise<void> {
    return this.#within(options.timeoutMs, () => this.#events.replay(workflowId, sequence));
  }

  /** Who is being onboarded. Personal data. */
  applicant(workflowId: string, options: CallOptions = {}): Promise<ApplicantAnswer> {
    return this.#within(options.timeoutMs, () => this.#events.applicant(workflowId));
  }

  /**
   * The onboardings that fit the filter, newest first. Temporal's list may lag behind by a second or so. With `stuck`, a server that does
   * not report problems has each onboarding that runs described, for as long as the iteration goes on.
   */
  async *list(filter: ListFilter = {}): AsyncGenerator<ListedOnboarding, void, undefined> {
    let cursor: string | undefined;
    do {
      const page = await this.listPage(filter, { limit: MAX_PAGE, ...(cursor === undefined ? {} : { cursor }) });
      yield* page.onboardings;
      ({ cursor } = page);
    } while (cursor !== undefined);
  }

  /** One page of the onboardings that fit the filter, newest first, and the cursor of the next. */
  listPage(filter: ListFilter = {}, { timeoutMs, ...page }: PageOptions & CallOptions = {}): Promise<ListPage> {
    return this.#within(timeoutMs, () => listPage(this.#temporal, this.#fingerprint, filter, page));
  }

  /** The reference of a customer, or what stands for it where there is none. */
  referenceOf(customer: Customer): string {
    return orThrow(referenceOf(customer, this.#contactKeys));
  }

  /**
   * Keeps everything of the customer from being erased until the hold is lifted, also what is started later. Where a hold is set
   * already, it stays as it is and is the answer.
   */
  async placeLegalHold(
    customer: Customer,
    { placedBy, reason }: LegalHoldRequest,
    options: CallOptions = {},
  ): Promise<LegalHold> {
    const reference = this.referenceOf(customer);
    const hold = orThrow(decodeLegalHold({ reference, placedBy, ...(reason === undefined ? {} : { reason }) }));
    return this.#within(options.timeoutMs, () => this.#holds.place(hold));
  }

  /** Lifts the legal hold. Where it has been lifted already, the answer is by whom and when. */
  async liftLegalHold(customer: Customer, { liftedBy }: LiftHoldArgs, options: CallOptions = {}): Promise<LiftedHold> {
    const reference = this.referenceOf(customer);
    const lift = orThrow(decodeLift({ liftedBy }));
    return this.#within(options.timeoutMs, () => this.#holds.lift(reference, lift));
  }

  /** The legal hold that is set on the customer, or `undefined`. */
  async legalHold(customer: Customer, options: CallOptions = {}): Promise<LegalHold | undefined> {
    const reference = this.referenceOf(customer);
    return this.#within(options.timeoutMs, () => this.#holds.find(reference));
  }

  /**
   * Deletes everything that Temporal has of the customer's onboardings, running ones too, and answers when nothing is left. What was
   * deleted cannot be had again. An error of type `LegalHold` where a hold is set. Nobody having been there is no error.
   */
  async erase(customer: Customer, options: CallOptions = {}): Promise<ErasureReceipt> {
    const reference = this.referenceOf(customer);
    const { timeoutMs = ERASE_TIMEOUT_MS } = options;
    return this.#within(timeoutMs, () => new Erasure(this.#temporal, this.#holds, reference).run());
  }

  /** The server keeps the outcomes of updates by their ids: the same key with the same content is the same update. */
  #once(name: string, key: string | undefined, content: readonly unknown[]): { readonly updateId?: string } {
    return key === undefined ? {} : { updateId: `${name}-${this.#fingerprint([readIdempotencyKey(key), ...content])}` };
  }

  #handle(workflowId: string): WorkflowHandle<OnboardingWorkflow> {
    return this.#temporal.workflow.getHandle<OnboardingWorkflow>(workflowId);
  }
}
