import type { WrappingKey } from '../keys.js';
import { importSdk, sdkKey } from './sdk-key.js';

/** Shown in AWS CloudTrail, and usable as a condition of policies (`kms:EncryptionContext:application`). */
const EncryptionContext = { application: 'verifik-onboarding' } as const;

/**
 * A symmetric key of AWS KMS, in the region of its ARN. Needs the rights `kms:Encrypt` and `kms:Decrypt`. Credentials
 * and endpoint come from the environment, as the AWS SDK reads them.
 */
export const awsKey = (KeyId: string): WrappingKey =>
  sdkKey({
    service: 'AWS KMS',
    packages: '@aws-sdk/client-kms',
    open: async () => {
      const { KMS } = await importSdk<typeof import('@aws-sdk/client-kms')>('@aws-sdk/client-kms');
      return new KMS({ region: KeyId.split(':')[3] ?? '' });
    },
    wrap: async (kms, Plaintext) => (await kms.encrypt({ KeyId, Plaintext, EncryptionContext })).CiphertextBlob,
    // With the id, no ciphertext of another key is decrypted that these credentials may use.
    unwrap: async (kms, CiphertextBlob) => (await kms.decrypt({ KeyId, CiphertextBlob, EncryptionContext })).Plaintext,
  });
