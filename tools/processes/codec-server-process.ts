import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServiceProcess, startService } from './service-process.js';

export interface CodecServerProcessOptions {
  readonly address: string;
  readonly metricsAddress: string;
  readonly uiOrigin: string;
  readonly namespace: string;
  readonly keysFile: string;
  readonly logFile: string;
}

/** A codec server in its own process, with one token for each role. */
export interface CodecServerProcess extends ServiceProcess {
  readonly url: string;
  /** Bearer tokens for the roles `personal-data` and `masked`. Secrets. */
  readonly tokens: { readonly personalData: string; readonly masked: string };
}

const newToken = (): string => randomBytes(24).toString('base64url');

const writeTokens = async (tokens: CodecServerProcess['tokens']): Promise<string> => {
  const sha256 = (token: string) => createHash('sha256').update(token).digest('hex');
  const file = join(await mkdtemp(join(tmpdir(), 'verifik-onboarding-')), 'codec-tokens.json');
  const entries = [
    { name: 'operator', role: 'personal-data', sha256: sha256(tokens.personalData) },
    { name: 'onlooker', role: 'masked', sha256: sha256(tokens.masked) },
  ];
  await writeFile(file, JSON.stringify(entries), { mode: 0o600 });
  return file;
};

export const startCodecServerProcess = async (options: CodecServerProcessOptions): Promise<CodecServerProcess> => {
  const { address, metricsAddress, uiOrigin, namespace, keysFile, logFile } = options;
  const tokens = { personalData: newToken(), masked: newToken() };
  const server = await startService({
    service: 'codec-server',
    keysFile,
    healthAddress: address,
    logFile,
    env: {
      CODEC_SERVER_ADDRESS: address,
      CODEC_SERVER_METRICS_ADDRESS: metricsAddress,
      CODEC_SERVER_ORIGINS: uiOrigin,
      CODEC_SERVER_NAMESPACES: namespace,
      CODEC_SERVER_TOKENS_FILE: await writeTokens(tokens),
    },
  });
  return { ...server, url: `http://${address}`, tokens };
};
