import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServiceProcess, startService } from './service-process.js';

/** An entry of the API keys file, without the key's name and digest. */
export interface ApiKeyEntry {
  readonly tenant: string;
  readonly scopes: readonly ('start' | 'read' | 'review' | 'erase' | 'personal-data')[];
  readonly expiresAt?: string;
  /** The endpoint that receives the callbacks of onboardings started with the key. */
  readonly callbacks?: string;
  readonly requestsPerMinute?: number;
}

/** The gateway's secrets, and the files that hold their digests. */
interface Secrets<K extends string> {
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
  /** Entries to generate API keys for, by name. */
  readonly keys: Readonly<Record<K, ApiKeyEntry>>;
  /** The secret in the webhook URL. Default: a random one. */
  readonly webhookSecret?: string;
  readonly contactKey: string;
  readonly taskQueue?: string;
  readonly keysFile: string;
  readonly logFile: string;
  /** Reuses the secrets of an earlier process. */
  readonly like?: Secrets<K>;
  /** Further environment variables. They override the others. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface GatewayProcess<K extends string = string> extends ServiceProcess, Secrets<K> {
  readonly url: string;
  readonly metricsUrl: string;
  /** The URL for Verifik's webhooks. Contains the secret. */
  readonly webhookUrl: string;
}

const newSecret = (): string => randomBytes(24).toString('base64url');

const digest = (secret: string): string => createHash('sha256').update(secret).digest('hex');

const isComplete = <K extends string>(
  entries: Readonly<Record<K, unknown>>,
  keys: Readonly<Record<string, string>>,
): keys is Readonly<Record<K, string>> => Object.keys(entries).every((name) => Object.hasOwn(keys, name));

const writeSecrets = async <K extends string>(
  entries: Readonly<Record<K, ApiKeyEntry>>,
  webhookSecret: string,
): Promise<Secrets<K>> => {
  const directory = await mkdtemp(join(tmpdir(), 'verifik-onboarding-'));
  const write = async (name: string, content: unknown): Promise<string> => {
    const file = join(directory, name);
    await writeFile(file, JSON.stringify(content), { mode: 0o600 });
    return file;
  };
  const made = Object.entries<ApiKeyEntry>(entries).map(([name, entry]) => ({ name, entry, key: newSecret() }));
  const listed = made.map(({ name, entry, key }) => ({ name, ...entry, sha256: digest(key) }));
  const keys = Object.fromEntries(made.map(({ name, key }) => [name, key]));
  if (!isComplete(entries, keys)) throw new Error('An API key entry has no key.');
  return {
    apiKeysFile: await write('api-keys.json', listed),
    webhookSecretsFile: await write('webhook-secrets.json', [{ name: 'verifik', sha256: digest(webhookSecret) }]),
    keys,
    webhookSecret,
  };
};

export const startGatewayProcess = async <K extends string>(
  options: GatewayProcessOptions<K>,
): Promise<GatewayProcess<K>> => {
  const { address, metricsAddress, taskQueue, keysFile, logFile } = options;
  const secrets = options.like ?? (await writeSecrets(options.keys, options.webhookSecret ?? newSecret()));
  const { apiKeysFile, webhookSecretsFile, keys, webhookSecret } = secrets;
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
      GATEWAY_KEYS_FILE: apiKeysFile,
      GATEWAY_WEBHOOK_SECRETS_FILE: webhookSecretsFile,
      ONBOARDING_CONTACT_KEY: options.contactKey,
      ...(taskQueue === undefined ? {} : { ONBOARDING_TASK_QUEUE: taskQueue }),
      ...options.env,
    },
  });
  const url = `http://${address}`;
  const webhookUrl = `${url}/webhooks/verifik/${webhookSecret}`;
  const metricsUrl = `http://${metricsAddress}/metrics`;
  return { ...gateway, url, metricsUrl, webhookUrl, apiKeysFile, webhookSecretsFile, keys, webhookSecret };
};
