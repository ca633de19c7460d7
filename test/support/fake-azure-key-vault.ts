import {
  constants,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import type { TokenCredential } from '@azure/identity';
import * as t from 'io-ts';
import { serveJson } from './serve-json.js';

const Call = t.type({ alg: t.literal('RSA-OAEP-256'), value: t.string });

/** A server that speaks the REST protocol of Azure Key Vault: `wrapkey` and `unwrapkey` with RSA keys. */
export interface FakeAzureKeyVault {
  /** The options with which Azure's client calls this server. */
  readonly options: {
    readonly credential: TokenCredential;
    readonly allowInsecureConnection: boolean;
    readonly disableChallengeResourceVerification: boolean;
    readonly retryOptions: { readonly maxRetries: number };
  };
  /** Creates a key with one version, and returns the URL of the version. */
  readonly createKey: () => string;
  readonly close: () => Promise<void>;
}

const TOKEN = 'a-token-of-the-tests';
const CHALLENGE = 'Bearer authorization="https://login.microsoftonline.com/tenant", resource="https://vault.azure.net"';
const PATH = /^(\/keys\/[\w-]+\/\w+)\/(wrapkey|unwrapkey)\?/;

const refusal = (status: number, code: string): readonly [number, object] => [
  status,
  { error: { code, message: 'refused' } },
];

export const startFakeAzureKeyVault = async (): Promise<FakeAzureKeyVault> => {
  const keys = new Map<string, KeyObject>();
  const { port, close } = await serveJson(async ({ headers, url = '' }, call) => {
    if (headers.authorization === undefined) return [401, {}, { 'www-authenticate': CHALLENGE }];
    if (headers.authorization !== `Bearer ${TOKEN}`) return refusal(401, 'Unauthorized');
    const [, path = '', operation] = PATH.exec(url) ?? [];
    // Reading the key, which the client tries first, is another right.
    if (operation === undefined) return refusal(403, 'Forbidden');
    const key = keys.get(path);
    if (key === undefined) return refusal(404, 'KeyNotFound');
    if (!Call.is(call)) return refusal(400, 'BadParameter');
    const padding = { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
    const value = Buffer.from(call.value, 'base64url');
    try {
      const result = operation === 'wrapkey' ? publicEncrypt(padding, value) : privateDecrypt(padding, value);
      return [200, { kid: `http://127.0.0.1:${port}${path}`, value: result.toString('base64url') }];
    } catch {
      return refusal(400, 'BadParameter');
    }
  });
  return {
    options: {
      credential: { getToken: async () => ({ token: TOKEN, expiresOnTimestamp: Date.now() + 3_600_000 }) },
      allowInsecureConnection: true,
      disableChallengeResourceVerification: true,
      retryOptions: { maxRetries: 0 },
    },
    createKey: () => {
      const path = `/keys/onboarding/${randomBytes(16).toString('hex')}`;
      keys.set(path, generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey);
      return `http://127.0.0.1:${port}${path}`;
    },
    close,
  };
};
