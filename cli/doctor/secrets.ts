import * as E from 'fp-ts/lib/Either.js';
import { EncryptionCodec, type KeyProvider, KeyProviderError, openKeyRing } from '../../codec/index.js';
import type { CliConfig } from '../config.js';
import { SETTINGS } from '../settings.js';
import { type Finding, ok, wrong, wrongSettings } from './finding.js';

const KEYS = 'encryption keys';
const MEND_KEYS = `Give it the keys that the workers have, by ${SETTINGS.encryptionKeysFile.env} (docs/encryption.md).`;

/** Encrypts a payload and reads it again. Answers with the id of the key. */
const roundTrip = async (provider: KeyProvider, namespace: string): Promise<string> => {
  const keys = await openKeyRing(provider);
  const codec = new EncryptionCodec({ keys, namespace });
  const payload = {
    metadata: { encoding: new TextEncoder().encode('json/plain') },
    data: new TextEncoder().encode('"doctor"'),
  };
  const [back] = await codec.decode(await codec.encode([payload]));
  if (Buffer.compare(Buffer.from(back?.data ?? []), payload.data) !== 0)
    throw new KeyProviderError('A payload came back as another');
  return keys.current().id;
};

/** Whether the encryption keys can be read, and are good for a payload. */
export const lookAtKeys = async ({ keyProvider }: CliConfig, namespace: string): Promise<Finding> => {
  if (E.isLeft(keyProvider)) return wrongSettings(KEYS, keyProvider.left, MEND_KEYS);
  try {
    const id = await roundTrip(keyProvider.right, namespace);
    const hint = id === 'development' ? ': a key for development, made on this machine' : '';
    return ok(KEYS, `a payload was encrypted with key ${id} and read again${hint}`);
  } catch (error) {
    return wrong(KEYS, error instanceof KeyProviderError ? error.message : 'they cannot be used', MEND_KEYS);
  }
};

/** Whether there is a contact key. */
export const lookAtContactKey = ({ contactKey }: CliConfig): Finding => {
  const about = 'contact key';
  return E.isRight(contactKey)
    ? ok(about, 'it is there; it has to be the same in every client')
    : wrongSettings(about, contactKey.left, `Set ${SETTINGS.contactKeyFile.env}: start and re-register need it.`);
};
