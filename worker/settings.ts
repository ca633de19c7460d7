import { ENCRYPTION_SETTINGS } from '../codec/index.js';
import { CONTACT_KEY_SETTINGS } from '../shared/contact-key-settings.js';
import { Address, count, FilePath, HttpUrl, LogLevel, Name, optional, Secret, setting } from '../shared/settings.js';
import { DEPLOYMENT_VERSION_SETTINGS } from './deployment-version-settings.js';

/**
 * Everything that a worker can be told, by environment variable or, under the key's own name, in the configuration file. How
 * Temporal is reached is told by Temporal's own variables (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, …).
 */
export const SETTINGS = {
  verifikBaseUrl: setting('VERIFIK_BASE_URL', HttpUrl, 'https://api.verifik.co', "Where Verifik's API answers."),
  verifikClientToken: optional('VERIFIK_CLIENT_TOKEN', Secret, "The client's API token at Verifik. A secret."),
  verifikClientTokenFile: optional(
    'VERIFIK_CLIENT_TOKEN_FILE',
    FilePath,
    'A file that holds the token instead; it is read again when Verifik refuses the token.',
  ),
  verifikTimeoutMs: setting(
    'VERIFIK_TIMEOUT_MS',
    count(100, 120_000),
    30_000,
    'Total time for one call to Verifik, in ms.',
  ),
  ...ENCRYPTION_SETTINGS,
  taskQueue: setting('ONBOARDING_TASK_QUEUE', Name, 'verifik-onboarding', 'The task queue that the worker serves.'),
  ...DEPLOYMENT_VERSION_SETTINGS,
  callbacksFile: optional(
    'ONBOARDING_CALLBACKS_FILE',
    FilePath,
    'A file of the endpoints that events are sent to (docs/events.md); it is read again when it changes.',
  ),
  verifikCallsPerSecond: setting(
    'VERIFIK_CALLS_PER_SECOND',
    count(1, 1_000),
    20,
    'How many calls a second all batches together may make to Verifik: its limit for the account, less what live onboardings need. The same in every worker.',
  ),
  batchFolder: setting(
    'ONBOARDING_BATCH_FOLDER',
    FilePath,
    'batches',
    'Where batches find their files of ids and leave their reports (docs/batches.md). The same folder for every worker.',
  ),
  ...CONTACT_KEY_SETTINGS,
  workflowBundle: optional(
    'ONBOARDING_WORKFLOW_BUNDLE',
    FilePath,
    'The prebuilt workflow bundle. In production (NODE_ENV) by default the one that the build made; otherwise made at start.',
  ),
  maxCachedWorkflows: optional(
    'ONBOARDING_MAX_CACHED_WORKFLOWS',
    count(2, 100_000),
    'Onboardings that are kept in memory between events.',
  ),
  shutdownGraceMs: setting(
    'ONBOARDING_SHUTDOWN_GRACE_MS',
    count(0, 600_000),
    30_000,
    'How long running activities may go on after SIGTERM, in ms.',
  ),
  healthAddress: setting('ONBOARDING_HEALTH_ADDRESS', Address, '127.0.0.1:8090', 'Where /healthz and /readyz answer.'),
  metricsAddress: setting(
    'ONBOARDING_METRICS_ADDRESS',
    Address,
    '127.0.0.1:9464',
    'Where /metrics answers (Prometheus).',
  ),
  logLevel: setting('ONBOARDING_LOG_LEVEL', LogLevel, 'info', 'debug, info, warn or error.'),
} as const;
