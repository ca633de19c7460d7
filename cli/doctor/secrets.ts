import * as E from 'fp-ts/lib/Either.js';
import { EncryptionCodec, type KeyProvider, KeyProviderError, openKeyRing } from '../../codec/index.js';
import type { CliConfig } from '../config.js';
import { SETTINGS } from '../settings.js';
import { type Finding, ok, wrong, wrongSettings } from './finding.js';

const KEYS = 'encryption keys';
const FIX_KEYS = `Set ${SETTINGS.encryptionKeysFile.env} to a file with the keys of the workers (docs/encryption.md).`;

/** Encrypts and decrypts a payload, and returns the id of the key. */
const roundTrip = async (provider: KeyProvider, namespace: string): Promise<string> => {
  const keys = await openKeyRing(provider);
  const codec = new EncryptionCodec({ keys, namespace });
  const payload = {
    metadata: { encoding: new TextEncoder().encode('json/plain') },
    data: new TextEncoder().encode('"doctor"'),
  };
  const [decrypted] = await codec.decode(await codec.encode([payload]));
  if (Buffer.compare(Buffer.from(decrypted?.data ?? []), payload.data) !== 0)
    throw new KeyProviderError('A decrypted payload differs from the original');
  return keys.current().id;
};

export const examineKeys = async ({ keyProvider }: CliConfig, namespace: string): Promise<Finding> => {
  if (E.isLeft(keyProvider)) return wrongSettings(KEYS, keyProvider.left, FIX_KEYS);
  try {
    const id = await roundTrip(keyProvider.right, namespace);
    const hint = id === 'development' ? ', a development key of this machine' : '';
    return ok(KEYS, `encrypted and decrypted a payload with key ${id}${hint}`);
  } catch (error) {
    return wrong(KEYS, error instanceof KeyProviderError ? error.message : 'the keys cannot be used', FIX_KEYS);
  }
};

export const examineContactKey = ({ contactKey }: CliConfig): Finding => {
  const about = 'contact key';
  return E.isRight(contactKey)
    ? ok(about, 'set; it must be the same in every client')
    : wrongSettings(about, contactKey.left, `Set ${SETTINGS.contactKeyFile.env}: start and re-register need it.`);
};
