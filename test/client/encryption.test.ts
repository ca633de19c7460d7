import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { toOnboardingError } from '../../client/errors.js';
import { connectOnboardingClient, OnboardingClient, onboardingDataConverter } from '../../client/index.js';
import { UndecodablePayloadError } from '../../codec/index.js';

const contactKey = 'a-key-for-the-tests';

afterEach(() => {
  vi.unstubAllEnvs();
});

const rejectionOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('the client', () => {
  it('rejects a Temporal client that would send payloads unencrypted, and accepts one that encrypts', async () => {
    const connection = Connection.lazy({ address: '127.0.0.1:1' });
    expect(() => new OnboardingClient(new Client({ connection }), { contactKey })).toThrow(
      expect.objectContaining({ type: 'EncryptionKeys', message: expect.stringContaining('dataConverter') }),
    );
    const dataConverter = await onboardingDataConverter();
    expect(new OnboardingClient(new Client({ connection, dataConverter }), { contactKey })).toBeInstanceOf(
      OnboardingClient,
    );
  });

  it('does not connect in production without encryption keys', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    expect(await rejectionOf(connectOnboardingClient({ contactKey }))).toMatchObject({
      type: 'EncryptionKeys',
      fields: [{ field: 'ONBOARDING_ENCRYPTION_KEYS or ONBOARDING_ENCRYPTION_KEYS_FILE' }],
    });
  });

  it('names the wrong field of the keys, and never a key', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'onboarding-keys-')), 'keys.json');
    writeFileSync(file, '{"current": "a", "keys": {"a": "c2VjcmV0LXNlY3JldA=="}}');
    vi.stubEnv('ONBOARDING_ENCRYPTION_KEYS_FILE', file);
    const error = await rejectionOf(connectOnboardingClient({ contactKey }));
    expect(error).toMatchObject({
      type: 'EncryptionKeys',
      message: expect.stringContaining('keys.a: expected base64 of 32 bytes'),
    });
    expect(String(error)).not.toContain('c2VjcmV0');
  });

  it('reports that a custom key provider failed, without the details', async () => {
    const keyProvider = { read: () => Promise.reject(new Error('secret-of-the-provider')) };
    expect(await rejectionOf(connectOnboardingClient({ contactKey, keyProvider }))).toMatchObject({
      type: 'EncryptionKeys',
      message: 'The encryption keys cannot be read: the key provider failed (Error)',
    });
  });

  it.each([
    ['missingKey', 'EncryptionKeys'],
    ['unreadable', 'EncryptionKeys'],
    ['keyService', 'Unavailable'],
  ] as const)('reports a payload that it cannot decode because of %s as %s', (why, type) => {
    const undecodable = new Error('decoding failed', { cause: new UndecodablePayloadError(why, 'kms', 'key kms') });
    expect(toOnboardingError(undecodable)).toMatchObject({ type, message: 'key kms' });
  });
});
