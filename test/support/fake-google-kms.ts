import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as t from 'io-ts';
import { jwtVerify } from 'jose';
import { fakeSymmetricKeys } from './fake-symmetric-keys.js';
import { serveJson } from './serve-json.js';

const Call = t.intersection([
  t.type({ additionalAuthenticatedData: t.string }),
  t.partial({ plaintext: t.string, ciphertext: t.string }),
]);

/** A server that speaks the REST protocol of Google Cloud KMS: `encrypt` and `decrypt` with symmetric keys. */
export interface FakeGoogleKms {
  /** The environment in which Google's client finds its credentials: a service account. */
  readonly env: Readonly<Record<string, string>>;
  /** The options with which Google's client calls this server. */
  readonly options: { readonly apiEndpoint: string; readonly port: number; readonly protocol: string };
  /** Creates a key, and returns its resource name. */
  readonly createKey: () => string;
  /** Makes a new version of the key primary. */
  readonly rotate: (name: string) => void;
  readonly close: () => Promise<void>;
}

const EMAIL = 'onboarding@fake.iam.gserviceaccount.com';
const PATH = /^\/v1\/(projects\/\S+):(encrypt|decrypt)\?/;

/** Google encrypts 32 bytes to some 113. */
const OVERHEAD = 81;

/** Writes the file of a service account, and returns its path and its public key. */
const createServiceAccount = () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const file = join(mkdtempSync(join(tmpdir(), 'onboarding-google-')), 'credentials.json');
  const private_key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  writeFileSync(
    file,
    JSON.stringify({ type: 'service_account', client_email: EMAIL, private_key, private_key_id: '1' }),
  );
  return { file, publicKey };
};

const STATUSES: Readonly<Record<string, readonly [number, string]>> = {
  NotFound: [404, 'NOT_FOUND'],
  InvalidCiphertext: [400, 'INVALID_ARGUMENT'],
};

const refusal = (name: string): readonly [number, object] => {
  const [code, status] = STATUSES[name] ?? [401, 'UNAUTHENTICATED'];
  return [code, { error: { code, status, message: 'refused' } }];
};

export const startFakeGoogleKms = async (): Promise<FakeGoogleKms> => {
  const keys = fakeSymmetricKeys(OVERHEAD);
  const { file, publicKey } = createServiceAccount();
  const { port, close } = await serveJson(async ({ headers, url = '' }, call) => {
    const [, name = '', operation] = PATH.exec(decodeURI(url)) ?? [];
    try {
      await jwtVerify(String(headers.authorization).replace('Bearer ', ''), publicKey, { issuer: EMAIL });
      if (!Call.is(call)) return refusal('InvalidCiphertext');
      const { additionalAuthenticatedData: aad, plaintext = '', ciphertext = '' } = call;
      return operation === 'encrypt'
        ? [200, { name, ciphertext: keys.encrypt(name, aad, Buffer.from(plaintext, 'base64')).toString('base64') }]
        : [200, { plaintext: keys.decrypt(name, aad, Buffer.from(ciphertext, 'base64')).toString('base64') }];
    } catch (error) {
      return refusal(error instanceof Error ? error.message : '');
    }
  });
  return {
    env: { GOOGLE_APPLICATION_CREDENTIALS: file },
    options: { apiEndpoint: '127.0.0.1', port, protocol: 'http' },
    createKey: () => {
      const name = `projects/p/locations/europe-west3/keyRings/r/cryptoKeys/${randomBytes(8).toString('hex')}`;
      keys.create(name);
      return name;
    },
    rotate: keys.rotate,
    close,
  };
};
