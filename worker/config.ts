import type { WorkerDeploymentVersion } from '@temporalio/common';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { configuredKeys, type KeyProvider } from '../codec/index.js';
import { type Environment, readSettings, readTogether } from '../shared/config.js';
import { contactKeyIfAny } from '../shared/contact-keys.js';
import { type Read, wrongField } from '../shared/decoding.js';
import { checkFolder, defaultBatchFolder } from '../shared/folders.js';
import { secretSource } from '../shared/secret-file.js';
import type { SettingValues } from '../shared/settings.js';
import type { TokenSource } from '../verifik/index.js';
import { proxyOf } from '../verifik/proxy.js';
import { deploymentVersionIfAny } from './deployment-version-settings.js';
import { PLUGIN_SETTINGS, PROCESS_SETTINGS, SETTINGS } from './settings.js';
import { cachedWorkflowsOf, memoryLimits, type Slots, slotsOf } from './tuning.js';

type PluginValues = SettingValues<typeof PLUGIN_SETTINGS>;
type Values = SettingValues<typeof SETTINGS>;

/** The configuration of onboardings in any worker. */
export interface PluginConfig extends PluginValues {
  readonly batchFolder: string;
  /** The token of the projects that the file of accounts does not name. Set if there is no file. */
  readonly clientToken: TokenSource | undefined;
  readonly keyProvider: KeyProvider;
  /** The key of contact hashes. Without it, reports cannot find onboardings of batches by contact. */
  readonly contactKey: string | undefined;
  /** Without it, the worker is unversioned. */
  readonly deploymentVersion: WorkerDeploymentVersion | undefined;
  readonly slots: Slots;
  /** True if `NODE_ENV` is `production`: the built bundle is used, and encryption keys are required. */
  readonly production: boolean;
}

export interface WorkerConfig extends PluginConfig, Values {
  readonly batchFolder: string;
  readonly contactKey: string | undefined;
  /** The number of workflows in the cache. */
  readonly cachedWorkflows: number;
}

const clientToken = ({
  verifikClientToken: value,
  verifikClientTokenFile: path,
  verifikAccountsFile,
}: PluginValues): Read<TokenSource | undefined> => {
  const { verifikClientToken: setting, verifikClientTokenFile: file } = SETTINGS;
  const field = `${setting.env} or ${file.env}`;
  const given = secretSource({ setting, value }, { setting: file, value: path });
  if (given === undefined && verifikAccountsFile !== undefined) return E.right(undefined);
  return pipe(
    given ?? wrongField(field, "the client's API token at Verifik, or a file that holds it"),
    E.map((read) => ({ read })),
  );
};

/** Only a folder that is set is checked: a worker without batches needs none. */
const batchFolderOf = ({ batchFolder }: PluginValues, env: Environment): Read<string> =>
  batchFolder === undefined ? E.right(defaultBatchFolder(env)) : checkFolder(SETTINGS.batchFolder.env, batchFolder);

const resolve = <V extends PluginValues>(values: V, env: Environment): Read<V & PluginConfig> => {
  const production = env['NODE_ENV'] === 'production';
  return pipe(
    readTogether({
      clientToken: clientToken(values),
      keyProvider: configuredKeys(values, production),
      contactKey: contactKeyIfAny(values),
      batchFolder: batchFolderOf(values, env),
      deploymentVersion: deploymentVersionIfAny(values),
      slots: slotsOf(values),
      // The calls to Verifik read it, too: a wrong one must be reported at the start.
      proxy: proxyOf(new URL(values.verifikBaseUrl)),
    }),
    E.map(({ proxy: _, ...resolved }) => ({ ...values, ...resolved, production })),
  );
};

const FILE_VARIABLE = 'ONBOARDING_CONFIG';

/** Reads the worker's configuration. Errors name every invalid setting, but no values, as some are secrets. */
export const readConfig = (env: Environment): Read<WorkerConfig> =>
  pipe(
    readSettings(SETTINGS, FILE_VARIABLE, env),
    E.chain((values) =>
      readTogether({
        resolved: resolve(values, env),
        cachedWorkflows: cachedWorkflowsOf(values, memoryLimits()),
      }),
    ),
    E.map(({ resolved, cachedWorkflows }) => ({ ...resolved, cachedWorkflows })),
  );

/** Reads the configuration of the plugin from the same variables and file, without settings that it does not use. */
export const readPluginConfig = (env: Environment): Read<PluginConfig> =>
  pipe(
    readSettings(PLUGIN_SETTINGS, FILE_VARIABLE, env, PROCESS_SETTINGS),
    E.chain((values) => resolve(values, env)),
  );
