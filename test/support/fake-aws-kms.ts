import { randomBytes } from 'node:crypto';
import * as t from 'io-ts';
import { fakeSymmetricKeys } from './fake-symmetric-keys.js';
import { serveJson } from './serve-json.js';

const Call = t.intersection([
  t.type({ KeyId: t.string, EncryptionContext: t.record(t.string, t.string) }),
  t.partial({ Plaintext: t.string, CiphertextBlob: t.string }),
]);

/** A server that speaks the JSON protocol of AWS KMS: `Encrypt` and `Decrypt` with symmetric keys. */
export interface FakeAwsKms {
  /** The environment in which the AWS SDK calls this server. */
  readonly env: Readonly<Record<string, string>>;
  /** Creates a key, and returns its ARN. */
  readonly createKey: () => string;
  /** Replaces the material of a key, as AWS does each year. */
  readonly rotate: (arn: string) => void;
  /** The error of all calls of an operation, such as `AccessDeniedException`. */
  readonly refused: Map<string, string>;
  readonly close: () => Promise<void>;
}

const REGION = 'eu-central-1';
const SIGNED = new RegExp(
  `^AWS4-HMAC-SHA256 Credential=AKIAFAKE/\\d{8}/${REGION}/kms/aws4_request, .*Signature=\\w{64}$`,
);

/** AWS encrypts 32 bytes to 184. */
const OVERHEAD = 152;

export const startFakeAwsKms = async (): Promise<FakeAwsKms> => {
  const keys = fakeSymmetricKeys(OVERHEAD);
  const refused = new Map<string, string>();

  const answer = (operation: string, signature: string, call: unknown): object => {
    if (!SIGNED.test(signature)) throw new Error('IncompleteSignature');
    if (!Call.is(call)) throw new Error('Validation');
    const { KeyId, EncryptionContext, Plaintext = '', CiphertextBlob = '' } = call;
    const aad = JSON.stringify(EncryptionContext);
    return operation === 'Encrypt'
      ? { CiphertextBlob: keys.encrypt(KeyId, aad, Buffer.from(Plaintext, 'base64')).toString('base64') }
      : { Plaintext: keys.decrypt(KeyId, aad, Buffer.from(CiphertextBlob, 'base64')).toString('base64') };
  };

  const { port, close } = await serveJson(async ({ headers }, body) => {
    const operation = String(headers['x-amz-target']).replace('TrentService.', '');
    const refusal = refused.get(operation);
    if (refusal !== undefined) return [400, { __type: refusal, message: 'refused' }];
    try {
      return [200, answer(operation, String(headers.authorization), body)];
    } catch (error) {
      return [400, { __type: `${error instanceof Error ? error.message : ''}Exception`, message: 'refused' }];
    }
  });
  return {
    env: {
      AWS_ENDPOINT_URL_KMS: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: 'AKIAFAKE',
      AWS_SECRET_ACCESS_KEY: 'fake',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
    createKey: () => {
      const arn = `arn:aws:kms:${REGION}:111122223333:key/${randomBytes(8).toString('hex')}`;
      keys.create(arn);
      return arn;
    },
    rotate: keys.rotate,
    refused,
    close,
  };
};
