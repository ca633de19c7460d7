/** Payload encryption: keys, the codec, and the data converter that clients and workers share. */
export { describeEncrypted, EncryptionCodec, encryptingDataConverter, FAILURE_CONVERTER } from './encryption-codec.js';
export { UndecodablePayloadError, undecodableIn } from './errors.js';
export { type KeyRing, openKeyRing, openServiceKeys } from './key-ring.js';
export { type KeyProvider, KeyProviderError, type KeyRingSource } from './keys.js';
export {
  configuredKeys,
  developmentKeys,
  developmentKeysPath,
  ENCRYPTION_SETTINGS,
  fileKeys,
  KEY_VARIABLES,
} from './providers.js';
