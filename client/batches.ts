import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowIdReusePolicy } from '@temporalio/client';
import { DEFAULT_TASK_QUEUE } from '../contract/messages.js';
import {
  type BatchProgress,
  type BatchResult,
  type CancelArgs,
  cancelBatchSignal,
  changeRateUpdate,
  pauseSignal,
  REVALIDATION_WORKFLOW,
  resumeSignal,
  workflowIdOfBatch,
} from '../contract/revalidation.js';
import {
  type BatchRequestInput,
  decodeBatchId,
  decodeBatchRequest,
  decodeRate,
} from '../domain/revalidation/request.js';
import { update } from './asking.js';
import { type BatchFilter, type ListedBatch, listBatches, listedBatch, memoOf } from './batch-listing.js';
import { type BatchStanding, readStanding } from './batch-progress.js';
import { batchStart, fingerprintOfBatch, type RevalidationWorkflow } from './batch-starting.js';
import { type CallOptions, callsWithin, requireEncrypting, type Within } from './calls.js';
import { OnboardingError, orThrow, told } from './errors.js';
import { findRun, unlessNotFound } from './runs.js';

export interface BatchClientOptions {
  /** The task queue that the workers serve. Default `verifik-onboarding`. */
  readonly taskQueue?: string;
  /** How long calls wait for an answer unless told otherwise, in ms. Default 30 s. */
  readonly timeoutMs?: number;
}

export interface BatchStartOptions extends CallOptions {
  /** The batch's id: the same id is the same batch. It is shown unencrypted. */
  readonly batch: string;
}

export interface StartedBatch {
  readonly batch: string;
  readonly workflowId: string;
  /** True where the same batch had been started before: it was left as it is. */
  readonly existed: boolean;
}

/**
 * Starts and follows batches, which re-validate many registrations. Every method throws `OnboardingError` and nothing else, and
 * every call may be repeated. A batch that nobody has started is an error of type `NotFound`.
 */
export class BatchClient {
  readonly #temporal: Client;
  readonly #taskQueue: string;
  readonly #within: Within;

  /** @throws OnboardingError `EncryptionKeys` for a Temporal client that would send payloads in the clear. */
  constructor(temporal: Client, { taskQueue = DEFAULT_TASK_QUEUE, timeoutMs }: BatchClientOptions = {}) {
    requireEncrypting(temporal);
    this.#temporal = temporal;
    this.#taskQueue = taskQueue;
    this.#within = callsWithin(temporal, timeoutMs);
  }

  /**
   * Starts a batch. Where the same was started before, it answers with that one, ended or not; one that failed or was stopped in
   * Temporal begins anew, and finds what it had begun.
   *
   * @throws OnboardingError `InvalidRequest` naming the fields; `OtherRequest` where the id was used for another request.
   */
  async start(request: BatchRequestInput, { batch: id, timeoutMs }: BatchStartOptions): Promise<StartedBatch> {
    const batch = orThrow(decodeBatchId(id));
    const read = orThrow(decodeBatchRequest(request));
    const workflowId = workflowIdOfBatch(batch);
    return this.#within(timeoutMs, async () => {
      await this.#refuseOther(workflowId, request);
      const start = batchStart(request, read, this.#taskQueue, batch);
      try {
        await this.#temporal.workflow.start<RevalidationWorkflow>(REVALIDATION_WORKFLOW, {
          ...start,
          workflowId,
          memo: { ...start.memo, startedAt: Date.now() },
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
        });
        return { batch, workflowId, existed: false };
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        // Somebody else may have started it just now.
        await this.#refuseOther(workflowId, request);
        return { batch, workflowId, existed: true };
      }
    });
  }

  /** Whether and how the batch runs, without a worker being asked; `undefined` where nobody has started it. */
  find(batch: string, { timeoutMs }: CallOptions = {}): Promise<ListedBatch | undefined> {
    return this.#within(timeoutMs, async () => {
      const run = await unlessNotFound(this.#handle(workflowIdOfBatch(batch)).describe());
      return run === undefined ? undefined : listedBatch(run);
    });
  }

  /** How the batch stands: how far it has come, also within the leg that is under way, what it found, how long it will take. */
  progress(batch: string, { timeoutMs }: CallOptions = {}): Promise<BatchStanding> {
    return this.#ask(batch, timeoutMs, (workflowId) => readStanding(this.#temporal, workflowId, Date.now));
  }

  /** Holds the batch: no call is made to Verifik until it is resumed. Onboardings that it has begun go on. */
  pause(batch: string, { timeoutMs }: CallOptions = {}): Promise<void> {
    return this.#tell(batch, timeoutMs, (workflowId) => this.#handle(workflowId).signal(pauseSignal));
  }

  /** Lets a paused batch go on from where it was held. */
  resume(batch: string, { timeoutMs }: CallOptions = {}): Promise<void> {
    return this.#tell(batch, timeoutMs, (workflowId) => this.#handle(workflowId).signal(resumeSignal));
  }

  /** Sets how many calls a second the batch may make to Verifik. */
  async changeRate(batch: string, callsPerSecond: number, { timeoutMs }: CallOptions = {}): Promise<BatchProgress> {
    const rate = orThrow(decodeRate(callsPerSecond));
    return this.#tell(batch, timeoutMs, (workflowId) =>
      update(() => this.#handle(workflowId).executeUpdate(changeRateUpdate, { args: [rate] })),
    );
  }

  /** Ends the batch where it stands. Onboardings that it has begun are kept, or withdrawn. */
  cancel(batch: string, { onboardings, timeoutMs }: CancelArgs & CallOptions): Promise<void> {
    return this.#tell(batch, timeoutMs, (workflowId) =>
      this.#handle(workflowId).signal(cancelBatchSignal, { onboardings }),
    );
  }

  /** Waits for the batch to end: for days, unless `timeoutMs` says otherwise. */
  result(batch: string, { timeoutMs }: CallOptions = {}): Promise<BatchResult> {
    if (timeoutMs !== undefined) return this.#ask(batch, timeoutMs, (workflowId) => this.#handle(workflowId).result());
    const workflowId = workflowIdOfBatch(batch);
    return told(async () => found(await unlessNotFound(this.#handle(workflowId).result())));
  }

  /** The batches that fit the filter, running and ended, newest first. Temporal's list may lag behind by a second or so. */
  async *list(filter: BatchFilter = {}): AsyncGenerator<ListedBatch, void, undefined> {
    const batches = listBatches(this.#temporal, filter);
    for (;;) {
      const next = await told(() => batches.next());
      if (next.done === true) return;
      yield next.value;
    }
  }

  async #refuseOther(workflowId: string, request: BatchRequestInput): Promise<void> {
    const run = await findRun(this.#temporal, { workflowId });
    const fingerprint = fingerprintOfBatch(request);
    if (run !== undefined && (memoOf(run).fingerprint ?? fingerprint) !== fingerprint)
      throw new OnboardingError('OtherRequest', 'the batch of this id was started with another request');
  }

  #ask<A>(batch: string, timeoutMs: number | undefined, call: (workflowId: string) => Promise<A>): Promise<A> {
    return this.#within(timeoutMs, async () => found(await unlessNotFound(call(workflowIdOfBatch(batch)))));
  }

  /** What only a running batch takes. */
  #tell<A>(batch: string, timeoutMs: number | undefined, call: (workflowId: string) => Promise<A>): Promise<A> {
    const workflowId = workflowIdOfBatch(batch);
    return this.#within(timeoutMs, async () => {
      const taken = await unlessNotFound(call(workflowId).then((answer) => ({ answer })));
      if (taken !== undefined) return taken.answer;
      found(await findRun(this.#temporal, { workflowId }));
      throw new OnboardingError('Ended', 'this batch has ended already');
    });
  }

  #handle(workflowId: string) {
    return this.#temporal.workflow.getHandle<RevalidationWorkflow>(workflowId);
  }
}

const found = <A>(answer: A | undefined): A => {
  if (answer === undefined) throw new OnboardingError('NotFound', 'there is no batch of this id');
  return answer;
};
