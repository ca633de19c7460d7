import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { onboardingDataConverter } from '../../client/index.js';
import { readPluginConfig } from '../../worker/config.js';
import { OnboardingPlugin } from '../../worker/index.js';
import { PROCESS_SETTINGS } from '../../worker/settings.js';
import { keysOfTests, newFailingProvider, newKeysFile } from '../support/encryption-keys.js';

const require = createRequire(import.meta.url);

/** Never connects. */
const connectionOf = (copy: { NativeConnection: { prototype: object } }) =>
  Object.create(copy.NativeConnection.prototype);

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

it.each([
  [{ namespace: '' }, /^namespace: expected a text/],
  [{ namespace: 5 }, /^namespace: expected a text/],
  [{ nameSpace: 'onboardings' }, /^nameSpace: expected no such field$/],
  [{ env: { ONBOARDING_MAX_POLLERS: 5 } }, /^env: expected an object of texts$/],
  ['onboardings', /^options: expected an object$/],
])('a plugin refuses the options %j by the name of the wrong one', async (options, message) => {
  // As a service without types passes them.
  await expect(Reflect.apply(OnboardingPlugin.open, OnboardingPlugin, [options])).rejects.toThrow(message);
});

it('a plugin does not replace an activity of the service', async () => {
  const plugin = await OnboardingPlugin.open({ env: ENV });
  const connection = connectionOf({ NativeConnection });
  const activities = { ownActivity: async () => 1, createAppRegistration: async () => 2 };
  await expect(plugin.configureWorker({ connection, taskQueue: 'own', activities })).rejects.toThrow(
    /^activities\.createAppRegistration: expected another name/,
  );
});

it('a plugin names the version to install if its copy of the SDK is not the one of the service', async () => {
  const file = require.resolve('@temporalio/worker/lib/connection.js');
  const { [file]: ours } = require.cache;
  delete require.cache[file];
  const other = require(file);
  require.cache[file] = ours;
  const plugin = await OnboardingPlugin.open({ env: ENV });
  const { version } = require('@temporalio/worker/package.json');
  await expect(plugin.configureWorker({ connection: connectionOf(other), taskQueue: 'own' })).rejects.toThrow(
    `install @temporalio/worker@${version}`,
  );
  // The document has the version that the next release installs.
  expect(readFileSync(new URL('../../docs/embedding.md', import.meta.url), 'utf8')).toContain(
    `@temporalio/worker@${version}`,
  );
});

it('a plugin reads no setting of the worker process, and the document lists these settings', () => {
  const document = readFileSync(new URL('../../docs/embedding.md', import.meta.url), 'utf8');
  for (const { env } of Object.values(PROCESS_SETTINGS)) {
    expect(document).toContain(`\`${env}\``);
    expect(readPluginConfig({ ...ENV, [env]: '\n' })).toMatchObject({ _tag: 'Right' });
  }
  expect(readPluginConfig({ ...ENV, VERIFIK_TIMEOUT_MS: '\n' })).toMatchObject({ _tag: 'Left' });
});

it('a plugin whose keys cannot be read shows no message of the key provider', async () => {
  const { ONBOARDING_ENCRYPTION_KEYS_FILE: _, ...env } = ENV;
  const opened = OnboardingPlugin.open({ env: { ...env, ONBOARDING_KEY_PROVIDER_MODULE: newFailingProvider() } });
  await expect(opened).rejects.toThrow(
    /^ONBOARDING_KEY_PROVIDER_MODULE \(\S+\): expected a key provider that .*\(Error\)$/,
  );
});
