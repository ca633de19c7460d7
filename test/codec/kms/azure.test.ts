import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { azureKey } from '../../../codec/kms/azure.js';
import { startFakeAzureKeyVault } from '../../support/fake-azure-key-vault.js';
import { opened } from '../../support/opened.js';

const vault = opened(startFakeAzureKeyVault);

describe('a key of Azure Key Vault', () => {
  it('wraps and unwraps data keys, without the right to read the key', async () => {
    const url = vault.createKey();
    const [key, ofAnotherProcess] = [azureKey(url, vault.options), azureKey(url, vault.options)];
    const dataKey = randomBytes(32);
    const wrapped = await key.wrap(dataKey);
    expect(wrapped).toHaveLength(256);
    expect(Buffer.from(await ofAnotherProcess.unwrap(wrapped))).toEqual(dataKey);
  });

  it('rejects the data keys of another version and a refusal, and its error names the code without the request', async () => {
    const [key, otherVersion] = [
      azureKey(vault.createKey(), vault.options),
      azureKey(vault.createKey(), vault.options),
    ];
    const wrapped = await otherVersion.wrap(randomBytes(32));
    await expect(key.unwrap(wrapped)).rejects.toThrow(/^Azure Key Vault did not unwrap a data key: BadParameter$/);
    const missing = azureKey(`${vault.createKey()}0`, vault.options);
    await expect(missing.wrap(randomBytes(32))).rejects.toThrow(
      /^Azure Key Vault did not wrap a data key: KeyNotFound$/,
    );
    const credential = { getToken: async () => ({ token: 'another', expiresOnTimestamp: Date.now() + 3_600_000 }) };
    await expect(azureKey(vault.createKey(), { ...vault.options, credential }).wrap(randomBytes(32))).rejects.toThrow(
      /^Azure Key Vault did not wrap a data key: Unauthorized$/,
    );
  });
});
