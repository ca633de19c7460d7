import type { KeyManagementServiceClient } from '@google-cloud/kms';
import type { WrappingKey } from '../keys.js';
import { importSdk, sdkKey } from './sdk-key.js';

type ClientOptions = NonNullable<ConstructorParameters<typeof KeyManagementServiceClient>[0]>;

/** Authenticated by the service, so that it unwraps nothing that another application has wrapped with the same key. */
const additionalAuthenticatedData = Buffer.from('verifik-onboarding');

/**
 * A symmetric key of Google Cloud KMS. Needs the role `roles/cloudkms.cryptoKeyEncrypterDecrypter`. Credentials are
 * Google's application default credentials. The service encrypts with the key's primary version, and finds the version
 * of a wrapped data key itself.
 */
export const googleKey = (name: string, options: ClientOptions = {}): WrappingKey =>
  sdkKey({
    service: 'Google Cloud KMS',
    packages: '@google-cloud/kms',
    open: async () => {
      const { KeyManagementServiceClient } = await importSdk<typeof import('@google-cloud/kms')>('@google-cloud/kms');
      // REST instead of gRPC goes through the proxies that the environment names.
      const client = new KeyManagementServiceClient({ fallback: true, ...options });
      // A call would do this, too, but leave a failure unhandled, which ends the process.
      await client.initialize();
      return client;
    },
    wrap: async (kms, plaintext) => (await kms.encrypt({ name, plaintext, additionalAuthenticatedData }))[0].ciphertext,
    unwrap: async (kms, ciphertext) =>
      (await kms.decrypt({ name, ciphertext, additionalAuthenticatedData }))[0].plaintext,
  });
