import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { configuredKeys, type KeyProvider } from '../codec/index.js';
import { type Environment, type Read, readSettings } from '../shared/config.js';
import { contactKeyOf } from '../shared/contact-key-settings.js';
import type { SettingValues } from '../shared/settings.js';
import { SETTINGS } from './settings.js';

/** The environment variable that names the configuration file: JSON, with one key for each setting. */
const CONFIG_FILE_VARIABLE = 'ONBOARDING_CLI_CONFIG';

/** The source of the client token at Verifik. Only `doctor` uses it. */
export type ClientToken =
  | { readonly from: 'nowhere' }
  | { readonly from: 'variable'; readonly token: string }
  | { readonly from: 'file'; readonly path: string };

/** The configuration. A wrong setting fails only the commands that use it. */
export interface CliConfig {
  readonly taskQueue: string;
  readonly batchFolder: string;
  readonly keyProvider: Read<KeyProvider>;
  readonly contactKey: Read<string>;
  /** True if a contact key is set, valid or not. */
  readonly namesContactKey: boolean;
  readonly verifik: { readonly baseUrl: string; readonly clientToken: Read<ClientToken> };
}

type Values = SettingValues<typeof SETTINGS>;

const clientTokenOf = ({ verifikClientToken: token, verifikClientTokenFile: path }: Values): Read<ClientToken> => {
  const field = `${SETTINGS.verifikClientToken.env} or ${SETTINGS.verifikClientTokenFile.env}`;
  if (token !== undefined && path !== undefined) return E.left([{ field, expected: 'one of the two, not both' }]);
  if (token !== undefined) return E.right({ from: 'variable', token });
  return E.right(path === undefined ? { from: 'nowhere' } : { from: 'file', path });
};

const toConfig =
  (production: boolean) =>
  (values: Values): CliConfig => ({
    taskQueue: values.taskQueue,
    batchFolder: values.batchFolder,
    keyProvider: configuredKeys({ keys: values.encryptionKeys, file: values.encryptionKeysFile, production }),
    contactKey: contactKeyOf(values),
    namesContactKey: values.contactKey !== undefined || values.contactKeyFile !== undefined,
    verifik: { baseUrl: values.verifikBaseUrl, clientToken: clientTokenOf(values) },
  });

/** Reads the settings. Errors name the wrong settings, and never a value, because some are secrets. */
export const readConfig = (env: Environment): Read<CliConfig> =>
  pipe(readSettings(SETTINGS, CONFIG_FILE_VARIABLE, env), E.map(toConfig(env['NODE_ENV'] === 'production')));
