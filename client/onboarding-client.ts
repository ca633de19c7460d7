import { randomUUID } from 'node:crypto';
import {
  type Client,
  WithStartWorkflowOperation,
  type WorkflowHandle,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client';
import * as E from 'fp-ts/lib/Either.js';
import type { CheckName } from '../domain/checks.js';
import { describeFieldErrors, type FieldError } from '../domain/decoding.js';
import {
  decodeContact,
  decodeRequest,
  type OnboardingRequest,
  type OnboardingRequestInput,
} from '../domain/request.js';
import type { Snapshot } from '../domain/snapshot.js';
import {
  DEFAULT_TASK_QUEUE,
  type DecideReviewArgs,
  decideReviewUpdate,
  type LiveRegistration,
  ONBOARDING_WORKFLOW,
  type OnboardingInput,
  type OnboardingResult,
  onboardingQuery,
  type RegistrationAnswer,
  type ReRegisterArgs,
  registrationUpdate,
  reRegisterUpdate,
  type ValidationReport,
  validationSignals,
  withdrawSignal,
} from '../workflows/messages.js';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes.js';
import { type ContactKeys, contactKeysWith } from './contact-keys.js';
import { isEncrypting } from './encryption.js';
import { isAnotherRequests, OnboardingError, told } from './errors.js';
import { type ListedOnboarding, type ListFilter, listed, visibilityQuery } from './listing.js';
import { workflowIdOf, workflowIdOfContact } from './workflow-id.js';

type OnboardingWorkflow = (input: OnboardingInput) => Promise<OnboardingResult>;

export interface OnboardingClientOptions {
  /** Secret for the keyed hashes under which onboardings are found by contact. At least 16 characters; the same in every client. */
  readonly contactKey: string;
  /** The task queue that the workers serve. Default `verifik-onboarding`. */
  readonly taskQueue?: string;
  /** How long calls wait for an answer unless told otherwise, in ms. Default 30 s. */
  readonly timeoutMs?: number;
}

export interface StartOptions {
  /** The caller's own opaque reference for the customer: the same reference is the same onboarding. Never personal data. */
  readonly reference?: string;
  /** Start again where an earlier onboarding of the same customer has ended. Without it, that is an error of type `Ended`. */
  readonly again?: boolean;
  /** How long to wait for the token, in ms. The onboarding goes on when the wait is over. */
  readonly timeoutMs?: number;
}

/** An onboarding with a live token: what the applicant's device needs. `token` is a secret of the applicant. */
export interface StartedOnboarding extends LiveRegistration {
  readonly workflowId: string;
}

export interface CallOptions {
  /** How long to wait for the answer, in ms. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;

const orThrow = <A>(decoded: E.Either<readonly FieldError[], A>): A => {
  if (E.isRight(decoded)) return decoded.right;
  throw new OnboardingError('InvalidRequest', describeFieldErrors(decoded.left), { fields: decoded.left });
};

/**
 * Starts and follows onboardings, for backends on Node. Every method throws `OnboardingError` and nothing else, and every call
 * may be repeated.
 */
export class OnboardingClient {
  readonly #temporal: Client;
  readonly #taskQueue: string;
  readonly #timeoutMs: number;
  readonly #contactKeys: ContactKeys;

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
  }

  /**
   * Starts the onboarding of an applicant and answers with the app registration and its live token, in one round trip.
   * Idempotent: the same start again (at once, later, from elsewhere) answers with the same onboarding and a live token.
   */
  async start(request: OnboardingRequestInput, options: StartOptions = {}): Promise<StartedOnboarding> {
    const read = orThrow(decodeRequest(request));
    const contactKeys = this.#contactKeys(read.contact);
    const { reference } = options;
    const workflowId =
      reference === undefined ? workflowIdOfContact(read, contactKeys) : orThrow(workflowIdOf(reference));
    const input: OnboardingInput = { request, contactKeys, ...(reference === undefined ? {} : { reference }) };
    const requestId = randomUUID();
    const ask = (updateId: string) =>
      this.#temporal.workflow.executeUpdateWithStart(registrationUpdate, {
        startWorkflowOperation: this.#startOperation(workflowId, read, input, options),
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
      if (status.name === 'RUNNING') return this.registration(workflowId, options);
      return started(workflowId, await ask(`start-${requestId}`));
    });
  }

  /** A live token for a running onboarding; the vendor is asked for a new one only where there is none. */
  async registration(workflowId: string, options: CallOptions = {}): Promise<StartedOnboarding> {
    const handle = this.#handle(workflowId);
    const answer = await this.#within(options.timeoutMs, async () => {
      const { phase, generation } = await handle.query(onboardingQuery);
      // An ended workflow still answers with the outcomes of its former updates: with tokens that are worth nothing any more.
      if (phase === 'ended') throw new OnboardingError('Ended', 'this onboarding has ended already');
      // Everybody who waits for the token after this generation shares one update: the server allows few at a time.
      return handle.executeUpdate(registrationUpdate, { args: [{}], updateId: `registration-${generation}` });
    });
    return started(workflowId, answer);
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

  #handle(workflowId: string): WorkflowHandle<OnboardingWorkflow> {
    return this.#temporal.workflow.getHandle<OnboardingWorkflow>(workflowId);
  }

  #within<A>(timeoutMs: number | undefined, call: () => Promise<A>): Promise<A> {
    const deadline = Date.now() + (timeoutMs ?? this.#timeoutMs);
    return told(() => this.#temporal.withDeadline(deadline, call));
  }

  #startOperation(
    workflowId: string,
    { project, projectFlow, policy }: OnboardingRequest,
    input: OnboardingInput,
    { again, reference }: StartOptions,
  ): WithStartWorkflowOperation<OnboardingWorkflow> {
    return new WithStartWorkflowOperation<OnboardingWorkflow>(ONBOARDING_WORKFLOW, {
      workflowId,
      taskQueue: this.#taskQueue,
      args: [input],
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      workflowIdReusePolicy:
        again === true ? WorkflowIdReusePolicy.ALLOW_DUPLICATE : WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
      staticSummary: `Onboarding at Verifik: ${policy.required.join(', ')}`,
      typedSearchAttributes: [
        { key: SEARCH_ATTRIBUTES.status, value: 'registering' },
        { key: SEARCH_ATTRIBUTES.pending, value: [...policy.required] },
        { key: SEARCH_ATTRIBUTES.project, value: project },
        { key: SEARCH_ATTRIBUTES.projectFlow, value: projectFlow },
        { key: SEARCH_ATTRIBUTES.contact, value: [...(input.contactKeys ?? [])] },
        ...(reference === undefined ? [] : [{ key: SEARCH_ATTRIBUTES.reference, value: reference }]),
      ],
    });
  }
}

const started = (
  workflowId: string,
  { appRegistrationId, token, expiresAt, generation }: RegistrationAnswer,
): StartedOnboarding => ({
  workflowId,
  appRegistrationId,
  token,
  expiresAt,
  generation,
});
