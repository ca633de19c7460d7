import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowHandle,
  WorkflowIdReusePolicy,
} from '@temporalio/client';
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
import { type BatchFilter, batchQueryOf, type ListedBatch, memoOf, toListedBatch } from './batch-list.js';
import { type LiveBatchProgress, readBatchProgress } from './batch-progress.js';
import { batchStartOptions, fingerprintsOfBatch, type RevalidationWorkflow } from './batch-start.js';
import { type BatchClientOptions, type CallOptions, Calls, type WaitOptions } from './calls.js';
import { OnboardingError, orThrow, withListingErrors } from './errors.js';
import { requireSameRequest } from './fingerprints.js';
import { update } from './retries.js';
import { findRun, unlessNotFound } from './runs.js';

export interface BatchStartOptions extends CallOptions {
  /** The id of the batch. Temporal stores it unencrypted. */
  readonly batch: string;
}

type BatchHandle = WorkflowHandle<RevalidationWorkflow>;

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
  readonly #calls: Calls;

  /** @throws OnboardingError `EncryptionKeys` if the Temporal client would send payloads unencrypted. */
  constructor(temporal: Client, options: BatchClientOptions = {}) {
    this.#calls = new Calls(temporal, options);
  }

  /**
   * Starts a batch. If the same batch was started before, returns that batch, running or ended. A batch that failed or
   * was stopped in Temporal is started again, and finds the onboardings that it had started.
   *
   * @throws OnboardingError `InvalidRequest` that names the fields; `RequestMismatch` if the id was used for another
   * request.
   */
  async start(request: BatchRequestInput, { batch: id, ...options }: BatchStartOptions): Promise<StartedBatch> {
    const batch = orThrow(decodeBatchId(id));
    const decoded = orThrow(decodeBatchRequest(request));
    const workflowId = workflowIdOfBatch(batch);
    return this.#calls.within(options, async () => {
      await this.#requireSameRequest(workflowId, request);
      const start = batchStartOptions(request, decoded, this.#calls.taskQueue, batch);
      try {
        await this.#calls.temporal.workflow.start<RevalidationWorkflow>(REVALIDATION_WORKFLOW, {
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
  find(batch: string, options: CallOptions = {}): Promise<ListedBatch | undefined> {
    return this.#calls.within(options, async () => {
      const run = await unlessNotFound(this.#handle(batch).describe());
      return run === undefined ? undefined : toListedBatch(run);
    });
  }

  /** Reads the progress of the batch: its position, its results, and the estimated time left. */
  progress(batch: string, options: CallOptions = {}): Promise<LiveBatchProgress> {
    return this.#onBatch(batch, options, (handle) => readBatchProgress(this.#calls.temporal, handle));
  }

  /** Pauses the batch: it calls Verifik no further until it is resumed. Onboardings that it has started continue. */
  pause(batch: string, options: CallOptions = {}): Promise<void> {
    return this.#onRunningBatch(batch, options, (handle) => handle.signal(pauseSignal));
  }

  resume(batch: string, options: CallOptions = {}): Promise<void> {
    return this.#onRunningBatch(batch, options, (handle) => handle.signal(resumeSignal));
  }

  /** Sets the rate of the batch's calls to Verifik. */
  async changeRate(batch: string, callsPerSecond: number, options: CallOptions = {}): Promise<BatchProgress> {
    const rate = orThrow(decodeRate(callsPerSecond));
    return this.#onRunningBatch(batch, options, (handle) =>
      update(() => handle.executeUpdate(changeRateUpdate, { args: [rate] })),
    );
  }

  /** Ends the batch at its position. The onboardings that it has started are kept or withdrawn. */
  cancel(batch: string, { onboardings, ...options }: CancelArgs & CallOptions): Promise<void> {
    return this.#onRunningBatch(batch, options, (handle) => handle.signal(cancelBatchSignal, { onboardings }));
  }

  /** Waits for the batch to end. Without `timeoutMs` and `signal`, it waits without limit. */
  result(batch: string, options: WaitOptions = {}): Promise<BatchResult> {
    const handle = this.#handle(batch);
    const result = async () => requireFound(await unlessNotFound(handle.result()));
    return this.#calls.afterEnd(handle.workflowId, options, result);
  }

  /** Lists the batches that match the filter, newest first. Temporal's list may lag behind by about a second. */
  async *list(filter: BatchFilter = {}): AsyncGenerator<ListedBatch, void, undefined> {
    const runs = this.#calls.temporal.workflow.list({ query: batchQueryOf(filter) });
    for await (const run of withListingErrors(runs)) yield toListedBatch(run);
  }

  async #requireSameRequest(workflowId: string, request: BatchRequestInput): Promise<void> {
    const run = await findRun(this.#calls.temporal, { workflowId });
    const { fingerprints } = run === undefined ? {} : memoOf(run);
    if (fingerprints !== undefined)
      requireSameRequest('a batch with this id was started', fingerprints, fingerprintsOfBatch(request));
  }

  #onBatch<A>(batch: string, options: CallOptions, call: (handle: BatchHandle) => Promise<A>): Promise<A> {
    return this.#calls.within(options, async () => requireFound(await unlessNotFound(call(this.#handle(batch)))));
  }

  #onRunningBatch<A>(batch: string, options: CallOptions, call: (handle: BatchHandle) => Promise<A>): Promise<A> {
    return this.#calls.within(options, async () => {
      const handle = this.#handle(batch);
      const accepted = await unlessNotFound(call(handle).then((answer) => ({ answer })));
      if (accepted !== undefined) return accepted.answer;
      requireFound(await unlessNotFound(handle.describe()));
      throw new OnboardingError('AlreadyEnded', 'this batch has ended already');
    });
  }

  #handle(batch: string): BatchHandle {
    return this.#calls.temporal.workflow.getHandle<RevalidationWorkflow>(workflowIdOfBatch(batch));
  }
}

const requireFound = <A>(answer: A | undefined): A => {
  if (answer === undefined) throw new OnboardingError('NotFound', 'there is no batch with this id');
  return answer;
};
