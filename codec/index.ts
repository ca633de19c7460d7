/** Payload encryption: keys, the codec, and the data converter that clients and workers share. */
export { encryptingDataConverter, FAILURE_CONVERTER } from './data-converter.js';
export { describeEncrypted, EncryptionCodec } from './encryption-codec.js';
export { UndecodablePayloadError } from './errors.js';
export { type KeyRing, openKeyRing, openServiceKeys } from './key-ring.js';
export { type KeyProvider, KeyProviderError } from './keys.js';
export {
  configuredKeys,
  developmentKeys,
  developmentKeysPath,
  ENCRYPTION_SETTINGS,
  fileKeys,
  KEY_VARIABLES,
  namedKeySources,
} from './providers.js';
