import * as A from 'fp-ts/lib/Apply.js';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as RA from 'fp-ts/lib/ReadonlyArray.js';
import { configuredKeys, type KeyProvider } from '../codec/index.js';
import { type Environment, type Read, readSettings } from '../shared/config.js';
import { contactKeyOf } from '../shared/contact-key-settings.js';
import type { FieldError } from '../shared/decoding.js';
import type { SettingValues } from '../shared/settings.js';
import { SETTINGS } from './settings.js';

const CONFIG_FILE_VARIABLE = 'GATEWAY_CONFIG';

type Values = SettingValues<typeof SETTINGS>;

type Resolved = 'keysFile' | 'contactKey' | 'contactKeyFile' | 'encryptionKeys' | 'encryptionKeysFile';

export interface GatewayConfig extends Omit<Values, Resolved> {
  readonly keysFile: string;
  readonly contactKey: string;
  readonly keys: KeyProvider;
}

const wrong = (field: string, expected: string): E.Either<readonly FieldError[], never> =>
  E.left([{ field, expected }]);

const keysFile = ({ keysFile: path }: Values): Read<string> =>
  path === undefined
    ? wrong(SETTINGS.keysFile.env, 'a file with API keys: without one, every request would be rejected')
    : E.right(path);

const validation = A.sequenceS(E.getApplicativeValidation(RA.getSemigroup<FieldError>()));

const toConfig =
  (production: boolean) =>
  (values: Values): Read<GatewayConfig> => {
    const { encryptionKeys, encryptionKeysFile: file, contactKeyFile: _, ...rest } = values;
    return pipe(
      validation({
        keysFile: keysFile(values),
        contactKey: contactKeyOf(values),
        keys: configuredKeys({ keys: encryptionKeys, file, production }),
      }),
      E.map((resolved) => ({ ...rest, ...resolved })),
    );
  };

/** Reads the configuration. Errors never repeat values, which may be secrets. */
export const readConfig = (env: Environment): Read<GatewayConfig> =>
  pipe(readSettings(SETTINGS, CONFIG_FILE_VARIABLE, env), E.chain(toConfig(env['NODE_ENV'] === 'production')));
