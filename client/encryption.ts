import { defaultPayloadConverter, type LoadedDataConverter } from '@temporalio/common';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { EncryptionCodec } from '../codec/encryption-codec.js';
import { failureConverter } from '../codec/failure-converter.js';
import { openKeyRing } from '../codec/key-ring.js';
import { isKeyProvider, type KeyProvider, type KeyProviderError } from '../codec/keys.js';
import { configuredKeys, KEY_VARIABLES } from '../codec/providers.js';
import { closed, describeFieldErrors, guarded } from '../shared/decoding.js';
import { Namespace } from '../shared/settings.js';
import { readArgument } from './arguments.js';
import { OnboardingError } from './errors.js';

export interface EncryptionOptions {
  /** The namespace to which payloads are bound. Default `default`. */
  readonly namespace?: string;
  /**
   * The source of the encryption keys. Default: `ONBOARDING_ENCRYPTION_KEYS`, `ONBOARDING_ENCRYPTION_KEYS_FILE` or
   * `ONBOARDING_KEY_PROVIDER_MODULE`. If none is set, a development key is created on first use, except in production
   * (`NODE_ENV`), where this is an error.
   */
  readonly keyProvider?: KeyProvider;
}

export const KeyProviderCodec = guarded('an object with a function read', isKeyProvider);

const EncryptionFields = closed(t.partial({ namespace: Namespace, keyProvider: KeyProviderCodec }));

const fromEnvironment = (): KeyProvider => {
  const { env } = process;
  const settings = {
    encryptionKeys: env[KEY_VARIABLES.keys] || undefined,
    encryptionKeysFile: env[KEY_VARIABLES.file] || undefined,
    keyProviderModule: env[KEY_VARIABLES.module] || undefined,
  };
  const configured = configuredKeys(settings, env['NODE_ENV'] === 'production');
  if (E.isRight(configured)) return configured.right;
  throw new OnboardingError('EncryptionKeys', describeFieldErrors(configured.left), { fields: configured.left });
};

/**
 * Creates the data converter for a Temporal `Client` that `OnboardingClient` uses. It encrypts payloads with the keys
 * of the workers. A worker would ignore its failure converter, and not encrypt failures.
 *
 * @throws OnboardingError `EncryptionKeys` if the keys are missing or wrong; `Unavailable` if they cannot be reached;
 * `InvalidRequest` if an option is wrong.
 */
export const onboardingDataConverter = async (options: EncryptionOptions = {}): Promise<LoadedDataConverter> => {
  const { namespace = 'default', keyProvider } = readArgument('options', EncryptionFields, options);
  const provider = keyProvider ?? fromEnvironment();
  const keys = await openKeyRing(provider).catch((error: KeyProviderError) => {
    throw new OnboardingError(error.temporary ? 'Unavailable' : 'EncryptionKeys', error.message, { cause: error });
  });
  // Not the path of the failure converter, which does not exist in a backend's bundle.
  return {
    payloadConverter: defaultPayloadConverter,
    failureConverter,
    payloadCodecs: [new EncryptionCodec({ keys, namespace })],
  };
};
