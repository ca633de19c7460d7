import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import { Worker as Thread } from 'node:worker_threads';
import type { Logger } from '@temporalio/common';
import { type CompiledWorkerOptions, Worker } from '@temporalio/worker';
import type { WorkflowCreator } from '@temporalio/worker/lib/workflow/interface.js';
import { ThreadedVMWorkflowCreator, WorkerThreadClient } from '@temporalio/worker/lib/workflow/threaded-vm.js';
import type {
  Init,
  WorkerThreadInput,
  WorkflowBundleWithSourceMapAndFilename,
} from '@temporalio/worker/lib/workflow/workflow-worker-thread/input.js';
import type { WorkerThreadOutput } from '@temporalio/worker/lib/workflow/workflow-worker-thread/output.js';

const { resolve } = createRequire(import.meta.url);

const sdkFile = (name: string): string => JSON.stringify(resolve(`@temporalio/worker/lib/workflow/${name}`));

/** The SDK's thread without its promise hook, which takes a stack trace of each promise for `__stack_trace` queries. */
const THREAD = `
require(${sdkFile('vm-shared')}).globalHandlers.setPromiseHook = () => {};
require(${sdkFile('workflow-worker-thread')});
`;

const runOf = (input: WorkerThreadInput): readonly string[] => {
  if (input.type === 'create-workflow') return [input.options.info.runId];
  return 'runId' in input ? [input.runId] : [];
};

/** A workflow thread that is ended if it answers nothing for a time although it was asked. */
class WatchedThread extends WorkerThreadClient {
  readonly #pending = new Set<WorkerThreadInput>();
  readonly #watch: NodeJS.Timeout;
  #answers = 0;

  constructor(logger: Logger, limitMs: number) {
    super(new Thread(THREAD, { eval: true }), logger);
    this.#watch = setTimeout(() => this.#endIfSilent(limitMs), limitMs).unref();
  }

  override async send(input: WorkerThreadInput): Promise<WorkerThreadOutput> {
    // Loading the bundle runs no workflow, and takes its time on a busy machine.
    if (runOf(input).length === 0) return super.send(input);
    if (this.#pending.size === 0) this.#watch.refresh();
    this.#pending.add(input);
    try {
      return await super.send(input);
    } finally {
      this.#pending.delete(input);
      this.#answers += 1;
      this.#watch.refresh();
    }
  }

  async #endIfSilent(limitMs: number): Promise<void> {
    const before = this.#answers;
    // If this thread was busy itself, an answer may have arrived: it is read before the next turn.
    await setImmediate();
    if (this.#pending.size === 0 || this.#answers !== before) return;
    const runs = [...new Set([...this.#pending].flatMap(runOf))].join(', ');
    const why = `a workflow did not yield for ${limitMs / 1_000} s. It is one of the runs ${runs}`;
    this.workerThread.emit('error', new Error(why));
    await this.workerThread.terminate();
  }
}

/**
 * Returns the SDK's worker with a faster workflow thread. The SDK (1.24) gives each call into a workflow a timeout, for
 * which Node starts a thread each time, and takes a stack trace of each promise. This one does neither: if a workflow
 * does not yield within the limit, in ms, the thread is ended and `run` rejects.
 */
export const watchedWorker = (limitMs: number): typeof Worker =>
  class extends Worker {
    protected static override async createWorkflowCreator(
      workflowBundle: WorkflowBundleWithSourceMapAndFilename,
      options: CompiledWorkerOptions,
      logger: Logger,
    ): Promise<WorkflowCreator> {
      // With TEMPORAL_DEBUG, workflows run in the main thread, and may pause at breakpoints.
      if (options.debugMode) return Worker.createWorkflowCreator(workflowBundle, options, logger);
      const thread = new WatchedThread(logger, limitMs);
      const init: Omit<Init, 'isolateExecutionTimeoutMs'> = {
        type: 'init',
        workflowBundle,
        reuseV8Context: true,
        registeredActivityNames: new Set(options.activities.keys()),
        hasPatchActivationCallback: false,
      };
      // The SDK's type requires the timeout; Node's does not.
      await thread.send(init as Init);
      return new ThreadedVMWorkflowCreator([thread]);
    }
  };
