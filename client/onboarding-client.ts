import type { Client, WorkflowHandle } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import {
  type ApplicantAnswer,
  applicantQuery,
  claimReviewUpdate,
  decideReviewUpdate,
  type EventsAnswer,
  type LegalHold,
  type LiftedHold,
  type OnboardingResult,
  onboardingQuery,
  type ReRegisterArgs,
  releaseReviewUpdate,
  requestAgainUpdate,
  reRegisterUpdate,
  type UpdateDelivery,
  type ValidationReport,
  validationSignals,
  withdrawSignal,
} from '../contract/messages.js';
import type { OnboardingWorkflow } from '../contract/start-options.js';
import type { CheckName } from '../domain/checks.js';
import { decodeContact } from '../domain/contact.js';
import type { Evidence } from '../domain/evidence/evidence.js';
import { decodeLegalHold, decodeLift, type LegalHoldRequest, type LiftHoldArgs } from '../domain/legal-hold.js';
import type { OnboardingRequestInput } from '../domain/request.js';
import type {
  ClaimReviewArgs,
  DecideReviewArgs,
  ReleaseReviewArgs,
  RequestAgainArgs,
} from '../domain/review/requests.js';
import type { Snapshot } from '../domain/snapshot.js';
import { contactKeysWith } from '../shared/contact-keys.js';
import { defined } from '../shared/defined.js';
import {
  type CallOptions,
  Calls,
  type OnboardingClientOptions,
  type OnceOptions,
  readOptions,
  type WaitOptions,
} from './calls.js';
import { resultOf, withCloseStatus } from './close-status.js';
import { type Customer, referenceOf } from './customer.js';
import { type EraseOptions, Erasure, type ErasureReceipt } from './erasure.js';
import { orThrow } from './errors.js';
import { noEvents, readEvents, replayEvent } from './events.js';
import { type EvidenceOptions, readEvidence } from './evidence.js';
import { fingerprintWith } from './fingerprints.js';
import { type Funnel, type FunnelFilter, readFunnel } from './funnel.js';
import { decodeIdempotencyKey } from './idempotency.js';
import { findHold, liftHold, placeHold } from './legal-holds.js';
import type { ListedOnboarding, ListFilter } from './list.js';
import { type ListPage, listPage, MAX_PAGE, type PageOptions } from './list-page.js';
import { query } from './queries.js';
import { update } from './retries.js';
import { type ListedReview, listReviews, type ReviewFilter, type ReviewPage } from './review-list.js';
import {
  liveRegistration,
  type StartContext,
  type StartedOnboarding,
  type StartOptions,
  startOnboarding,
  toStartedOnboarding,
} from './start.js';

/** A Temporal server deletes a workflow that has just closed only after about 30 s. */
const ERASE_TIMEOUT_MS = 120_000;

/** Starts and follows onboardings. Every method throws only `OnboardingError`, and every call may be repeated. */
export class OnboardingClient {
  readonly #calls: Calls;
  readonly #context: StartContext;

  /**
   * @throws OnboardingError `InvalidRequest` if an option is wrong; `EncryptionKeys` if the Temporal client would send
   * payloads unencrypted: create it with `onboardingDataConverter()`.
   */
  constructor(temporal: Client, options: OnboardingClientOptions) {
    this.#calls = new Calls(temporal, options);
    const { contactKey, publishChecksWithinMs } = readOptions(options);
    this.#context = {
      calls: this.#calls,
      contactKeys: contactKeysWith(contactKey),
      fingerprint: fingerprintWith(contactKey),
      publishChecksWithinMs,
    };
  }

  /**
   * Starts the onboarding of an applicant and returns the app registration and its live token, in one round trip.
   * Idempotent: a repeated start, also from another process, returns the same onboarding and a live token.
   */
  start(request: OnboardingRequestInput, options: StartOptions = {}): Promise<StartedOnboarding> {
    return this.#calls.within(options, () => startOnboarding(this.#context, request, options));
  }

  /** Returns a live token for a running onboarding. Verifik issues a new one only if the current one has expired. */
  registration(workflowId: string, options: CallOptions = {}): Promise<StartedOnboarding> {
    return this.#calls.within(options, async () =>
      toStartedOnboarding(workflowId, await liveRegistration(this.#calls.temporal, workflowId)),
    );
  }

  /**
   * Returns the snapshot: the phase, the checks, who must act until when, and the possible next actions; for one that
   * closed without an outcome, how, when and why.
   */
  status(workflowId: string, options: CallOptions = {}): Promise<Snapshot> {
    return this.#calls.within(options, async () => {
      const read = async () => {
        const { refusals: _, ...snapshot } = await query(this.#handle(workflowId), (handle) =>
          handle.query(onboardingQuery),
        );
        return { snapshot };
      };
      const { snapshot } = await withCloseStatus(this.#calls.temporal, workflowId, read, (unread) => ({
        snapshot: unread,
      }));
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
    return this.#calls.within({}, () => this.#handle(workflowId).signal(validationSignals[check], report));
  }

  /**
   * Registers the applicant again, with a new contact if it is given, and returns the new token. A repeated call with
   * the same `idempotencyKey` and change returns the same result.
   */
  async reRegister(
    workflowId: string,
    { contact: given, reason }: Omit<ReRegisterArgs, 'contactKeys'> = {},
    { idempotencyKey: key, ...options }: OnceOptions = {},
  ): Promise<StartedOnboarding> {
    const contact = given && orThrow(decodeContact(given));
    const contactKeys = contact && this.#context.contactKeys(contact);
    const args: [ReRegisterArgs] = [defined({ contact, contactKeys, reason })];
    const once = this.#once('re-register', key, [contact, reason]);
    const answer = await this.#calls.within(options, () =>
      update(() => this.#handle(workflowId).executeUpdate(reRegisterUpdate, { args, ...once })),
    );
    return toStartedOnboarding(workflowId, answer);
  }

  /**
   * Approves or rejects the checks under review. Throws `NothingToReview` if none is, or if the review has been
   * decided. A repeated call with the same `idempotencyKey` and decision returns the same result.
   */
  decideReview(workflowId: string, decision: DecideReviewArgs, options: OnceOptions = {}): Promise<Snapshot> {
    return this.#review(decideReviewUpdate, 'decide-review', workflowId, decision, options);
  }

  /**
   * Has the applicant repeat the document, the selfie or both. Their validations are void, Verifik sends a link, and
   * the checks are pending with all attempts of the policy. A repeated call with the same `idempotencyKey` returns the
   * same result.
   */
  requestAgain(workflowId: string, request: RequestAgainArgs, options: OnceOptions = {}): Promise<Snapshot> {
    return this.#review(requestAgainUpdate, 'request-again', workflowId, request, options);
  }

  /**
   * Claims the review for a reviewer: decisions of other reviewers throw `ReviewClaimed` unless they are forced. The
   * claim ends by itself.
   */
  claimReview(workflowId: string, claim: ClaimReviewArgs, options: CallOptions = {}): Promise<Snapshot> {
    return this.#review(claimReviewUpdate, 'claim-review', workflowId, claim, options);
  }

  releaseReview(workflowId: string, release: ReleaseReviewArgs, options: CallOptions = {}): Promise<Snapshot> {
    return this.#review(releaseReviewUpdate, 'release-review', workflowId, release, options);
  }

  /** Ends the onboarding with the outcome `withdrawn`. */
  withdraw(workflowId: string): Promise<void> {
    return this.#calls.within({}, () => this.#handle(workflowId).signal(withdrawSignal));
  }

  /** Waits for the outcome. Without `timeoutMs` and `signal`, it waits without limit. */
  result(workflowId: string, options: WaitOptions = {}): Promise<OnboardingResult> {
    return this.#calls.afterEnd(workflowId, options, () =>
      resultOf(this.#calls.temporal, workflowId, () => this.#handle(workflowId).result()),
    );
  }

  /** Returns the kept events of a running or ended onboarding: those after a sequence number, or all. */
  events(
    workflowId: string,
    { after, ...options }: CallOptions & { readonly after?: number } = {},
  ): Promise<EventsAnswer> {
    const { temporal } = this.#calls;
    return this.#calls.within(options, () =>
      withCloseStatus(temporal, workflowId, () => readEvents(temporal, workflowId, after), noEvents),
    );
  }

  /** Sends one event to the callback URL again, with the same message id. */
  replayEvent(workflowId: string, sequence: number, options: CallOptions = {}): Promise<void> {
    return this.#calls.within(options, () => replayEvent(this.#calls, workflowId, sequence));
  }

  /** Returns the applicant's personal data: the current contact, the full name and the language. */
  applicant(workflowId: string, options: CallOptions = {}): Promise<ApplicantAnswer> {
    return this.#calls.within(options, () => query(this.#handle(workflowId), (handle) => handle.query(applicantQuery)));
  }

  /**
   * Returns the record of a decided onboarding for auditors, until Temporal's retention deletes the workflow. Throws
   * `NotDecided` before the decision. `signEvidence` signs it.
   */
  evidence(workflowId: string, options: EvidenceOptions & CallOptions = {}): Promise<Evidence> {
    return this.#calls.within(options, async () =>
      readEvidence(this.#calls.temporal, workflowId, await this.status(workflowId, options), options),
    );
  }

  /**
   * Lists the onboardings that match the filter, newest first. Temporal's list may lag behind by about a second. With
   * `stuck`, if the server does not report problems, the client describes each running onboarding while you iterate.
   */
  async *list(filter: ListFilter = {}): AsyncGenerator<ListedOnboarding, void, undefined> {
    let cursor: string | undefined;
    do {
      const page = await this.listPage(filter, defined({ limit: MAX_PAGE, cursor }));
      yield* page.onboardings;
      ({ cursor } = page);
    } while (cursor !== undefined);
  }

  /** Lists one page of the onboardings that match the filter, newest first, with the cursor of the next page. */
  listPage(filter: ListFilter = {}, options: PageOptions & CallOptions = {}): Promise<ListPage> {
    return this.#calls.within(options, () =>
      listPage(this.#calls.temporal, this.#context.fingerprint, filter, options),
    );
  }

  /**
   * Counts the onboardings that started in a period by how far they have got: by status, outcome and pending check.
   * Temporal's counts may lag behind by about a second, and those of pending checks by `publishChecksWithinMs`.
   */
  funnel(filter: FunnelFilter = {}, options: CallOptions = {}): Promise<Funnel> {
    return this.#calls.within(options, () => readFunnel(this.#calls.temporal, filter));
  }

  /** Lists the open reviews that match the filter, in the order in which they are due. */
  async *listReviews(filter: ReviewFilter = {}): AsyncGenerator<ListedReview, void, undefined> {
    let cursor: string | undefined;
    do {
      const page = await this.reviews(filter, defined({ limit: MAX_PAGE, cursor }));
      yield* page.reviews;
      ({ cursor } = page);
    } while (cursor !== undefined);
  }

  /** Lists one page of the open reviews that match the filter, in the order in which they are due, with a cursor. */
  reviews(filter: ReviewFilter = {}, options: PageOptions & CallOptions = {}): Promise<ReviewPage> {
    return this.#calls.within(options, () =>
      listReviews(this.#calls.temporal, this.#context.fingerprint, filter, options),
    );
  }

  /** Returns the customer's reference or, if they have none, the one that is derived from project, flow and contact. */
  referenceOf(customer: Customer): string {
    return orThrow(referenceOf(customer, this.#context.contactKeys));
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
    const hold = orThrow(decodeLegalHold(defined({ reference, placedBy, reason })));
    return this.#calls.within(options, () => placeHold(this.#calls, hold));
  }

  /** Lifts the legal hold. If it has been lifted already, returns who lifted it and when. */
  async liftLegalHold(customer: Customer, { liftedBy }: LiftHoldArgs, options: CallOptions = {}): Promise<LiftedHold> {
    const reference = this.referenceOf(customer);
    const lift = orThrow(decodeLift({ liftedBy }));
    return this.#calls.within(options, () => liftHold(this.#calls.temporal, reference, lift));
  }

  /** Returns the customer's legal hold, or `undefined` if none is set. */
  async legalHold(customer: Customer, options: CallOptions = {}): Promise<LegalHold | undefined> {
    const reference = this.referenceOf(customer);
    return this.#calls.within(options, () => findHold(this.#calls.temporal, reference));
  }

  /**
   * Deletes all of the customer's onboardings from Temporal, running ones included, and returns when none is left. With
   * `atVerifik`, deletes the customer's data at Verifik as well, and the receipt has Verifik's answers. This cannot be
   * undone. Throws `LegalHold` if a hold is set, and `Unreachable` if Verifik does not answer: repeat the call. An
   * unknown customer is not an error.
   */
  async erase(customer: Customer, options: EraseOptions = {}): Promise<ErasureReceipt> {
    const reference = this.referenceOf(customer);
    const { timeoutMs = ERASE_TIMEOUT_MS, atVerifik } = options;
    return this.#calls.within({ timeoutMs }, () => new Erasure(this.#calls, reference, atVerifik).run());
  }

  #review<A extends DecideReviewArgs | RequestAgainArgs | ClaimReviewArgs | ReleaseReviewArgs>(
    definition: UpdateDefinition<Snapshot, [A, UpdateDelivery?]>,
    name: string,
    workflowId: string,
    request: A,
    { idempotencyKey: key, ...options }: OnceOptions,
  ): Promise<Snapshot> {
    return this.#calls.within(options, () => {
      const once = this.#once(name, key, [request]);
      return update((isRepeated) => {
        const args: [A, UpdateDelivery?] = isRepeated ? [request, { isRepeated }] : [request];
        return this.#handle(workflowId).executeUpdate(definition, { args, ...once });
      });
    });
  }

  /** Derives the update id from the key and the content: the server stores the outcomes of updates by their ids. */
  #once(name: string, key: string | undefined, content: readonly unknown[]): { readonly updateId?: string } {
    if (key === undefined) return {};
    return { updateId: `${name}-${this.#context.fingerprint([decodeIdempotencyKey(key), ...content])}` };
  }

  #handle(workflowId: string): WorkflowHandle<OnboardingWorkflow> {
    return this.#calls.temporal.workflow.getHandle<OnboardingWorkflow>(workflowId);
  }
}
