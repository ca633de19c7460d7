import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { decodeKeyRing, decodeRawKeys } from '../../../codec/key-ring-json.js';

const GOOGLE = 'gcp-kms://projects/example.com:p-1/locations/global/keyRings/r/cryptoKeys/k_1';

const AZURE = 'azure-kms://my-vault.vault.azure.net/keys/onboarding';

const URIS = [
  'aws-kms://arn:aws-us-gov:kms:us-gov-east-1:111122223333:key/mrk-1a',
  GOOGLE,
  `${AZURE}/0123456789abcdef0123456789abcdef`,
] as const;

const ringWith = (uri: string) => ({ current: 'a', keys: { a: uri } });

describe('the URI of a key in a key management service', () => {
  it.each(URIS)('%s names the same object each time, so that its data keys are kept', (uri) => {
    const [first, second] = [1, 2].map(() =>
      E.map(({ keys }: { keys: ReadonlyMap<string, unknown> }) => keys.get('a'))(decodeKeyRing(ringWith(uri))),
    );
    expect(first).toEqual(E.right({ wrap: expect.any(Function), unwrap: expect.any(Function) }));
    expect(first).toEqual(second);
  });

  it.each([
    ['an alias, which can be moved', 'aws-kms://arn:aws:kms:eu-central-1:111122223333:alias/onboarding'],
    ['an ARN of another service', 'aws-kms://arn:aws:s3:eu-central-1:111122223333:key/1'],
    ['another scheme', 'kms://arn:aws:kms:eu-central-1:111122223333:key/1'],
    ['more text', `${URIS[0]} `],
    ['a key of Azure without its version', AZURE],
    ['a version of a key of Google', `${GOOGLE}/cryptoKeyVersions/1`],
  ])('cannot be %s', (_what, uri) => {
    expect(decodeKeyRing(ringWith(uri))).toMatchObject({
      left: [{ field: 'keys.a', expected: expect.stringContaining('aws-kms://<ARN of the key>') }],
    });
  });

  it('cannot be a key that signs evidence', () => {
    expect(decodeRawKeys(ringWith(URIS[0]))).toEqual(E.left([{ field: 'keys.a', expected: 'base64 of 32 bytes' }]));
  });
});
