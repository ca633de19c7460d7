import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import * as t from 'io-ts';

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
  /** Replaces the key material, as AWS does each year. What the former material has encrypted can still be decrypted. */
  readonly rotate: (arn: string) => void;
  /** The operations so far, such as `Encrypt`. */
  readonly calls: string[];
  /** The error of all calls of an operation, such as `AccessDeniedException`. */
  readonly refused: Map<string, string>;
  readonly close: () => Promise<void>;
}

const REGION = 'eu-central-1';
const SIGNED = new RegExp(
  `^AWS4-HMAC-SHA256 Credential=AKIAFAKE/\\d{8}/${REGION}/kms/aws4_request, .*Signature=\\w{64}$`,
);
const NONCE = 12;
/** With these bytes, a wrapped key of 32 bytes is as long as that of AWS. */
const HEADER = 123;

const seal = (material: Uint8Array, version: number, context: string, plain: Uint8Array): Buffer => {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', material, nonce).setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return Buffer.concat([Uint8Array.of(version), randomBytes(HEADER), nonce, sealed]);
};

const open = (materials: readonly Uint8Array[], context: string, blob: Buffer): Buffer => {
  const [version = 0, nonce, sealed] = [blob[0], blob.subarray(1 + HEADER).subarray(0, NONCE), blob.subarray(136)];
  const decipher = createDecipheriv('aes-256-gcm', materials[version] ?? randomBytes(32), nonce);
  decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
};

export const startFakeAwsKms = async (): Promise<FakeAwsKms> => {
  const keys = new Map<string, Uint8Array[]>();
  const calls: string[] = [];
  const refused = new Map<string, string>();

  const answer = (operation: string, signature: string, call: unknown): object => {
    if (!SIGNED.test(signature)) throw new Error('IncompleteSignatureException');
    const refusal = refused.get(operation);
    if (refusal !== undefined) throw new Error(refusal);
    if (!Call.is(call)) throw new Error('ValidationException');
    const { KeyId, EncryptionContext, Plaintext = '', CiphertextBlob = '' } = call;
    const materials = keys.get(KeyId);
    const material = materials?.at(-1);
    if (materials === undefined || material === undefined) throw new Error('NotFoundException');
    const context = JSON.stringify(EncryptionContext);
    if (operation === 'Encrypt') {
      const sealed = seal(material, materials.length - 1, context, Buffer.from(Plaintext, 'base64'));
      return { KeyId, CiphertextBlob: sealed.toString('base64') };
    }
    try {
      const opened = open(materials, context, Buffer.from(CiphertextBlob, 'base64'));
      return { KeyId, Plaintext: opened.toString('base64') };
    } catch {
      throw new Error('InvalidCiphertextException');
    }
  };

  const server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).replace('TrentService.', '');
    calls.push(operation);
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    try {
      response.end(JSON.stringify(answer(operation, String(request.headers.authorization), await json(request))));
    } catch (error) {
      const type = error instanceof Error ? error.message : '';
      response.writeHead(400).end(JSON.stringify({ __type: type, message: 'refused' }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    env: {
      AWS_ENDPOINT_URL_KMS: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: 'AKIAFAKE',
      AWS_SECRET_ACCESS_KEY: 'fake',
    },
    createKey: () => {
      const arn = `arn:aws:kms:${REGION}:111122223333:key/${randomBytes(8).toString('hex')}`;
      keys.set(arn, [randomBytes(32)]);
      return arn;
    },
    rotate: (arn) => keys.get(arn)?.push(randomBytes(32)),
    calls,
    refused,
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
