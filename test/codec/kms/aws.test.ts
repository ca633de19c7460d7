import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { awsKey } from '../../../codec/kms/aws.js';
import { sdkKey } from '../../../codec/kms/sdk-key.js';
import { type FakeAwsKms, startFakeAwsKms } from '../../support/fake-aws-kms.js';
import { opened } from '../../support/opened.js';

const kms: FakeAwsKms = opened(startFakeAwsKms);

beforeEach(() => {
  for (const [name, value] of Object.entries(kms.env)) vi.stubEnv(name, value);
  kms.refused.clear();
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a key of AWS KMS', () => {
  it('wraps and unwraps data keys, also those from before its rotation', async () => {
    const arn = kms.createKey();
    const [key, ofAnotherProcess] = [awsKey(arn), awsKey(arn)];
    const [before, after] = [randomBytes(32), randomBytes(32)];
    const wrappedBefore = await key.wrap(before);
    kms.rotate(arn);
    const wrappedAfter = await key.wrap(after);
    expect(wrappedBefore).toHaveLength(184);
    expect(Buffer.from(await ofAnotherProcess.unwrap(wrappedBefore))).toEqual(before);
    expect(Buffer.from(await ofAnotherProcess.unwrap(wrappedAfter))).toEqual(after);
  });

  it('rejects the data keys of other keys and a refusal, and its error names the reason without the request', async () => {
    const [key, other] = [awsKey(kms.createKey()), awsKey(kms.createKey())];
    const wrapped = await other.wrap(randomBytes(32));
    await expect(key.unwrap(wrapped)).rejects.toThrow(
      /^AWS KMS did not unwrap a data key: InvalidCiphertextException$/,
    );
    kms.refused.set('Encrypt', 'AccessDeniedException');
    await expect(key.wrap(randomBytes(32))).rejects.toThrow(/^AWS KMS did not wrap a data key: AccessDeniedException$/);
  });

  it('reports a service that cannot be reached', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_KMS', 'http://127.0.0.1:1');
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
    await expect(awsKey(kms.createKey()).wrap(randomBytes(32))).rejects.toMatchObject({
      message: 'AWS KMS did not wrap a data key: ECONNREFUSED',
      temporary: true,
    });
  });
});

describe('a key of any service', () => {
  it('reports an error without a code by what to check, and not by its message', async () => {
    const failing = () => Promise.reject(new Error('a secret'));
    const key = sdkKey({ service: 'X', packages: 'x', open: failing, wrap: failing, unwrap: failing });
    await expect(key.wrap(randomBytes(32))).rejects.toMatchObject({
      message: 'X did not wrap a data key: an error without a code: check that its SDK finds credentials',
      temporary: false,
    });
  });
});
