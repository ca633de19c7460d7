import { randomBytes } from 'node:crypto';
import { openSigningKeys, type SigningKeys } from '../../codec/evidence/signing-keys.js';

export const newKey = (): string => randomBytes(32).toString('base64');

/** A key ring as JSON. */
export const ringOf = (current: string, keys: Readonly<Record<string, string>>): string =>
  JSON.stringify({ current, keys });

export const signingKeysOf = async (settings: Parameters<typeof openSigningKeys>[0]): Promise<SigningKeys> => {
  const keys = await openSigningKeys(settings);
  if (keys === undefined) throw new Error('expected keys');
  return keys;
};

/** Keys with one new key, whose id is `first`. */
export const newSigningKeys = (): Promise<SigningKeys> =>
  signingKeysOf({ evidenceKeys: ringOf('first', { first: newKey() }) });
