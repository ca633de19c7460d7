import { dirname } from 'node:path';
import { type ServiceProcess, startService } from './node-process.js';
import { type HashedSecrets, writeHashedSecrets } from './secrets.js';

export interface CodecServerProcessOptions {
  readonly address: string;
  readonly metricsAddress: string;
  /** The origins of the Temporal UI. */
  readonly origins: readonly string[];
  readonly namespace: string;
  readonly keysFile: string;
  readonly logFile: string;
}

/** A codec server in its own process, with one token for each role. */
export interface CodecServerProcess extends ServiceProcess {
  readonly url: string;
  /** Bearer tokens for the roles `personal-data` and `masked`. Secrets. */
  readonly tokens: HashedSecrets<'personalData' | 'masked'>['secrets'];
}

export const startCodecServerProcess = async (options: CodecServerProcessOptions): Promise<CodecServerProcess> => {
  const { address, metricsAddress, origins, namespace, keysFile, logFile } = options;
  const roles = {
    personalData: { name: 'operator', role: 'personal-data' },
    masked: { name: 'onlooker', role: 'masked' },
  };
  const { file, secrets } = await writeHashedSecrets(roles, dirname(logFile));
  const server = await startService({
    service: 'codec-server',
    keysFile,
    healthAddress: address,
    logFile,
    env: {
      CODEC_SERVER_ADDRESS: address,
      CODEC_SERVER_METRICS_ADDRESS: metricsAddress,
      CODEC_SERVER_ORIGINS: origins.join(','),
      CODEC_SERVER_NAMESPACES: namespace,
      CODEC_SERVER_TOKENS_FILE: file,
    },
  });
  return { ...server, url: `http://${address}`, tokens: secrets };
};
