import { Client, type ClientOptions, type ClientPlugin } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import {
  type BundleOptions,
  type BundlerPlugin,
  NativeConnection,
  Runtime,
  type Worker,
  type WorkerOptions,
  type WorkerPlugin,
} from '@temporalio/worker';
import * as E from 'fp-ts/lib/Either.js';
import { encryptingDataConverter, openKeyRing } from '../codec/index.js';
import { type Environment, MisconfiguredError } from '../shared/config.js';
import { describeFieldErrors } from '../shared/decoding.js';
import { prepareActivities } from './activities.js';
import { BUILT_BUNDLE, bundleOptions } from './bundle.js';
import { readConfig, type WorkerConfig } from './config.js';
import { createActivityWorkers, type OnboardingWorkerOptions, workerDefaults } from './worker.js';

export interface OnboardingPluginOptions {
  /** The namespace of the client and the worker, to which payloads are bound. Default `default`. */
  readonly namespace?: string;
  /** The settings of the worker (docs/configuration.md), as environment variables. Default `process.env`. */
  readonly env?: Environment;
}

type Prepared = Awaited<ReturnType<typeof prepareActivities>>;

const expected = (field: string, what: string) => new MisconfiguredError(`${field}: expected ${what}`);

/**
 * Adds onboardings to a client and a worker of your own: the encryption of payloads, the activities and, if the worker
 * has no workflows of its own, the workflows. A worker with own workflows exports ours beside them:
 * `export * from 'verifik-onboarding/workflows'`.
 *
 * While the worker runs, the plugin also runs those of the task queues on which calls to Verifik are limited.
 */
export class OnboardingPlugin implements ClientPlugin, WorkerPlugin, BundlerPlugin {
  readonly name = 'verifik-onboarding';
  readonly dataConverter: DataConverter;
  readonly #config: WorkerConfig;
  readonly #namespace: string;
  readonly #prepared: Prepared;
  readonly #configured = new Map<string, OnboardingWorkerOptions>();

  private constructor(config: WorkerConfig, namespace: string, dataConverter: DataConverter, prepared: Prepared) {
    this.#config = config;
    this.#namespace = namespace;
    this.#prepared = prepared;
    this.dataConverter = dataConverter;
  }

  /**
   * Reads the settings, and opens the encryption keys and the files that the settings name.
   *
   * @throws MisconfiguredError naming every wrong setting; KeyProviderError if the keys cannot be read.
   */
  static async open({ namespace = 'default', env = process.env }: OnboardingPluginOptions = {}) {
    const config = readConfig(env);
    if (E.isLeft(config)) throw new MisconfiguredError(describeFieldErrors(config.left));
    const keys = await openKeyRing(config.right.keyProvider);
    const dataConverter = encryptingDataConverter({ keys, namespace });
    return new OnboardingPlugin(config.right, namespace, dataConverter, await prepareActivities(config.right));
  }

  configureClient<O extends Pick<ClientOptions, 'dataConverter' | 'namespace'>>(options: O): O {
    return this.#checked(options);
  }

  async configureWorker(options: WorkerOptions): Promise<WorkerOptions> {
    const { connection, taskQueue, activities, workflowsPath, workflowBundle } = options;
    if (!(connection instanceof NativeConnection)) throw expected('connection', 'a NativeConnection');
    if (taskQueue === undefined) throw expected('taskQueue', 'a name');
    const { namespace, dataConverter } = this.#checked(options);
    const temporal = new Client({ connection, namespace, dataConverter });
    const ours = this.#prepared.createActivities({ temporal, meter: Runtime.instance().metricMeter, taskQueue });
    const config = { ...this.#config, taskQueue };
    this.#configured.set(taskQueue, {
      connection,
      namespace,
      activities: ours,
      accounts: this.#prepared.accounts,
      dataConverter,
      config,
    });
    const hasWorkflows = workflowsPath !== undefined || workflowBundle !== undefined;
    return {
      ...workerDefaults(this.#config),
      ...(hasWorkflows ? {} : { workflowBundle: { codePath: BUILT_BUNDLE } }),
      ...options,
      dataConverter,
      activities: { ...activities, ...ours },
    };
  }

  configureBundler(options: BundleOptions): BundleOptions {
    const { workflowInterceptorModules = [], preloadModules = [] } = options;
    const { workflowInterceptorModules: guards, preloadModules: modules, failureConverterPath } = bundleOptions();
    return {
      ...options,
      failureConverterPath,
      workflowInterceptorModules: [...workflowInterceptorModules, ...guards],
      preloadModules: [...preloadModules, ...modules],
    };
  }

  async runWorker(worker: Worker, next: (worker: Worker) => Promise<void>): Promise<void> {
    const options = this.#configured.get(worker.options.taskQueue);
    if (options === undefined) return next(worker);
    const workers = [worker, ...(await createActivityWorkers(options))];
    const shutDown = () => {
      for (const one of workers) if (one.getState() === 'RUNNING') one.shutdown();
    };
    // The one that ends takes the others with it.
    const ends = await Promise.allSettled(
      workers.map((one) => (one === worker ? next(one) : one.run()).finally(shutDown)),
    );
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  /** Payloads are bound to the namespace, and workers encrypt failures, too: another converter would do neither. */
  #checked<O extends Pick<ClientOptions, 'dataConverter' | 'namespace'>>(options: O) {
    const { dataConverter = this.dataConverter, namespace = 'default' } = options;
    if (dataConverter !== this.dataConverter) throw expected('dataConverter', 'none: the plugin has its own');
    if (namespace !== this.#namespace)
      throw expected('namespace', `${this.#namespace}, with which the plugin was opened`);
    return { ...options, dataConverter, namespace };
  }
}
