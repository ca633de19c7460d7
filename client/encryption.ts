import type { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import * as E from 'fp-ts/lib/Either.js';
import {
  configuredKeys,
  EncryptionCodec,
  encryptingDataConverter,
  KEY_VARIABLES,
  type KeyProvider,
  KeyProviderError,
  openKeyRing,
} from '../codec/index.js';
import { describeFieldErrors } from '../shared/decoding.js';
import { OnboardingError } from './errors.js';

export interface EncryptionOptions {
  /** The namespace that payloads are bound to. Default `default`. */
  readonly namespace?: string;
  /**
   * Where the encryption keys come from. Default: what `ONBOARDING_ENCRYPTION_KEYS` or `ONBOARDING_ENCRYPTION_KEYS_FILE` says. Where
   * neither is set, a key that is made on first use, but in production (`NODE_ENV`) an error.
   */
  readonly keyProvider?: KeyProvider;
}

const fromEnvironment = (): KeyProvider => {
  const { [KEY_VARIABLES.keys]: keys, [KEY_VARIABLES.file]: file, NODE_ENV } = process.env;
  const configured = configuredKeys({
    keys: keys || undefined,
    file: file || undefined,
    production: NODE_ENV === 'production',
  });
  if (E.isRight(configured)) return configured.right;
  throw new OnboardingError('EncryptionKeys', describeFieldErrors(configured.left), { fields: configured.left });
};

/**
 * The data converter that a Temporal `Client` needs to be used with `OnboardingClient`: it encrypts what goes to Temporal, with the
 * keys that the workers have too.
 *
 * @throws OnboardingError `EncryptionKeys` where there are no keys, or wrong ones.
 */
export const onboardingDataConverter = async ({
  namespace = 'default',
  keyProvider,
}: EncryptionOptions = {}): Promise<DataConverter> => {
  const provider = keyProvider ?? fromEnvironment();
  const keys = await openKeyRing(provider).catch((error: unknown) => {
    const message = error instanceof KeyProviderError ? error.message : 'the key provider failed';
    throw new OnboardingError('EncryptionKeys', message, { cause: error });
  });
  return encryptingDataConverter({ keys, namespace });
};

/** Whether what the client sends is encrypted by our codec. */
export const isEncrypting = ({ options }: Client): boolean =>
  options.loadedDataConverter.payloadCodecs.some((codec) => codec instanceof EncryptionCodec);
