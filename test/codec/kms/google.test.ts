import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { googleKey } from '../../../codec/kms/google.js';
import { startFakeGoogleKms } from '../../support/fake-google-kms.js';
import { opened } from '../../support/opened.js';

const kms = opened(startFakeGoogleKms);

beforeAll(() => {
  for (const [name, value] of Object.entries(kms.env)) vi.stubEnv(name, value);
});

afterAll(() => {
  vi.unstubAllEnvs();
});

describe('a key of Google Cloud KMS', () => {
  it('wraps and unwraps data keys, also those from before its rotation', async () => {
    const name = kms.createKey();
    const key = googleKey(name, kms.options);
    const [before, after] = [randomBytes(32), randomBytes(32)];
    const wrappedBefore = await key.wrap(before);
    kms.rotate(name);
    const wrappedAfter = await key.wrap(after);
    expect(Buffer.from(await key.unwrap(wrappedBefore))).toEqual(before);
    expect(Buffer.from(await key.unwrap(wrappedAfter))).toEqual(after);
  });

  it('rejects with an error that names the code of a refusal, and not the request', async () => {
    const missing = googleKey(`${kms.createKey()}-missing`, kms.options);
    await expect(missing.wrap(randomBytes(32))).rejects.toThrow(/^Google Cloud KMS did not wrap a data key: code 404$/);
  });

  it('without credentials reports that, and is used when it has them', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', note);
    onTestFinished(() => {
      process.off('unhandledRejection', note);
    });
    const key = googleKey(kms.createKey(), kms.options);
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '/nowhere/credentials.json');
    await expect(key.wrap(randomBytes(32))).rejects.toThrow(/^Google Cloud KMS did not wrap a data key: ENOENT$/);
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', kms.env['GOOGLE_APPLICATION_CREDENTIALS']);
    expect(await key.wrap(randomBytes(32))).toBeInstanceOf(Uint8Array);
    expect(unhandled).toEqual([]);
  });

  it('reports a service that cannot be reached', async () => {
    await expect(googleKey(kms.createKey(), { ...kms.options, port: 1 }).wrap(randomBytes(32))).rejects.toMatchObject({
      message: 'Google Cloud KMS did not wrap a data key: ECONNREFUSED',
      temporary: true,
    });
  });
});
