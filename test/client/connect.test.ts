import { execa } from 'execa';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { connectOnboardingClient } from '../../client/index.js';
import { freePort, startDevServer } from '../../tools/servers/index.js';
import { keysOfTests, newKeysFile } from '../support/encryption-keys.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** The built client. */
const CLIENT = new URL('../../dist/client/index.js', import.meta.url).href;

const REQUEST = {
  project: 'a-project',
  projectFlow: 'a-flow',
  contact: { email: 'applicant@example.com' },
  fullName: 'The Applicant',
};

describe('a client', () => {
  it('is created while Temporal is down, reports this within seconds, and connects once Temporal is up', async () => {
    const port = await freePort();
    vi.stubEnv('TEMPORAL_ADDRESS', `127.0.0.1:${port}`);
    vi.stubEnv('TEMPORAL_NAMESPACE', '');
    const { client, close } = await connectOnboardingClient({
      contactKey: 'a-key-for-the-tests',
      keyProvider: keysOfTests,
    });
    onTestFinished(close);
    const askedAt = Date.now();
    await expect(client.status('an-onboarding')).rejects.toMatchObject({
      type: 'Unavailable',
      message: expect.stringMatching(/^Temporal could not be reached: .* ECONNREFUSED 127\.0\.0\.1:\d+\.$/),
    });
    // The SDK alone takes 20 s.
    expect(Date.now() - askedAt).toBeLessThan(10_000);

    const server = await startDevServer({ port, headless: true });
    onTestFinished(() => server.kill());
    await expect(client.status('an-onboarding')).rejects.toMatchObject({ type: 'NotFound' });
  });

  it('reports that Temporal is down also if the timeout of the call is shorter than its attempts to connect', async () => {
    vi.stubEnv('TEMPORAL_ADDRESS', '127.0.0.1:1');
    const { client } = await connectOnboardingClient({ contactKey: 'a-key-for-the-tests', keyProvider: keysOfTests });
    await expect(client.start(REQUEST, { timeoutMs: 1_500 })).rejects.toMatchObject({ type: 'Unavailable' });
  });

  it('can be closed while it repeats a call, which ends', async () => {
    vi.stubEnv('TEMPORAL_ADDRESS', `127.0.0.1:${await freePort()}`);
    const { client, close } = await connectOnboardingClient({
      contactKey: 'a-key-for-the-tests',
      keyProvider: keysOfTests,
    });
    const call = client.status('an-onboarding').catch((error: unknown) => error);
    // The first attempt has failed, and the next one waits for its time.
    const { setTimeout: schedule } = globalThis;
    const repeating = new Promise<void>((resolve) => {
      vi.spyOn(globalThis, 'setTimeout').mockImplementation((run, ms, ...args) => {
        if (ms === 200) resolve();
        return schedule(run, ms, ...args);
      });
    });
    onTestFinished(() => void vi.restoreAllMocks());
    await repeating;
    await close();
    expect(await call).toMatchObject({ type: 'ClientClosed' });
  });

  it('refuses every call after it was closed, says so, and lets the process exit', async () => {
    const script = `
      import { connectBatchClient, connectOnboardingClient } from ${JSON.stringify(CLIENT)};
      const { client, close } = await connectOnboardingClient({ contactKey: 'a-key-for-the-tests' });
      const { batches, schedules, close: closeBatches } = await connectBatchClient();
      const calls = {
        status: () => client.status('onboarding-1'),
        start: () => client.start(${JSON.stringify(REQUEST)}),
        withdraw: () => client.withdraw('onboarding-1'),
        reRegister: () => client.reRegister('onboarding-1'),
        result: () => client.result('onboarding-1'),
        list: () => client.list().next(),
        progress: () => batches.progress('a-batch'),
        batches: () => batches.list().next(),
        schedules: () => schedules.list().next(),
      };
      await client.status('onboarding-1', { timeoutMs: 600 }).catch(() => undefined);
      await Promise.all([close(), closeBatches()]);
      await close();
      for (const [name, call] of Object.entries(calls))
        console.log(name, await call().catch(({ type, message }) => type + ': ' + message));`;
    const env = { TEMPORAL_ADDRESS: '127.0.0.1:1', ONBOARDING_ENCRYPTION_KEYS_FILE: newKeysFile() };
    // The calls alone would take longer if they waited for a connection, and so would the exit.
    const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', script], { env, timeout: 10_000 });
    const names = ['status', 'start', 'withdraw', 'reRegister', 'result', 'list', 'progress', 'batches', 'schedules'];
    expect(stdout.split('\n')).toEqual(names.map((name) => `${name} ClientClosed: the client was closed`));
  });
});
