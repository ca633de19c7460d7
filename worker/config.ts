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
import { SETTINGS } from './settings.js';
import { cachedWorkflowsOf, memoryLimits, type Slots, slotsOf } from './tuning.js';

type Values = SettingValues<typeof SETTINGS>;

export interface WorkerConfig extends Values {
  readonly batchFolder: string;
  /** The token of the projects that the file of accounts does not name. Set if there is no file. */
  readonly clientToken: TokenSource | undefined;
  readonly keyProvider: KeyProvider;
  /** The key of contact hashes. Without it, reports cannot find onboardings of batches by contact. */
  readonly contactKey: string | undefined;
  /** Without it, the worker is unversioned. */
  readonly deploymentVersion: WorkerDeploymentVersion | undefined;
  readonly slots: Slots;
  /** The number of workflows in the cache. */
  readonly cachedWorkflows: number;
  /** True if `NODE_ENV` is `production`: the built bundle is used, and encryption keys are required. */
  readonly production: boolean;
}

const clientToken = ({
  verifikClientToken: value,
  verifikClientTokenFile: path,
  verifikAccountsFile,
}: Values): Read<TokenSource | undefined> => {
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
const batchFolderOf = ({ batchFolder }: Values, env: Environment): Read<string> =>
  batchFolder === undefined ? E.right(defaultBatchFolder(env)) : checkFolder(SETTINGS.batchFolder.env, batchFolder);

const resolve = (values: Values, env: Environment): Read<WorkerConfig> => {
  const production = env['NODE_ENV'] === 'production';
  return pipe(
    readTogether({
      clientToken: clientToken(values),
      keyProvider: configuredKeys(values, production),
      contactKey: contactKeyIfAny(values),
      batchFolder: batchFolderOf(values, env),
      deploymentVersion: deploymentVersionIfAny(values),
      slots: slotsOf(values),
      cachedWorkflows: cachedWorkflowsOf(values, memoryLimits()),
      // The calls to Verifik read it, too: a wrong one must be reported at the start.
      proxy: proxyOf(new URL(values.verifikBaseUrl)),
    }),
    E.map(({ proxy: _, ...resolved }) => ({
      ...values,
      ...resolved,
      production,
    })),
  );
};

/** Reads the worker's configuration. Errors name every invalid setting, but no values, as some are secrets. */
export const readConfig = (env: Environment): Read<WorkerConfig> =>
  pipe(
    readSettings(SETTINGS, 'ONBOARDING_CONFIG', env),
    E.chain((values) => resolve(values, env)),
  );
