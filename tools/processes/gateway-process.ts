import { type ServiceProcess, startService } from './node-process.js';
import { writeHashedSecrets } from './secrets.js';

/** An entry of the API keys file, without the key's name and digest. */
export interface ApiKeyEntry {
  readonly tenant: string;
  readonly scopes: readonly ('start' | 'read' | 'review' | 'erase' | 'personal-data' | 'evidence')[];
  /** The endpoint that receives the callbacks of onboardings started with the key. */
  readonly callbacks?: string;
  readonly requestsPerMinute?: number;
}

/** The gateway's secrets, and the files that hold their digests. They outlive a process: its successor needs them. */
export interface GatewaySecrets<K extends string> {
  readonly apiKeysFile: string;
  readonly webhookSecretsFile: string;
  /** API keys by entry name. Secrets. */
  readonly keys: Readonly<Record<K, string>>;
  readonly webhookSecret: string;
}

export interface GatewayProcessOptions<K extends string> {
  readonly temporalAddress: string;
  readonly namespace: string;
  readonly address: string;
  readonly metricsAddress: string;
  readonly secrets: GatewaySecrets<K>;
  readonly contactKey: string;
  readonly keysFile: string;
  readonly logFile: string;
  /** Further environment variables. They override the others. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface GatewayProcess<K extends string = string> extends ServiceProcess, GatewaySecrets<K> {
  readonly url: string;
  readonly metricsUrl: string;
  /** The URL for Verifik's webhooks. Contains the secret. */
  readonly webhookUrl: string;
}

/** Creates a webhook secret, and an API key for each entry by its name. Their files are in new folders in `parent`. */
export const createGatewaySecrets = async <K extends string>(
  entries: Readonly<Record<K, ApiKeyEntry>>,
  parent?: string,
): Promise<GatewaySecrets<K>> => {
  const { file: apiKeysFile, secrets: keys } = await writeHashedSecrets(entries, parent);
  const { file: webhookSecretsFile, secrets } = await writeHashedSecrets({ verifik: {} }, parent);
  return { apiKeysFile, webhookSecretsFile, keys, webhookSecret: secrets.verifik };
};

export const startGatewayProcess = async <K extends string>(
  options: GatewayProcessOptions<K>,
): Promise<GatewayProcess<K>> => {
  const { address, metricsAddress, secrets, keysFile, logFile } = options;
  const gateway = await startService({
    service: 'gateway',
    keysFile,
    healthAddress: address,
    logFile,
    env: {
      TEMPORAL_ADDRESS: options.temporalAddress,
      TEMPORAL_NAMESPACE: options.namespace,
      GATEWAY_ADDRESS: address,
      GATEWAY_METRICS_ADDRESS: metricsAddress,
      GATEWAY_KEYS_FILE: secrets.apiKeysFile,
      GATEWAY_WEBHOOK_SECRETS_FILE: secrets.webhookSecretsFile,
      ONBOARDING_CONTACT_KEY: options.contactKey,
      ...options.env,
    },
  });
  const url = `http://${address}`;
  const webhookUrl = `${url}/webhooks/verifik/${secrets.webhookSecret}`;
  return { ...secrets, ...gateway, url, metricsUrl: `http://${metricsAddress}/metrics`, webhookUrl };
};
