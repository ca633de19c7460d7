import * as t from 'io-ts';
import { EVIDENCE_SETTINGS } from '../codec/evidence/signing-keys.js';
import { ENCRYPTION_SETTINGS } from '../codec/index.js';
import { POLICIES_FILE } from '../domain/policy/named.js';
import { CONTACT_KEY_SETTINGS } from '../shared/contact-keys.js';
import { listenAddress } from '../shared/listening.js';
import { BaseUrl, count, FilePath, LogLevel, Name, optional, Secret, setting } from '../shared/settings.js';
import { TRACING_SETTINGS } from '../shared/tracing.js';
import { ACCOUNTS_FILE } from '../verifik/accounts.js';
import { DEPLOYMENT_VERSION_SETTINGS } from './deployment-version-settings.js';
import { TUNING_SETTINGS } from './tuning.js';

const WorkflowThread = t.keyof({ fast: null, sdk: null }, 'fast or sdk');

/**
 * The worker's settings, as environment variables or, by their keys, in the configuration file. The connection to
 * Temporal is configured by Temporal's own variables (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, …).
 */
export const SETTINGS = {
  verifikBaseUrl: setting('VERIFIK_BASE_URL', BaseUrl, 'https://api.verifik.co', "The base URL of Verifik's API."),
  verifikClientToken: optional('VERIFIK_CLIENT_TOKEN', Secret, "The client's API token at Verifik. A secret."),
  verifikClientTokenFile: optional(
    'VERIFIK_CLIENT_TOKEN_FILE',
    FilePath,
    'A file that contains the token instead. It is read again when Verifik rejects the token.',
  ),
  verifikAccountsFile: optional(
    ACCOUNTS_FILE,
    FilePath,
    'A file of further accounts at Verifik, each with its projects and its client token. Other projects have the client token above, if it is set. It is read again when it changes.',
  ),
  verifikTimeoutMs: setting(
    'VERIFIK_TIMEOUT_MS',
    count(100, 120_000),
    30_000,
    'The total timeout of a call to Verifik, in ms.',
  ),
  ...ENCRYPTION_SETTINGS,
  ...EVIDENCE_SETTINGS,
  taskQueue: setting('ONBOARDING_TASK_QUEUE', Name, 'verifik-onboarding', 'The task queue that the worker polls.'),
  ...DEPLOYMENT_VERSION_SETTINGS,
  callbacksFile: optional(
    'ONBOARDING_CALLBACKS_FILE',
    FilePath,
    'The file of the endpoints that receive events (docs/events.md). It is read again when it changes.',
  ),
  policiesFile: optional(
    POLICIES_FILE.env,
    FilePath,
    'The file of the named policies (docs/onboarding.md). It is read again when it changes.',
  ),
  verifikCallsPerSecond: setting(
    'VERIFIK_CALLS_PER_SECOND',
    count(1, 1_000),
    20,
    "The maximum number of calls a second that all batches in an account together make to Verifik: the account's limit minus the calls of live onboardings. The same in every worker.",
  ),
  batchFolder: optional(
    'ONBOARDING_BATCH_FOLDER',
    FilePath,
    "The folder of the source files and reports of batches (docs/batches.md). All workers must share it. By default, `verifik-onboarding/batches` in the user's data folder (`XDG_DATA_HOME`, or `~/.local/share`).",
  ),
  ...CONTACT_KEY_SETTINGS,
  workflowBundle: optional(
    'ONBOARDING_WORKFLOW_BUNDLE',
    FilePath,
    'The prebuilt workflow bundle. By default, production (NODE_ENV) uses the one of the build; otherwise the worker bundles at its start.',
  ),
  ...TUNING_SETTINGS,
  workflowThread: setting(
    'ONBOARDING_WORKFLOW_THREAD',
    WorkflowThread,
    'fast',
    "`fast`, or `sdk`: the SDK's own thread takes a quarter more CPU, and gives the Temporal UI its call stacks (docs/scaling.md).",
  ),
  shutdownGraceMs: setting(
    'ONBOARDING_SHUTDOWN_GRACE_MS',
    count(0, 600_000),
    30_000,
    'The time that running activities have to finish after SIGTERM, in ms.',
  ),
  healthAddress: listenAddress('ONBOARDING_HEALTH_ADDRESS', '127.0.0.1:8090', 'The address of /healthz and /readyz.'),
  metricsAddress: listenAddress(
    'ONBOARDING_METRICS_ADDRESS',
    '127.0.0.1:9464',
    'The address of /metrics (Prometheus).',
  ),
  logLevel: setting('ONBOARDING_LOG_LEVEL', LogLevel, 'info', 'debug, info, warn or error.'),
  ...TRACING_SETTINGS,
} as const;

const { taskQueue, workflowBundle, cacheMb, maxCachedWorkflows, workflowThread, ...others } = SETTINGS;
const { healthAddress, metricsAddress, logLevel, tracesEndpoint, tracesUrl, tracesDisabled, ...used } = others;

/** The settings of the worker process alone: a worker of your own has options of the SDK instead. */
export const PROCESS_SETTINGS = {
  ...{ taskQueue, workflowBundle, cacheMb, maxCachedWorkflows, workflowThread },
  ...{ healthAddress, metricsAddress, logLevel, tracesEndpoint, tracesUrl, tracesDisabled },
} as const;

/** The settings that the plugin reads. */
export const PLUGIN_SETTINGS = used;
