import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import * as E from 'fp-ts/lib/Either.js';
import type { JSONWebKeySet } from 'jose';
import { MisconfiguredError } from '../../shared/config.js';
import { describeFieldErrors, textUpTo } from '../../shared/decoding.js';
import { openJsonFile } from '../../shared/json-file.js';
import { FilePath, optional } from '../../shared/settings.js';
import { fieldOfFile } from '../../shared/text-file.js';
import { decodeRawKeys, parseKeyRing } from '../key-ring-json.js';
import { type KeyProvider, type KeyRingSource, readKeys } from '../keys.js';

/** The settings of the keys, for each process that signs evidence. At most one of the two is set. */
export const EVIDENCE_SETTINGS = {
  evidenceKeys: optional(
    'ONBOARDING_EVIDENCE_KEYS',
    textUpTo(65_536),
    'The keys that sign evidence (docs/evidence.md), in the form of the encryption keys, and other ones. A secret.',
  ),
  evidenceKeysFile: optional(
    'ONBOARDING_EVIDENCE_KEYS_FILE',
    FilePath,
    'A file that holds the keys that sign evidence instead. It is read again when it changes.',
  ),
} as const;

export interface EvidenceKeySettings {
  readonly evidenceKeys?: string | undefined;
  readonly evidenceKeysFile?: string | undefined;
}

/** The keys that sign evidence. */
export interface SigningKeys {
  /** @throws JsonFileError while the file is wrong. */
  readonly current: () => Promise<{ readonly id: string; readonly key: KeyObject }>;
  /**
   * Returns the public keys of all keys, by which anybody can verify. @throws JsonFileError while the file is wrong.
   */
  readonly publicKeys: () => Promise<JSONWebKeySet>;
}

/** An Ed25519 private key is any 32 bytes. Before them, the header of PKCS #8 (RFC 8410). */
const PKCS8_HEADER = Buffer.from('302e020100300506032b657004220420', 'hex');

const privateKeyOf = (bytes: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PKCS8_HEADER, bytes]), format: 'der', type: 'pkcs8' });

const publicKeysOf = ({ keys }: KeyRingSource<Uint8Array>): JSONWebKeySet => ({
  keys: [...keys].map(([kid, bytes]) => {
    const { kty = '', crv, x } = createPublicKey(privateKeyOf(bytes)).export({ format: 'jwk' });
    return { kty, kid, alg: 'EdDSA', use: 'sig', ...(crv === undefined || x === undefined ? {} : { crv, x }) };
  }),
});

const openSource = async ({ evidenceKeys, evidenceKeysFile }: EvidenceKeySettings) => {
  const { evidenceKeys: inline, evidenceKeysFile: file } = EVIDENCE_SETTINGS;
  if (evidenceKeys !== undefined && evidenceKeysFile !== undefined)
    throw new MisconfiguredError(`${inline.env} or ${file.env}: expected one of the two, not both`);
  if (evidenceKeysFile !== undefined) {
    const opened = await openJsonFile({
      path: evidenceKeysFile,
      env: file.env,
      what: 'file of evidence keys',
      decode: decodeRawKeys,
    });
    return { ...opened, field: fieldOfFile(file.env, evidenceKeysFile) };
  }
  if (evidenceKeys === undefined) return undefined;
  const ring = parseKeyRing(evidenceKeys, decodeRawKeys);
  if (E.isLeft(ring))
    throw new MisconfiguredError(`The evidence keys of ${inline.env} are wrong. ${describeFieldErrors(ring.left)}`);
  return { current: async () => ring.right, field: inline.env };
};

/** @throws MisconfiguredError if one of the keys encrypts payloads, too: its holders could sign evidence. */
const refuseEncryptionKeys = async (field: string, own: KeyRingSource<Uint8Array>, encryption: KeyProvider) => {
  const { keys } = await readKeys(encryption);
  for (const [id, key] of own.keys)
    for (const [otherId, other] of keys)
      if (other instanceof Uint8Array && Buffer.from(key).equals(other))
        throw new MisconfiguredError(
          `The evidence keys of ${field} are wrong. keys.${id}: expected another key than the encryption key ${otherId}`,
        );
};

/**
 * Opens the keys that the settings name, `undefined` if they name none. A file is read again when it changes, so that
 * keys can be rotated without a restart. If the provider of the encryption keys is given, none of them is accepted.
 *
 * @throws MisconfiguredError if the keys are wrong at the start.
 */
export const openSigningKeys = async (
  settings: EvidenceKeySettings,
  encryption?: KeyProvider,
): Promise<SigningKeys | undefined> => {
  const source = await openSource(settings);
  if (source !== undefined && encryption !== undefined)
    await refuseEncryptionKeys(source.field, await source.current(), encryption);
  return (
    source && {
      current: async () => {
        const { current: id, keys } = await source.current();
        const bytes = keys.get(id);
        if (bytes === undefined) throw new MisconfiguredError(`current: expected the id of one of the evidence keys`);
        return { id, key: privateKeyOf(bytes) };
      },
      publicKeys: async () => publicKeysOf(await source.current()),
    }
  );
};
