import { createRequire } from 'node:module';
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
import * as t from 'io-ts';
import { encryptingDataConverter, openServiceKeys } from '../codec/index.js';
import { type Environment, MisconfiguredError, orMisconfigured } from '../shared/config.js';
import { closed, decodeFields, guarded, nameRoot } from '../shared/decoding.js';
import { Namespace } from '../shared/settings.js';
import { prepareActivities } from './activities.js';
import { BUILT_BUNDLE, bundleOptions } from './bundle.js';
import { type PluginConfig, readPluginConfig } from './config.js';
import { type ActivityWorkerOptions, createActivityWorkers, workerDefaults } from './worker.js';

export interface OnboardingPluginOptions {
  /** The namespace of the client and the worker, to which payloads are bound. Default `default`. */
  readonly namespace?: string;
  /** The settings of the worker (docs/embedding.md), as environment variables. Default `process.env`. */
  readonly env?: Environment;
}

const isEnvironment = (u: unknown): u is Environment =>
  t.UnknownRecord.is(u) && Object.values(u).every((value) => value === undefined || typeof value === 'string');

const Options = closed(t.partial({ namespace: Namespace, env: guarded('an object of texts', isEnvironment) }));

type Prepared = Awaited<ReturnType<typeof prepareActivities>>;

/** Looks for the runtime at the first entry only, so that the application can install its own. */
const RUNTIME_LOG = {
  error: (fields: object, message: string) => Runtime.instance().logger.error(message, { ...fields }),
};

const expected = (field: string, what: string) => new MisconfiguredError(`${field}: expected ${what}`);

const SDK = '@temporalio/worker';

/** Npm installs a second copy of the SDK below this package if the version of the first one differs. */
const hintOf = (connection: unknown): string => {
  if (!(connection instanceof Object) || connection.constructor.name !== NativeConnection.name) return '';
  const { version }: { version: string } = createRequire(import.meta.url)(`${SDK}/package.json`);
  return ` of ${SDK} ${version}, but this one is of a second copy of it: install ${SDK}@${version}, and the other packages of the SDK in the same version`;
};

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
  readonly #config: PluginConfig;
  readonly #namespace: string;
  readonly #prepared: Prepared;
  readonly #configured = new Map<string, ActivityWorkerOptions>();

  private constructor(config: PluginConfig, namespace: string, dataConverter: DataConverter, prepared: Prepared) {
    this.#config = config;
    this.#namespace = namespace;
    this.#prepared = prepared;
    this.dataConverter = dataConverter;
  }

  /**
   * Reads the settings, and opens the encryption keys and the files that the settings name.
   *
   * @throws MisconfiguredError naming every wrong option or setting; KeyProviderError if the keys cannot be read.
   */
  static async open(options: OnboardingPluginOptions = {}) {
    const given = orMisconfigured(nameRoot('options')(decodeFields(Options)(options)));
    const { namespace = 'default', env = process.env } = given;
    const config = orMisconfigured(readPluginConfig(env));
    const keys = await openServiceKeys(config.keyProvider, RUNTIME_LOG);
    const dataConverter = encryptingDataConverter({ keys, namespace });
    return new OnboardingPlugin(config, namespace, dataConverter, await prepareActivities(config));
  }

  configureClient<O extends Pick<ClientOptions, 'dataConverter' | 'namespace'>>(options: O): O {
    return this.#checked(options);
  }

  async configureWorker(options: WorkerOptions): Promise<WorkerOptions> {
    const { connection, taskQueue, activities, workflowsPath, workflowBundle } = options;
    if (!(connection instanceof NativeConnection))
      throw expected('connection', `a NativeConnection${hintOf(connection)}`);
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
    const [taken] = Object.keys({ ...activities }).filter((name) => Object.hasOwn(ours, name));
    if (taken !== undefined) throw expected(`activities.${taken}`, 'another name: the onboarding has such an activity');
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
