import type { WorkerDeploymentVersion } from '@temporalio/common';
import * as A from 'fp-ts/lib/Apply.js';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as RA from 'fp-ts/lib/ReadonlyArray.js';
import { configuredKeys, type KeyProvider } from '../codec/index.js';
import { type Environment, type Read, readSettings } from '../shared/config.js';
import { contactKeyIfAny } from '../shared/contact-key-settings.js';
import type { FieldError } from '../shared/decoding.js';
import type { SettingValues } from '../shared/settings.js';
import { deploymentVersionIfAny } from './deployment-version-settings.js';
import { SETTINGS } from './settings.js';

/** The variable with the path of the configuration file: JSON, with one key for each setting. */
const CONFIG_FILE_VARIABLE = 'ONBOARDING_CONFIG';

type Values = SettingValues<typeof SETTINGS>;

/** The source of the client token. */
export type ClientToken =
  | { readonly from: 'variable'; readonly token: string }
  | { readonly from: 'file'; readonly path: string };

type Resolved =
  | 'verifikClientToken'
  | 'verifikClientTokenFile'
  | 'encryptionKeys'
  | 'encryptionKeysFile'
  | 'contactKey'
  | 'contactKeyFile'
  | 'deploymentName'
  | 'buildId';

export interface WorkerConfig extends Omit<Values, Resolved> {
  readonly clientToken: ClientToken;
  readonly keyProvider: KeyProvider;
  /** The key of contact hashes. Without it, reports cannot find onboardings of batches by contact. */
  readonly contactKey: string | undefined;
  /** Without it, the worker is unversioned. */
  readonly deploymentVersion: WorkerDeploymentVersion | undefined;
  /** True if `NODE_ENV` is `production`: the built bundle is used, and encryption keys are required. */
  readonly production: boolean;
}

const clientToken = ({ verifikClientToken: token, verifikClientTokenFile: path }: Values): Read<ClientToken> => {
  const field = `${SETTINGS.verifikClientToken.env} or ${SETTINGS.verifikClientTokenFile.env}`;
  if (token !== undefined && path !== undefined) return E.left([{ field, expected: 'one of the two, not both' }]);
  if (token !== undefined) return E.right({ from: 'variable', token });
  if (path !== undefined) return E.right({ from: 'file', path });
  return E.left([{ field, expected: "the client's API token at Verifik, or a file that holds it" }]);
};

const validation = A.sequenceS(E.getApplicativeValidation(RA.getSemigroup<FieldError>()));

const resolve =
  (production: boolean) =>
  (values: Values): Read<WorkerConfig> => {
    const {
      verifikClientToken,
      verifikClientTokenFile,
      encryptionKeys: keys,
      encryptionKeysFile: file,
      contactKeyFile,
      deploymentName,
      buildId,
      ...rest
    } = values;
    return pipe(
      validation({
        clientToken: clientToken(values),
        keyProvider: configuredKeys({ keys, file, production }),
        contactKey: contactKeyIfAny(values),
        deploymentVersion: deploymentVersionIfAny(values),
      }),
      E.map((resolved) => ({ ...rest, ...resolved, production })),
    );
  };

/** Reads the worker's configuration. Errors name every invalid setting, but no values, as some are secrets. */
export const readConfig = (env: Environment): Read<WorkerConfig> =>
  pipe(readSettings(SETTINGS, CONFIG_FILE_VARIABLE, env), E.chain(resolve(env['NODE_ENV'] === 'production')));
