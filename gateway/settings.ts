import { ENCRYPTION_SETTINGS } from '../codec/index.js';
import { DEFAULT_TASK_QUEUE } from '../contract/messages.js';
import { PUBLISH_CHECKS_WITHIN_MS } from '../contract/search-attributes.js';
import { CONTACT_KEY_SETTINGS } from '../shared/contact-key-settings.js';
import { Address, count, FilePath, LogLevel, Name, optional, setting } from '../shared/settings.js';
import { DAY_MS } from '../shared/time.js';

const KIB = 1024;

/**
 * Everything that the gateway can be told, by environment variable or, under the key's own name, in the configuration file. How
 * Temporal is reached is told by Temporal's own variables (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, …).
 */
export const SETTINGS = {
  address: setting('GATEWAY_ADDRESS', Address, '127.0.0.1:8082', 'Where it answers.'),
  metricsAddress: setting('GATEWAY_METRICS_ADDRESS', Address, '127.0.0.1:9466', 'Where /metrics answers (Prometheus).'),
  keysFile: optional(
    'GATEWAY_KEYS_FILE',
    FilePath,
    'A file with the digests of the API keys and what they are good for. It is looked at on each call.',
  ),
  webhookSecretsFile: optional(
    'GATEWAY_WEBHOOK_SECRETS_FILE',
    FilePath,
    "A file with the digests of the secrets that Verifik's webhooks bear. Without it, there are no webhooks.",
  ),
  ...CONTACT_KEY_SETTINGS,
  taskQueue: setting('ONBOARDING_TASK_QUEUE', Name, DEFAULT_TASK_QUEUE, 'The task queue that the workers serve.'),
  publishChecksWithinMs: setting(
    'ONBOARDING_PUBLISH_CHECKS_WITHIN_MS',
    count(0, DAY_MS),
    PUBLISH_CHECKS_WITHIN_MS,
    'How long lists may still call a check pending that has been reported as passed, in ms. Each publication is an event and a billable action.',
  ),
  bodyLimitBytes: setting(
    'GATEWAY_BODY_LIMIT_BYTES',
    count(KIB, KIB * KIB),
    64 * KIB,
    'The largest body that a call may have, in bytes.',
  ),
  requestTimeoutMs: setting(
    'GATEWAY_REQUEST_TIMEOUT_MS',
    count(100, 120_000),
    10_000,
    'How long a call may take to come in whole, in ms.',
  ),
  callTimeoutMs: setting(
    'GATEWAY_CALL_TIMEOUT_MS',
    count(100, 120_000),
    30_000,
    'How long Temporal and the workers may take to answer a call, in ms. An erasure has two minutes.',
  ),
  drainMs: setting(
    'GATEWAY_DRAIN_MS',
    count(0, 600_000),
    30_000,
    'How long calls under way may take after SIGTERM, in ms.',
  ),
  requestsPerMinute: setting(
    'GATEWAY_REQUESTS_PER_MINUTE',
    count(1, 1_000_000),
    600,
    'How often an API key may ask whose entry says nothing else.',
  ),
  strangersPerMinute: setting(
    'GATEWAY_STRANGERS_PER_MINUTE',
    count(1, 1_000_000),
    60,
    'How often an address may ask without a good API key.',
  ),
  streamsPerKey: setting(
    'GATEWAY_STREAMS_PER_KEY',
    count(1, 10_000),
    100,
    'How many event streams an API key may have open.',
  ),
  logLevel: setting('ONBOARDING_LOG_LEVEL', LogLevel, 'info', 'debug, info, warn or error.'),
  ...ENCRYPTION_SETTINGS,
} as const;
