import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import * as E from 'fp-ts/lib/Either.js';
import type { CheckName } from '../domain/checks.js';
import { decodeLegalHold, decodeLift, type LegalHoldRequest, type LiftHoldArgs } from '../domain/legal-hold.js';
import { decodeContact, decodeRequest, type OnboardingRequestInput } from '../domain/request.js';
import type { Snapshot } from '../domain/snapshot.js';
import {
  DEFAULT_TASK_QUEUE,
  type DecideReviewArgs,
  decideReviewUpdate,
  type LegalHold,
  type LiftedHold,
  type OnboardingInput,
  type OnboardingResult,
  onboardingQuery,
  type ReRegisterArgs,
  registrationUpdate,
  reRegisterUpdate,
  type ValidationReport,
  validationSignals,
  withdrawSignal,
} from '../workflows/messages.js';
import { type ContactKeys, contactKeysWith } from './contact-keys.js';
import { isEncrypting } from './encryption.js';
import { Erasure } from './erasure.js';
import type { ErasureReceipt } from './erasure-receipt.js';
import { isAnotherRequests, OnboardingError, orThrow, told } from './errors.js';
import { LegalHolds } from './legal-holds.js';
import { type ListedOnboarding, type ListFilter, listed, visibilityQuery } from './listing.js';
import {
  type OnboardingWorkflow,
  type StartedOnboarding,
  type StartOptions,
  started,
  startOperation,
} from './starting.js';
import { tokenRequestId } from './token-request.js';
import { type Customer, referenceOf, workflowIdOf, workflowIdOfContact } from './workflow-id.js';

export interface OnboardingClientOptions {
  /** Secret for the keyed hashes under which onboardings are found by contact. At least 16 characters; the same in every client. */
  readonly contactKey: string;
  /** The task queue that the workers serve. Default `verifik-onboarding`. */
  readonly taskQueue?: string;
  /** How long calls wait for an answer unless told otherwise, in ms. Default 30 s. */
  readonly timeoutMs?: number;
}

export interface CallOptions {
  /** How long to wait for the answer, in ms. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** A server deletes what has just closed only after half a minute or so. */
const ERASE_TIMEOUT_MS = 120_000;

/**
 * Starts and follows onboardings, for backends on Node. Every method throws `OnboardingError` and nothing else, and every call
 * may be repeated.
 */
export class OnboardingClient {
  readonly #temporal: Client;
  readonly #taskQueue: string;
  readonly #timeoutMs: number;
  readonly #contactKeys: ContactKeys;
  readonly #holds: LegalHolds;

  /**
   * @throws OnboardingError `InvalidRequest` for a contact key that is too short; `EncryptionKeys` for a Temporal client that would send
   * payloads in the clear: give it `onboardingDataConverter()`.
   */
  constructor(temporal: Client, { contactKey, taskQueue, timeoutMs }: OnboardingClientOptions) {
    if (!isEncrypting(temporal))
      throw new OnboardingError(
        'EncryptionKeys',
        'dataConverter of the Temporal client: expected onboardingDataConverter()',
      );
    if (contactKey.length < 16)
      orThrow(E.left([{ field: 'contactKey', expected: 'a secret of at least 16 characters' }]));
    this.#temporal = temporal;
    this.#taskQueue = taskQueue ?? DEFAULT_TASK_QUEUE;
    this.#timeoutMs = timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#contactKeys = contactKeysWith(contactKey);
    this.#holds = new LegalHolds(temporal, this.#taskQueue);
  }

  /**
   * Starts the onboarding of an applicant and answers with the app registration and its live token, in one round trip.
   * Idempotent: the same start again (at once, later, from elsewhere) answers with the same onboarding and a live token.
   */
  async start(request: OnboardingRequestInput, options: StartOptions = {}): Promise<StartedOnboarding> {
    const read = orThrow(decodeRequest(request));
    const contactKeys = this.#contactKeys(read.contact);
    const { reference, again = false } = options;
    const workflowId =
      reference === undefined ? workflowIdOfContact(read, contactKeys) : orThrow(workflowIdOf(reference));
    const input: OnboardingInput = { request, contactKeys, ...(reference === undefined ? {} : { reference }) };
    const requestId = randomUUID();
    const ask = (updateId: string) =>
      this.#temporal.workflow.executeUpdateWithStart(registrationUpdate, {
        startWorkflowOperation: startOperation({ workflowId, taskQueue: this.#taskQueue, request: read, input, again }),
        updateId,
        args: [{ requestId }],
      });
    return this.#within(options.timeoutMs, async () => {
      // One update id for all who start: the server allows few updates at a time, and identical starts share one.
      const first = await ask('start').catch((error: unknown) => {
        if (isAnotherRequests(error, requestId)) return undefined;
        throw error;
      });
      if (first?.requestId === requestId) return started(workflowId, first);
      // The outcome of an earlier start. The onboarding is running, or it is to be started anew if it may be.
      const { status } = await this.#handle(workflowId).describe();
      if (status.name === 'RUNNING') return this.#liveRegistration(workflowId);
      return started(workflowId, await ask(`start-${requestId}`));
    });
  }

  /** A live token for a running onboarding; the vendor is asked for a new one only where there is none. */
  registration(workflowId: string, options: CallOptions = {}): Promise<StartedOnboarding> {
    return this.#within(options.timeoutMs, () => this.#liveRegistration(workflowId));
  }

  /** Where the onboarding stands: phase, checks, who must act until when, what may be done next. */
  status(workflowId: string, options: CallOptions = {}): Promise<Snapshot> {
    return this.#within(options.timeoutMs, () => this.#handle(workflowId).query(onboardingQuery));
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

  /** Registers the applicant again, with a new contact where it has changed. Answers with the new token. */
  async reRegister(
    workflowId: string,
    { contact, reason }: Omit<ReRegisterArgs, 'contactKeys'> = {},
    options: CallOptions = {},
  ): Promise<StartedOnboarding> {
    const change =
      contact === undefined ? {} : { contact, contactKeys: this.#contactKeys(orThrow(decodeContact(contact))) };
    const args: [ReRegisterArgs] = [{ ...change, ...(reason === undefined ? {} : { reason }) }];
    const answer = await this.#within(options.timeoutMs, () =>
      this.#handle(workflowId).executeUpdate(reRegisterUpdate, { args }),
    );
    return started(workflowId, answer);
  }

  /** Approves or rejects what is under review. An error of type `NothingToReview` where nothing is. */
  decideReview(workflowId: string, decision: DecideReviewArgs, options: CallOptions = {}): Promise<Snapshot> {
    return this.#within(options.timeoutMs, () =>
      this.#handle(workflowId).executeUpdate(decideReviewUpdate, { args: [decision] }),
    );
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

  /** The onboardings that fit the filter, newest first. Temporal's list may lag behind by a second or so. */
  async *list(filter: ListFilter = {}): AsyncGenerator<ListedOnboarding, void, undefined> {
    const pages = this.#temporal.workflow.list({ query: visibilityQuery(filter) })[Symbol.asyncIterator]();
    for (;;) {
      const next = await told(() => pages.next());
      if (next.done === true) return;
      yield listed(next.value);
    }
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
    const reference = this.#referenceOf(customer);
    const hold = orThrow(decodeLegalHold({ reference, placedBy, ...(reason === undefined ? {} : { reason }) }));
    return this.#within(options.timeoutMs, () => this.#holds.place(hold));
  }

  /** Lifts the legal hold. Where it has been lifted already, the answer is by whom and when. */
  async liftLegalHold(customer: Customer, { liftedBy }: LiftHoldArgs, options: CallOptions = {}): Promise<LiftedHold> {
    const reference = this.#referenceOf(customer);
    const lift = orThrow(decodeLift({ liftedBy }));
    return this.#within(options.timeoutMs, () => this.#holds.lift(reference, lift));
  }

  /** The legal hold that is set on the customer, or `undefined`. */
  async legalHold(customer: Customer, options: CallOptions = {}): Promise<LegalHold | undefined> {
    const reference = this.#referenceOf(customer);
    return this.#within(options.timeoutMs, () => this.#holds.find(reference));
  }

  /**
   * Deletes everything that Temporal has of the customer's onboardings, running ones too, and answers when nothing is left. What was
   * deleted cannot be had again. An error of type `LegalHold` where a hold is set. Nobody having been there is no error.
   */
  async erase(customer: Customer, options: CallOptions = {}): Promise<ErasureReceipt> {
    const reference = this.#referenceOf(customer);
    const { timeoutMs = ERASE_TIMEOUT_MS } = options;
    return this.#within(timeoutMs, () => new Erasure(this.#temporal, this.#holds, reference).run());
  }

  async #liveRegistration(workflowId: string): Promise<StartedOnboarding> {
    const handle = this.#handle(workflowId);
    const standing = await handle.query(onboardingQuery);
    // An ended workflow still answers with the outcomes of its former updates: with tokens that are worth nothing any more.
    if (standing.phase === 'ended') throw new OnboardingError('Ended', 'this onboarding has ended already');
    const updateId = tokenRequestId(standing, Date.now());
    return started(workflowId, await handle.executeUpdate(registrationUpdate, { args: [{}], updateId }));
  }

  #referenceOf(customer: Customer): string {
    return orThrow(referenceOf(customer, this.#contactKeys));
  }

  #handle(workflowId: string): WorkflowHandle<OnboardingWorkflow> {
    return this.#temporal.workflow.getHandle<OnboardingWorkflow>(workflowId);
  }

  #within<A>(timeoutMs: number | undefined, call: () => Promise<A>): Promise<A> {
    const deadline = Date.now() + (timeoutMs ?? this.#timeoutMs);
    return told(() => this.#temporal.withDeadline(deadline, call));
  }
}
