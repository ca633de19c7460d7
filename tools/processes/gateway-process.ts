import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServiceProcess, startService } from './service-process.js';

/** What an API key is to be good for, as its entry in the file of keys says it. */
export interface ApiKeyEntry {
  readonly tenant: string;
  readonly scopes: readonly ('start' | 'read' | 'review' | 'erase' | 'personal-data')[];
  readonly expiresAt?: string;
  /** The endpoint that the callbacks of onboardings go to that are started with the key. */
  readonly callbacks?: string;
  readonly requestsPerMinute?: number;
}

/** The secrets that let callers in, and the files that hold their digests. */
interface Secrets<K extends string> {
  readonly apiKeysFile: string;
  readonly webhookSecretsFile: string;
  /** API keys by the names of their entries. Secrets. */
  readonly keys: Readonly<Record<K, string>>;
  readonly webhookSecret: string;
}

export interface GatewayProcessOptions<K extends string> {
  readonly temporalAddress: string;
  readonly namespace: string;
  /** Where it is to answer: `127.0.0.1:8082`. */
  readonly address: string;
  readonly metricsAddress: string;
  /** The entries of API keys that are made up for it, by their names. */
  readonly keys: Readonly<Record<K, ApiKeyEntry>>;
  /** The secret that webhooks bear; one is made up where there is none. */
  readonly webhookSecret?: string;
  readonly contactKey: string;
  readonly taskQueue?: string;
  /** The file of the key ring that encrypts payloads. */
  readonly keysFile: string;
  /** Its log goes there, appended. */
  readonly logFile: string;
  /** A former process whose secrets are to be good for this one too. */
  readonly like?: Secrets<K>;
  /** Settings beside these. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A gateway in a process of its own. */
export interface GatewayProcess<K extends string = string> extends ServiceProcess, Secrets<K> {
  readonly url: string;
  readonly metricsUrl: string;
  /** Where Verifik's webhooks are to be sent. Holds the secret. */
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
  if (!isComplete(entries, keys)) throw new Error('not every entry has a key');
  return {
    apiKeysFile: await write('api-keys.json', listed),
    webhookSecretsFile: await write('webhook-secrets.json', [{ name: 'verifik', sha256: digest(webhookSecret) }]),
    keys,
    webhookSecret,
  };
};

/** Starts a gateway and answers when it is ready. */
export const startGatewayProcess = async <K extends string>(
  options: GatewayProcessOptions<K>,
): Promise<GatewayProcess<K>> => {
  const { address, metricsAddress, taskQueue, keysFile, logFile } = options;
  const secrets = options.like ?? (await writeSecrets(options.keys, options.webhookSecret ?? newSecret()));
  const { apiKeysFile, webhookSecretsFile, keys, webhookSecret } = secrets;
  const gateway = await startService({
    room: 'gateway',
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
