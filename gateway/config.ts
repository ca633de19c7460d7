import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { configuredKeys, type KeyProvider } from '../codec/index.js';
import { type Environment, readSettings, readTogether } from '../shared/config.js';
import { contactKeyOf } from '../shared/contact-keys.js';
import { type Read, wrongField } from '../shared/decoding.js';
import type { SettingValues } from '../shared/settings.js';
import { SETTINGS } from './settings.js';

type Values = SettingValues<typeof SETTINGS>;

export interface GatewayConfig extends Values {
  readonly keysFile: string;
  readonly contactKey: string;
  readonly keys: KeyProvider;
}

const keysFileOf = ({ keysFile }: Values): Read<string> =>
  keysFile === undefined
    ? wrongField(SETTINGS.keysFile.env, 'a file with API keys: without one, every request would be rejected')
    : E.right(keysFile);

const resolve = (values: Values, production: boolean): Read<GatewayConfig> =>
  pipe(
    readTogether({
      keysFile: keysFileOf(values),
      contactKey: contactKeyOf(values),
      keys: configuredKeys(values, production),
    }),
    E.map((resolved) => ({ ...values, ...resolved })),
  );

/** Reads the configuration. Errors never repeat values, which may be secrets. */
export const readConfig = (env: Environment): Read<GatewayConfig> =>
  pipe(
    readSettings(SETTINGS, 'GATEWAY_CONFIG', env),
    E.chain((values) => resolve(values, env['NODE_ENV'] === 'production')),
  );
