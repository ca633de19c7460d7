import { EVIDENCE_SETTINGS } from '../codec/evidence/signing-keys.js';
import { ENCRYPTION_SETTINGS } from '../codec/index.js';
import { DEFAULT_TASK_QUEUE } from '../contract/messages.js';
import { PUBLISH_CHECKS_WITHIN_MS } from '../contract/search-attributes.js';
import { CONTACT_KEY_SETTINGS } from '../shared/contact-keys.js';
import { listenAddress } from '../shared/listening.js';
import { count, FilePath, LogLevel, Name, optional, setting } from '../shared/settings.js';
import { DAY_MS } from '../shared/time.js';
import { TRACING_SETTINGS } from '../shared/tracing.js';

const KIB = 1024;

/**
 * The settings of the gateway. docs/gateway.md has the same table. Temporal's own variables set the connection to
 * Temporal.
 */
export const SETTINGS = {
  address: listenAddress('GATEWAY_ADDRESS', '127.0.0.1:8082', 'The address of the server.'),
  metricsAddress: listenAddress('GATEWAY_METRICS_ADDRESS', '127.0.0.1:9466', 'The address of /metrics (Prometheus).'),
  keysFile: optional(
    'GATEWAY_KEYS_FILE',
    FilePath,
    'A file with the API keys: their digests, tenants and scopes. It is read again when it changes.',
  ),
  webhookSecretsFile: optional(
    'GATEWAY_WEBHOOK_SECRETS_FILE',
    FilePath,
    "A file with the digests of the secrets of Verifik's webhooks. Without it, the gateway accepts no webhooks.",
  ),
  ...CONTACT_KEY_SETTINGS,
  taskQueue: setting('ONBOARDING_TASK_QUEUE', Name, DEFAULT_TASK_QUEUE, 'The task queue that the workers serve.'),
  publishChecksWithinMs: setting(
    'ONBOARDING_PUBLISH_CHECKS_WITHIN_MS',
    count(0, DAY_MS),
    PUBLISH_CHECKS_WITHIN_MS,
    'The longest time for which lists may still show a check as pending that has been reported as passed, in ms. Each publication is an event in the history and a billable action.',
  ),
  bodyLimitBytes: setting(
    'GATEWAY_BODY_LIMIT_BYTES',
    count(KIB, KIB * KIB),
    64 * KIB,
    'The size limit of a request body, in bytes.',
  ),
  requestTimeoutMs: setting(
    'GATEWAY_REQUEST_TIMEOUT_MS',
    count(100, 120_000),
    10_000,
    'The time limit for receiving a complete request, in ms.',
  ),
  callTimeoutMs: setting(
    'GATEWAY_CALL_TIMEOUT_MS',
    count(100, 120_000),
    30_000,
    'The time limit for Temporal and the workers to answer a call, in ms. An erasure has two minutes.',
  ),
  drainMs: setting(
    'GATEWAY_DRAIN_MS',
    count(0, 600_000),
    30_000,
    'The time limit for requests in flight after SIGTERM, in ms.',
  ),
  requestsPerMinute: setting(
    'GATEWAY_REQUESTS_PER_MINUTE',
    count(1, 1_000_000),
    600,
    'The rate limit of an API key without a limit of its own, per gateway.',
  ),
  unauthenticatedPerMinute: setting(
    'GATEWAY_UNAUTHENTICATED_PER_MINUTE',
    count(1, 1_000_000),
    60,
    'The rate limit of an IP address for requests without a valid API key or webhook secret, per gateway.',
  ),
  streamsPerKey: setting(
    'GATEWAY_STREAMS_PER_KEY',
    count(1, 10_000),
    100,
    'The maximum number of open event streams and waiting requests of an API key, per gateway.',
  ),
  logLevel: setting('ONBOARDING_LOG_LEVEL', LogLevel, 'info', 'debug, info, warn or error.'),
  ...ENCRYPTION_SETTINGS,
  ...EVIDENCE_SETTINGS,
  ...TRACING_SETTINGS,
} as const;
