import * as E from 'fp-ts/lib/Either.js';
import { EVIDENCE_SETTINGS } from '../codec/evidence/signing-keys.js';
import { configuredKeys, ENCRYPTION_SETTINGS, type KeyProvider, namedKeySources } from '../codec/index.js';
import { POLICIES_FILE } from '../domain/policy/named.js';
import { type Environment, readSettings } from '../shared/config.js';
import { CONTACT_KEY_SETTINGS, contactKeyOf } from '../shared/contact-keys.js';
import type { Read } from '../shared/decoding.js';
import { defaultBatchFolder } from '../shared/folders.js';
import { documentPath } from '../shared/package-files.js';
import { secretSource } from '../shared/secret-file.js';
import { BaseUrl, FilePath, Name, optional, Secret, type SettingValues, setting } from '../shared/settings.js';

/**
 * The settings of the command line, by environment variable or by key in the configuration file. The connection to
 * Temporal has Temporal's own variables (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, …).
 */
export const SETTINGS = {
  ...CONTACT_KEY_SETTINGS,
  taskQueue: setting('ONBOARDING_TASK_QUEUE', Name, 'verifik-onboarding', 'The task queue that the workers serve.'),
  ...ENCRYPTION_SETTINGS,
  ...EVIDENCE_SETTINGS,
  batchFolder: optional(
    'ONBOARDING_BATCH_FOLDER',
    FilePath,
    "The folder of batch files: lists of ids, and reports. The same folder as that of the workers, by default `verifik-onboarding/batches` in the user's data folder. Only `batch` uses it.",
  ),
  verifikBaseUrl: setting(
    'VERIFIK_BASE_URL',
    BaseUrl,
    'https://api.verifik.co',
    "The base URL of Verifik's API. Only `contract` and `doctor` use this setting and the next three.",
  ),
  verifikClientToken: optional('VERIFIK_CLIENT_TOKEN', Secret, "The client's API token at Verifik. A secret."),
  verifikClientTokenFile: optional('VERIFIK_CLIENT_TOKEN_FILE', FilePath, 'A file that contains the token.'),
  verifikAccountsFile: optional(
    'VERIFIK_ACCOUNTS_FILE',
    FilePath,
    'The file of accounts of the workers (docs/configuration.md).',
  ),
  policiesFile: optional(
    POLICIES_FILE.env,
    FilePath,
    'The file of the named policies of the workers (docs/onboarding.md). Only `doctor` uses it.',
  ),
} as const;

/** The environment variable that names the configuration file: JSON, with one key for each setting. */
export const CONFIG_FILE_VARIABLE = 'ONBOARDING_CLI_CONFIG';

type Values = SettingValues<typeof SETTINGS>;

interface TokenSource {
  readonly read: () => Promise<string>;
}

/** Returns the source of the client token at Verifik; `undefined` if no token is set. */
const clientTokenOf = ({
  verifikClientToken: value,
  verifikClientTokenFile: path,
}: Values): Read<TokenSource | undefined> => {
  const { verifikClientToken: setting, verifikClientTokenFile: file } = SETTINGS;
  const source = secretSource({ setting, value }, { setting: file, value: path });
  return source === undefined ? E.right(undefined) : E.map((read: TokenSource['read']) => ({ read }))(source);
};

/** Returns the configuration. A wrong secret fails only the commands that use it. */
const toConfig = (values: Values, env: Environment) => ({
  taskQueue: values.taskQueue,
  batchFolder: values.batchFolder ?? defaultBatchFolder(env),
  keyProvider: configuredKeys(values, env['NODE_ENV'] === 'production', documentPath('encryption.md')),
  keySources: namedKeySources(values),
  evidenceKeys: values.evidenceKeys,
  evidenceKeysFile: values.evidenceKeysFile,
  contactKey: contactKeyOf(values),
  /** True if a contact key is set, valid or not. */
  namesContactKey: values.contactKey !== undefined || values.contactKeyFile !== undefined,
  verifikBaseUrl: values.verifikBaseUrl,
  clientToken: clientTokenOf(values),
  accountsFile: values.verifikAccountsFile,
  policiesFile: values.policiesFile,
});

export type CliConfig = ReturnType<typeof toConfig>;

/** Returns the key provider if a setting names one, and not that of the development key. */
export const namedKeyProvider = ({ keyProvider, keySources }: CliConfig): KeyProvider | undefined =>
  keySources.length > 0 && E.isRight(keyProvider) ? keyProvider.right : undefined;

/** Reads the settings. Errors name the wrong settings, and never a value, because some are secrets. */
export const readConfig = (env: Environment): Read<CliConfig> =>
  E.map((values: Values) => toConfig(values, env))(readSettings(SETTINGS, CONFIG_FILE_VARIABLE, env));
