import type { TokenCredential } from '@azure/identity';
import type { CryptographyClientOptions } from '@azure/keyvault-keys';
import type { WrappingKey } from '../keys.js';
import { importSdk, sdkKey } from './sdk-key.js';

interface AzureKeyOptions extends CryptographyClientOptions {
  /** Default: the credential that DefaultAzureCredential finds in the environment. */
  readonly credential?: TokenCredential;
}

/**
 * A version of an RSA key in Azure Key Vault or Managed HSM, by its URL. Needs the rights `wrapKey` and `unwrapKey`.
 * The version is fixed, as a wrapped data key does not tell by which version it can be unwrapped.
 */
export const azureKey = (url: string, { credential, ...options }: AzureKeyOptions = {}): WrappingKey =>
  sdkKey({
    service: 'Azure Key Vault',
    packages: '@azure/keyvault-keys and @azure/identity',
    open: async () => {
      const [{ CryptographyClient }, { DefaultAzureCredential }] = await Promise.all([
        importSdk<typeof import('@azure/keyvault-keys')>('@azure/keyvault-keys'),
        importSdk<typeof import('@azure/identity')>('@azure/identity'),
      ]);
      return new CryptographyClient(url, credential ?? new DefaultAzureCredential(), options);
    },
    wrap: async (key, dataKey) => (await key.wrapKey('RSA-OAEP-256', dataKey)).result,
    unwrap: async (key, wrapped) => (await key.unwrapKey('RSA-OAEP-256', wrapped)).result,
  });
