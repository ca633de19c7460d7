import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readConfig as readCli } from '../../cli/config.js';
import { onboardingDataConverter } from '../../client/index.js';
import { describeEncrypted, type KeyProvider, openKeyRing } from '../../codec/index.js';
import { readConfig as readCodecServer } from '../../codec-server/config.js';
import { readConfig as readGateway } from '../../gateway/config.js';
import type { Environment } from '../../shared/config.js';
import type { Read } from '../../shared/decoding.js';
import { readConfig as readWorker } from '../../worker/config.js';

const folder = mkdtempSync(join(tmpdir(), 'onboarding-module-'));

const moduleOf = (name: string, code: string): string => {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(path, code);
  return path;
};

const PROVIDER = moduleOf(
  'provider',
  "export default { read: async () => ({ current: 'module', keys: new Map([['module', new Uint8Array(32)]]) }) };",
);

/** The settings that each process needs besides. */
const NEEDED = {
  VERIFIK_CLIENT_TOKEN: 'a-client-token',
  GATEWAY_KEYS_FILE: '/run/api-keys.json',
  CODEC_SERVER_TOKENS_FILE: '/run/tokens.json',
  ONBOARDING_CONTACT_KEY: 'a-contact-key-of-tests',
  NODE_ENV: 'production',
} as const;

type ReadProvider = (env: Environment) => Read<KeyProvider>;

const PROCESSES: readonly (readonly [string, ReadProvider])[] = [
  [
    'worker',
    (env) =>
      pipe(
        readWorker(env),
        E.map(({ keyProvider }) => keyProvider),
      ),
  ],
  [
    'gateway',
    (env) =>
      pipe(
        readGateway(env),
        E.map(({ keys }) => keys),
      ),
  ],
  [
    'codec server',
    (env) =>
      pipe(
        readCodecServer(env),
        E.map(({ keys }) => keys),
      ),
  ],
  [
    'command line',
    (env) =>
      pipe(
        readCli(env),
        E.chain(({ keyProvider }) => keyProvider),
      ),
  ],
];

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a module that provides the keys', () => {
  it.each(PROCESSES)('is set in the same way for the %s', async (_process, readProvider) => {
    const provider = readProvider({ ...NEEDED, ONBOARDING_KEY_PROVIDER_MODULE: PROVIDER });
    if (E.isLeft(provider)) throw new Error(JSON.stringify(provider.left));
    expect((await openKeyRing(provider.right)).current().id).toBe('module');
  });

  it('is set in the same way for the client', async () => {
    vi.stubEnv('ONBOARDING_KEY_PROVIDER_MODULE', PROVIDER);
    const { payloadCodecs: [codec] = [] } = await onboardingDataConverter();
    const [payload = {}] = (await codec?.encode([{}])) ?? [];
    expect(describeEncrypted(payload)).toEqual({ keyId: 'module' });
  });

  it('that cannot reach its service is reported as unavailable, by the code of the cause', async () => {
    const read = "() => fetch('http://127.0.0.1:2/secret')";
    vi.stubEnv('ONBOARDING_KEY_PROVIDER_MODULE', moduleOf('away', `export default { read: ${read} };`));
    await expect(onboardingDataConverter()).rejects.toMatchObject({
      type: 'Unavailable',
      message: expect.stringContaining('returns the keys (ECONNREFUSED)'),
    });
  });

  it.each([
    ['is missing', join(folder, 'missing.mjs'), 'a module that can be imported (ERR_MODULE_NOT_FOUND)'],
    ['throws', moduleOf('throws', "throw new TypeError('secret')"), 'a module that can be imported (TypeError)'],
    ['exports nothing', moduleOf('nothing', 'export {}'), 'a module whose default export is a key provider'],
    [
      'exports something else',
      moduleOf('else', "export default 'keys'"),
      'a module whose default export is a key provider',
    ],
    [
      'fails to read the keys',
      moduleOf('fails', "export default { read: () => { throw new RangeError('secret'); } };"),
      'a key provider that returns the keys (RangeError)',
    ],
    [
      'throws an error whose code is a text',
      moduleOf(
        'code',
        "export default { read: async () => { throw Object.assign(new Error(), { code: 'a secret' }); } };",
      ),
      'a key provider that returns the keys (Error)',
    ],
  ])('that %s is reported with its path and not with its message', async (_what, path, expected) => {
    vi.stubEnv('ONBOARDING_KEY_PROVIDER_MODULE', path);
    const error = await onboardingDataConverter().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      type: 'EncryptionKeys',
      message: expect.stringContaining(`ONBOARDING_KEY_PROVIDER_MODULE (${path}): expected ${expected}`),
    });
    expect(inspect(error, { depth: null })).not.toContain('secret');
  });
});
