import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
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

  it('reports a service that cannot be reached', async () => {
    await expect(googleKey(kms.createKey(), { ...kms.options, port: 1 }).wrap(randomBytes(32))).rejects.toMatchObject({
      message: 'Google Cloud KMS did not wrap a data key: ECONNREFUSED',
      temporary: true,
    });
  });
});
