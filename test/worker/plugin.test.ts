import { Client, Connection } from '@temporalio/client';
import { expect, it } from 'vitest';
import { onboardingDataConverter } from '../../client/index.js';
import { OnboardingPlugin } from '../../worker/index.js';
import { keysOfTests, newKeysFile } from '../support/encryption-keys.js';

const ENV = { VERIFIK_CLIENT_TOKEN: 'a-token-of-verifik', ONBOARDING_ENCRYPTION_KEYS_FILE: newKeysFile() };

it('a plugin encrypts what a client sends, and refuses another converter and another namespace', async () => {
  const plugin = await OnboardingPlugin.open({ namespace: 'onboardings', env: ENV });
  const connection = Connection.lazy();
  const own = new Client({ connection, namespace: 'onboardings', plugins: [plugin] });
  expect(own.options.loadedDataConverter.payloadCodecs).toHaveLength(1);
  const dataConverter = await onboardingDataConverter({ keyProvider: keysOfTests });
  expect(() => new Client({ connection, namespace: 'onboardings', plugins: [plugin], dataConverter })).toThrow(
    'dataConverter: expected none',
  );
  expect(() => new Client({ connection, plugins: [plugin] })).toThrow('namespace: expected onboardings');
});
