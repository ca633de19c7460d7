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
import { type BatchFilter, type ListedBatch, listBatches, memoOf, toListedBatch } from './batch-list.js';
import { type LiveBatchProgress, readBatchProgress } from './batch-progress.js';
import { batchStartOptions, fingerprintOfBatch, type RevalidationWorkflow } from './batch-start.js';
import { type CallOptions, deadlinesOf, requireEncrypting, type WithDeadline } from './calls.js';
import { OnboardingError, orThrow, withOnboardingErrors } from './errors.js';
import { update } from './retries.js';
import { findRun, unlessNotFound } from './runs.js';

export interface BatchClientOptions {
  /** The task queue of the workers. Default `verifik-onboarding`. */
  readonly taskQueue?: string;
  /** The default timeout of calls, in ms. Default 30 s. */
  readonly timeoutMs?: number;
}

export interface BatchStartOptions extends CallOptions {
  /** The id of the batch. Temporal stores it unencrypted. */
  readonly batch: string;
}

export interface StartedBatch {
  readonly batch: string;
  readonly workflowId: string;
  /** True if the same batch had been started before; it has not changed. */
  readonly existed: boolean;
}

/**
 * Starts and controls batches, which re-validate many registrations. Every method throws only `OnboardingError`, with
 * the type `NotFound` if the batch does not exist. Every call may be repeated.
 */
export class BatchClient {
  readonly #temporal: Client;
  readonly #taskQueue: string;
  readonly #withDeadline: WithDeadline;

  /** @throws OnboardingError `EncryptionKeys` if the Temporal client would send payloads unencrypted. */
  constructor(temporal: Client, { taskQueue = DEFAULT_TASK_QUEUE, timeoutMs }: BatchClientOptions = {}) {
    requireEncrypting(temporal);
    this.#temporal = temporal;
    this.#taskQueue = taskQueue;
    this.#withDeadline = deadlinesOf(temporal, timeoutMs);
  }

  /**
   * Starts a batch. If the same batch was started before, returns that batch, running or ended. A batch that failed or
   * was stopped in Temporal is started again, and finds the onboardings that it had started.
   *
   * @throws OnboardingError `InvalidRequest` that names the fields; `RequestMismatch` if the id was used for a different
   * request.
   */
  async start(request: BatchRequestInput, { batch: id, timeoutMs }: BatchStartOptions): Promise<StartedBatch> {
    const batch = orThrow(decodeBatchId(id));
    const decoded = orThrow(decodeBatchRequest(request));
    const workflowId = workflowIdOfBatch(batch);
    return this.#withDeadline(timeoutMs, async () => {
      await this.#requireSameRequest(workflowId, request);
      const start = batchStartOptions(request, decoded, this.#taskQueue, batch);
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
        // Another client may have started a different batch since the first comparison.
        await this.#requireSameRequest(workflowId, request);
        return { batch, workflowId, existed: true };
      }
    });
  }

  /** Finds the batch; `undefined` if it does not exist. Needs no worker. */
  find(batch: string, { timeoutMs }: CallOptions = {}): Promise<ListedBatch | undefined> {
    return this.#withDeadline(timeoutMs, async () => {
      const run = await unlessNotFound(this.#handle(workflowIdOfBatch(batch)).describe());
      return run === undefined ? undefined : toListedBatch(run);
    });
  }

  /** Reads the progress of the batch: its position, its results, and the estimated time left. */
  progress(batch: string, { timeoutMs }: CallOptions = {}): Promise<LiveBatchProgress> {
    return this.#onBatch(batch, timeoutMs, (workflowId) => readBatchProgress(this.#temporal, workflowId, Date.now));
  }

  /** Pauses the batch: it calls Verifik no further until it is resumed. Onboardings that it has started continue. */
  pause(batch: string, { timeoutMs }: CallOptions = {}): Promise<void> {
    return this.#onRunningBatch(batch, timeoutMs, (workflowId) => this.#handle(workflowId).signal(pauseSignal));
  }

  resume(batch: string, { timeoutMs }: CallOptions = {}): Promise<void> {
    return this.#onRunningBatch(batch, timeoutMs, (workflowId) => this.#handle(workflowId).signal(resumeSignal));
  }

  /** Sets the rate of the batch's calls to Verifik. */
  async changeRate(batch: string, callsPerSecond: number, { timeoutMs }: CallOptions = {}): Promise<BatchProgress> {
    const rate = orThrow(decodeRate(callsPerSecond));
    return this.#onRunningBatch(batch, timeoutMs, (workflowId) =>
      update(() => this.#handle(workflowId).executeUpdate(changeRateUpdate, { args: [rate] })),
    );
  }

  /** Ends the batch at its position. The onboardings that it has started are kept or withdrawn. */
  cancel(batch: string, { onboardings, timeoutMs }: CancelArgs & CallOptions): Promise<void> {
    return this.#onRunningBatch(batch, timeoutMs, (workflowId) =>
      this.#handle(workflowId).signal(cancelBatchSignal, { onboardings }),
    );
  }

  /** Waits for the batch to end. Without `timeoutMs`, it waits without limit. */
  result(batch: string, { timeoutMs }: CallOptions = {}): Promise<BatchResult> {
    if (timeoutMs !== undefined)
      return this.#onBatch(batch, timeoutMs, (workflowId) => this.#handle(workflowId).result());
    const workflowId = workflowIdOfBatch(batch);
    return withOnboardingErrors(async () => requireFound(await unlessNotFound(this.#handle(workflowId).result())));
  }

  /** Lists the batches that match the filter, newest first. Temporal's list may lag behind by about a second. */
  async *list(filter: BatchFilter = {}): AsyncGenerator<ListedBatch, void, undefined> {
    const batches = listBatches(this.#temporal, filter);
    for (;;) {
      const next = await withOnboardingErrors(() => batches.next());
      if (next.done === true) return;
      yield next.value;
    }
  }

  async #requireSameRequest(workflowId: string, request: BatchRequestInput): Promise<void> {
    const run = await findRun(this.#temporal, { workflowId });
    const fingerprint = fingerprintOfBatch(request);
    if (run !== undefined && (memoOf(run).fingerprint ?? fingerprint) !== fingerprint)
      throw new OnboardingError('RequestMismatch', 'a batch with this id was started with a different request');
  }

  #onBatch<A>(batch: string, timeoutMs: number | undefined, call: (workflowId: string) => Promise<A>): Promise<A> {
    return this.#withDeadline(timeoutMs, async () =>
      requireFound(await unlessNotFound(call(workflowIdOfBatch(batch)))),
    );
  }

  #onRunningBatch<A>(
    batch: string,
    timeoutMs: number | undefined,
    call: (workflowId: string) => Promise<A>,
  ): Promise<A> {
    const workflowId = workflowIdOfBatch(batch);
    return this.#withDeadline(timeoutMs, async () => {
      const accepted = await unlessNotFound(call(workflowId).then((answer) => ({ answer })));
      if (accepted !== undefined) return accepted.answer;
      requireFound(await findRun(this.#temporal, { workflowId }));
      throw new OnboardingError('AlreadyEnded', 'this batch has ended already');
    });
  }

  #handle(workflowId: string) {
    return this.#temporal.workflow.getHandle<RevalidationWorkflow>(workflowId);
  }
}

const requireFound = <A>(answer: A | undefined): A => {
  if (answer === undefined) throw new OnboardingError('NotFound', 'there is no batch with this id');
  return answer;
};
