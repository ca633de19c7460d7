import type { Client, WorkflowHandle } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import type * as t from 'io-ts';
import {
  type ApplicantAnswer,
  applicantQuery,
  claimReviewUpdate,
  decideReviewUpdate,
  type EventsAnswer,
  type LegalHold,
  type LiftedHold,
  type OnboardingResult,
  type Outcome,
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
import { CheckNameCodec } from '../domain/ids.js';
import { decodeLegalHold, decodeLift, type LegalHoldRequest, type LiftHoldArgs } from '../domain/legal-hold.js';
import { CallerReportFields } from '../domain/report-fields.js';
import { type OnboardingRequestInput, ReRegistrationFields } from '../domain/request.js';
import {
  AgainFields,
  ClaimFields,
  type ClaimReviewArgs,
  type DecideReviewArgs,
  ReleaseFields,
  type ReleaseReviewArgs,
  type RequestAgainArgs,
  ReviewFields,
} from '../domain/review/requests.js';
import type { Snapshot } from '../domain/snapshot.js';
import { contactKeysWith } from '../shared/contact-keys.js';
import { defined } from '../shared/defined.js';
import {
  argumentOrThrow,
  CallFields,
  type CallOptions,
  Id,
  OnceFields,
  type OnceOptions,
  readArgument,
  type WaitOptions,
} from './arguments.js';
import { type CallRules, Calls } from './calls/calls.js';
import { query } from './calls/queries.js';
import { update } from './calls/retries.js';
import { whileRunning } from './calls/runs.js';
import { resultOf, withCloseStatus } from './close-status.js';
import { type Customer, referenceOf } from './customer.js';
import { EraseFields, type EraseOptions, Erasure, type ErasureReceipt } from './erasure/erasure.js';
import { findHold, liftHold, placeHold } from './erasure/legal-holds.js';
import { orThrow } from './errors.js';
import { EventsFields, noEvents, readEvents, replayEvent } from './events.js';
import { EvidenceFields, type EvidenceOptions, readEvidence } from './evidence.js';
import { fingerprintsOf, fingerprintWith } from './fingerprints.js';
import { outcomeOf } from './idempotency.js';
import { type Funnel, type FunnelFilter, readFunnel } from './lists/funnel.js';
import type { ListedOnboarding, ListFilter } from './lists/list.js';
import { type ListPage, listPage, MAX_PAGE, PageFields, type PageOptions } from './lists/list-page.js';
import { type ListedReview, listReviews, type ReviewFilter, type ReviewPage } from './lists/review-list.js';
import { type OnboardingClientOptions, readOptions } from './options.js';
import {
  liveRegistration,
  type StartContext,
  type StartedOnboarding,
  StartFields,
  type StartOptions,
  startOnboarding,
  toStartedOnboarding,
} from './start.js';

/** A Temporal server deletes a workflow that has just closed only after about 30 s. */
const ERASE_TIMEOUT_MS = 120_000;

type OnboardingHandle = WorkflowHandle<OnboardingWorkflow>;

/** An update that can have an idempotency key. */
interface OnceUpdate<R, A> {
  readonly definition: UpdateDefinition<Outcome<R>, [A, UpdateDelivery?]>;
  /** The first part of its update ids. */
  readonly name: string;
}

interface ReviewCall<A> extends OnceUpdate<Snapshot, A> {
  readonly codec: t.Decoder<unknown, A>;
  readonly fields?: CallRules['fields'];
}

/** Starts and follows onboardings. Every method throws only `OnboardingError`, and every call may be repeated. */
export class OnboardingClient {
  readonly #calls: Calls;
  readonly #context: StartContext;

  /**
   * @throws OnboardingError `InvalidRequest` if an option is wrong; `EncryptionKeys` if the Temporal client would send
   * payloads unencrypted: create it with `onboardingDataConverter()`.
   */
  constructor(temporal: Client, options: OnboardingClientOptions) {
    const { contactKey, publishChecksWithinMs, ...others } = readOptions(options);
    this.#calls = new Calls(temporal, others);
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
    return this.#calls.within(options, () => startOnboarding(this.#context, request, options), {
      fields: StartFields,
    });
  }

  /** Returns a live token for a running onboarding. Verifik issues a new one only if the current one has expired. */
  registration(workflowId: string, options: CallOptions = {}): Promise<StartedOnboarding> {
    return this.#about(workflowId, options, async () =>
      toStartedOnboarding(workflowId, await liveRegistration(this.#calls.temporal, workflowId)),
    );
  }

  /**
   * Returns the snapshot: the phase, the checks, who must act until when, and the possible next actions; for one that
   * closed without an outcome, how, when and why.
   */
  status(workflowId: string, options: CallOptions = {}): Promise<Snapshot> {
    return this.#about(workflowId, options, () => this.#readStatus(workflowId));
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
    return this.#onRunning(workflowId, {}, (handle) => {
      readArgument('check', CheckNameCodec, check);
      return handle.signal(validationSignals[check], readArgument('report', CallerReportFields, report));
    });
  }

  /**
   * Registers the applicant again, with a new contact if it is given, and returns the new token. A repeated call with
   * the same `idempotencyKey` returns the same result. Throws `RequestMismatch` if the key was used for another change.
   */
  reRegister(
    workflowId: string,
    change: Omit<ReRegisterArgs, 'contactKeys'> = {},
    options: OnceOptions = {},
  ): Promise<StartedOnboarding> {
    const reRegister = async (handle: OnboardingHandle) => {
      const { contact: given, reason } = readArgument('change', ReRegistrationFields, change);
      const contact = given && orThrow(decodeContact(given));
      const contactKeys = contact && this.#context.contactKeys(contact);
      const sent = { args: defined({ contact, contactKeys, reason }), content: { contact, reason } };
      const again = { definition: reRegisterUpdate, name: 're-register' };
      return toStartedOnboarding(workflowId, await this.#updateOnce(handle, again, sent, options));
    };
    return this.#onRunning(workflowId, options, reRegister, { fields: OnceFields });
  }

  /**
   * Approves or rejects the checks under review. Throws `NothingToReview` if none is, or if the review has been
   * decided. A repeated call with the same `idempotencyKey` returns the same result. Throws `RequestMismatch` if the
   * key was used for another decision.
   */
  decideReview(workflowId: string, decision: DecideReviewArgs, options: OnceOptions = {}): Promise<Snapshot> {
    return this.#review(
      { definition: decideReviewUpdate, name: 'decide-review', codec: ReviewFields, fields: OnceFields },
      workflowId,
      decision,
      options,
    );
  }

  /**
   * Has the applicant repeat the document, the selfie or both. Their validations are void, Verifik sends a link, and
   * the checks are pending with all attempts of the policy. A repeated call with the same `idempotencyKey` returns the
   * same result. Throws `RequestMismatch` if the key was used for another request.
   */
  requestAgain(workflowId: string, request: RequestAgainArgs, options: OnceOptions = {}): Promise<Snapshot> {
    return this.#review(
      { definition: requestAgainUpdate, name: 'request-again', codec: AgainFields, fields: OnceFields },
      workflowId,
      request,
      options,
    );
  }

  /**
   * Claims the review for a reviewer: decisions of other reviewers throw `ReviewClaimed` unless they are forced. The
   * claim ends by itself.
   */
  claimReview(workflowId: string, claim: ClaimReviewArgs, options: CallOptions = {}): Promise<Snapshot> {
    return this.#review(
      { definition: claimReviewUpdate, name: 'claim-review', codec: ClaimFields },
      workflowId,
      claim,
      options,
    );
  }

  releaseReview(workflowId: string, release: ReleaseReviewArgs, options: CallOptions = {}): Promise<Snapshot> {
    return this.#review(
      { definition: releaseReviewUpdate, name: 'release-review', codec: ReleaseFields },
      workflowId,
      release,
      options,
    );
  }

  /** Ends the onboarding with the outcome `withdrawn`. */
  withdraw(workflowId: string): Promise<void> {
    return this.#onRunning(workflowId, {}, (handle) => handle.signal(withdrawSignal));
  }

  /** Waits for the outcome. Without `timeoutMs` and `signal`, it waits without limit. */
  result(workflowId: string, options: WaitOptions = {}): Promise<OnboardingResult> {
    return this.#calls.afterEnd(workflowId, options, () =>
      resultOf(this.#calls.temporal, workflowId, () => this.#handle(workflowId).result()),
    );
  }

  /** Returns the kept events of a running or ended onboarding: those after a sequence number, or all. */
  events(workflowId: string, options: CallOptions & { readonly after?: number } = {}): Promise<EventsAnswer> {
    const { temporal } = this.#calls;
    const read = () => readEvents(temporal, workflowId, options.after);
    return this.#about(workflowId, options, () => withCloseStatus(temporal, workflowId, read, noEvents), {
      fields: EventsFields,
    });
  }

  /** Sends one event to the callback URL again, with the same message id. */
  replayEvent(workflowId: string, sequence: number, options: CallOptions = {}): Promise<void> {
    return this.#about(workflowId, options, () => replayEvent(this.#calls, workflowId, sequence));
  }

  /** Returns the applicant's personal data: the current contact, the full name and the language. */
  applicant(workflowId: string, options: CallOptions = {}): Promise<ApplicantAnswer> {
    return this.#about(workflowId, options, (handle) => query(handle, () => handle.query(applicantQuery)));
  }

  /**
   * Returns the record of a decided onboarding for auditors, until Temporal's retention deletes the workflow. Throws
   * `NotDecided` before the decision. `signEvidence` signs it.
   */
  evidence(workflowId: string, options: EvidenceOptions & CallOptions = {}): Promise<Evidence> {
    const read = async () =>
      readEvidence(this.#calls.temporal, workflowId, await this.#readStatus(workflowId), options);
    return this.#about(workflowId, options, read, { fields: EvidenceFields });
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
    const list = () => listPage(this.#calls.temporal, this.#context.fingerprint, filter, options);
    return this.#calls.within(options, list, { fields: PageFields });
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
    const list = () => listReviews(this.#calls.temporal, this.#context.fingerprint, filter, options);
    return this.#calls.within(options, list, { fields: PageFields });
  }

  /** Returns the customer's reference or, if they have none, the one that is derived from project, flow and contact. */
  referenceOf(customer: Customer): string {
    return referenceOf(customer, this.#context.contactKeys);
  }

  /**
   * Places a legal hold: no onboarding of the customer can be erased until the hold is lifted, including later ones. If
   * a hold is set already, it does not change and is returned.
   */
  async placeLegalHold(customer: Customer, request: LegalHoldRequest, options: CallOptions = {}): Promise<LegalHold> {
    const reference = this.referenceOf(customer);
    const hold = argumentOrThrow('request', decodeLegalHold(defined({ ...request, reference })));
    return this.#calls.within(options, () => placeHold(this.#calls, hold));
  }

  /** Lifts the legal hold. If it has been lifted already, returns who lifted it and when. */
  async liftLegalHold(customer: Customer, request: LiftHoldArgs, options: CallOptions = {}): Promise<LiftedHold> {
    const reference = this.referenceOf(customer);
    const lift = argumentOrThrow('request', decodeLift(request));
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
    const erase = () => new Erasure(this.#calls, reference, options.atVerifik).run();
    return this.#calls.within(options, erase, { fields: EraseFields, defaultMs: ERASE_TIMEOUT_MS });
  }

  async #readStatus(workflowId: string): Promise<Snapshot> {
    const read = async () => {
      const { refusals: _, ...snapshot } = await query(this.#handle(workflowId), (handle) =>
        handle.query(onboardingQuery),
      );
      return { snapshot };
    };
    const unread = (snapshot: Snapshot) => ({ snapshot });
    return (await withCloseStatus(this.#calls.temporal, workflowId, read, unread)).snapshot;
  }

  #review<A extends DecideReviewArgs | RequestAgainArgs | ClaimReviewArgs | ReleaseReviewArgs>(
    { definition, name, codec, fields = CallFields }: ReviewCall<A>,
    workflowId: string,
    given: A,
    options: OnceOptions,
  ): Promise<Snapshot> {
    const review = (handle: OnboardingHandle) => {
      const request = readArgument('request', codec, given);
      return this.#updateOnce(handle, { definition, name }, { args: request, content: request }, options);
    };
    return this.#onRunning(workflowId, options, review, { fields });
  }

  /**
   * Makes an update, at most once for each idempotency key: the server stores the outcomes of updates by their ids.
   * `content` is what must be the same in each update with the key.
   */
  #updateOnce<R, A>(
    handle: OnboardingHandle,
    { definition, name }: OnceUpdate<R, A>,
    { args, content }: { readonly args: A; readonly content: object },
    { idempotencyKey: key }: OnceOptions,
  ) {
    const { fingerprint } = this.#context;
    const fingerprints = key === undefined ? undefined : fingerprintsOf(fingerprint, content);
    const updateId = key === undefined ? undefined : `${name}-${fingerprint([key])}`;
    const call = update((isRepeated) => {
      const delivery = defined({ isRepeated: isRepeated || undefined, fingerprints });
      const sent: [A, UpdateDelivery?] = Object.keys(delivery).length === 0 ? [args] : [args, delivery];
      return handle.executeUpdate(definition, { args: sent, ...defined({ updateId }) });
    });
    return outcomeOf(call, fingerprints);
  }

  /** Makes a call about an onboarding, running or ended. */
  #about<A>(
    workflowId: string,
    options: CallOptions,
    call: (handle: OnboardingHandle) => Promise<A>,
    rules: CallRules = {},
  ): Promise<A> {
    return this.#calls.within(options, () => call(this.#handle(readArgument('workflowId', Id, workflowId))), rules);
  }

  /** Makes a call that only a running onboarding accepts. */
  #onRunning<A>(
    workflowId: string,
    options: CallOptions,
    call: (handle: OnboardingHandle) => Promise<A>,
    rules: CallRules = {},
  ): Promise<A> {
    const onRunning = (handle: OnboardingHandle) => whileRunning(handle, 'onboarding', async () => call(handle));
    return this.#about(workflowId, options, onRunning, rules);
  }

  #handle(workflowId: string): OnboardingHandle {
    return this.#calls.temporal.workflow.getHandle<OnboardingWorkflow>(workflowId);
  }
}
