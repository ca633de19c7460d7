import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowHandle,
  WorkflowIdReusePolicy,
} from '@temporalio/client';
import * as t from 'io-ts';
import { listWithMemos } from '../../codec/memos.js';
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
} from '../../contract/revalidation.js';
import { BatchId, type BatchRequestInput, decodeBatchRequest, decodeRate } from '../../domain/revalidation/request.js';
import { closed, oneOf } from '../../shared/decoding.js';
import { argumentOrThrow, CALL_PROPS, type CallOptions, Id, readArgument, type WaitOptions } from '../arguments.js';
import { type CallRules, Calls } from '../calls/calls.js';
import { update } from '../calls/retries.js';
import { findRun, unlessNotFound, whileRunning } from '../calls/runs.js';
import { OnboardingError, orThrow, withListingErrors } from '../errors.js';
import { requireSameRequest } from '../fingerprints.js';
import type { BatchClientOptions } from '../options.js';
import {
  type BatchFilter,
  BatchFilterFields,
  batchQueryOf,
  type ListedBatch,
  memoOf,
  toListedBatch,
} from './batch-list.js';
import { type LiveBatchProgress, readBatchProgress } from './batch-progress.js';
import { batchStartOptions, fingerprintsOfBatch, type RevalidationWorkflow } from './batch-start.js';

export interface BatchStartOptions extends CallOptions {
  /** The id of the batch. Temporal stores it unencrypted. */
  readonly batch: string;
}

const StartFields = closed(t.intersection([t.type({ batch: BatchId }), t.partial(CALL_PROPS)]));

const CancelFields = closed(
  t.intersection([t.type({ onboardings: oneOf(['keep', 'withdraw']) }), t.partial(CALL_PROPS)]),
);

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
  start(request: BatchRequestInput, options: BatchStartOptions): Promise<StartedBatch> {
    const start = async () => {
      const { batch } = options;
      const decoded = argumentOrThrow('request', decodeBatchRequest(request));
      const workflowId = workflowIdOfBatch(batch);
      await this.#requireSameRequest(workflowId, request);
      const input = batchStartOptions(request, decoded, this.#calls.taskQueue, batch);
      try {
        await this.#calls.temporal.workflow.start<RevalidationWorkflow>(REVALIDATION_WORKFLOW, {
          ...input,
          workflowId,
          memo: { ...input.memo, startedAt: Date.now() },
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
        });
        return { batch, workflowId, existed: false };
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        // Another client may have started a different batch since the first comparison.
        await this.#requireSameRequest(workflowId, request);
        return { batch, workflowId, existed: true };
      }
    };
    return this.#calls.within(options, start, { fields: StartFields });
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
    return this.#onRunning(batch, options, (handle) => handle.signal(pauseSignal));
  }

  resume(batch: string, options: CallOptions = {}): Promise<void> {
    return this.#onRunning(batch, options, (handle) => handle.signal(resumeSignal));
  }

  /** Sets the rate of the batch's calls to Verifik. */
  async changeRate(batch: string, callsPerSecond: number, options: CallOptions = {}): Promise<BatchProgress> {
    const rate = orThrow(decodeRate(callsPerSecond));
    return this.#onRunning(batch, options, (handle) =>
      update(() => handle.executeUpdate(changeRateUpdate, { args: [rate] })),
    );
  }

  /** Ends the batch at its position. The onboardings that it has started are kept or withdrawn. */
  cancel(batch: string, options: CancelArgs & CallOptions): Promise<void> {
    const cancel = (handle: BatchHandle) => handle.signal(cancelBatchSignal, { onboardings: options.onboardings });
    return this.#onRunning(batch, options, cancel, { fields: CancelFields });
  }

  /** Waits for the batch to end. Without `timeoutMs` and `signal`, it waits without limit. */
  async result(batch: string, options: WaitOptions = {}): Promise<BatchResult> {
    const handle = this.#handle(batch);
    const result = async () => requireFound(await unlessNotFound(handle.result()));
    return this.#calls.afterEnd(handle.workflowId, options, result);
  }

  /** Lists the batches that match the filter, newest first. Temporal's list may lag behind by about a second. */
  async *list(filter: BatchFilter = {}): AsyncGenerator<ListedBatch, void, undefined> {
    const query = batchQueryOf(readArgument('filter', BatchFilterFields, filter));
    const runs = listWithMemos(this.#calls.temporal, { query });
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

  #onRunning<A>(
    batch: string,
    options: CallOptions,
    call: (handle: BatchHandle) => Promise<A>,
    rules: CallRules = {},
  ): Promise<A> {
    const onRunning = async () => {
      const handle = this.#handle(batch);
      return whileRunning(handle, 'batch', () => call(handle));
    };
    return this.#calls.within(options, onRunning, rules);
  }

  #handle(batch: string): BatchHandle {
    const workflowId = workflowIdOfBatch(readArgument('batch', Id, batch));
    return this.#calls.temporal.workflow.getHandle<RevalidationWorkflow>(workflowId);
  }
}

const requireFound = <A>(answer: A | undefined): A => {
  if (answer === undefined)
    throw new OnboardingError('NotFound', 'there is no batch with this id', { subject: 'batch' });
  return answer;
};
