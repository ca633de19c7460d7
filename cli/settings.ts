import { ENCRYPTION_SETTINGS } from '../codec/index.js';
import { CONTACT_KEY_SETTINGS } from '../shared/contact-key-settings.js';
import { FilePath, HttpUrl, Name, optional, Secret, setting } from '../shared/settings.js';

/**
 * The settings of the command line, by environment variable or by key in the configuration file. The connection to
 * Temporal has Temporal's own variables (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, …).
 */
export const SETTINGS = {
  ...CONTACT_KEY_SETTINGS,
  taskQueue: setting('ONBOARDING_TASK_QUEUE', Name, 'verifik-onboarding', 'The task queue that the workers serve.'),
  ...ENCRYPTION_SETTINGS,
  batchFolder: setting(
    'ONBOARDING_BATCH_FOLDER',
    FilePath,
    'batches',
    'The folder of batch files: lists of ids, and reports. The same folder as that of the workers. Only `batch` uses it.',
  ),
  verifikBaseUrl: setting(
    'VERIFIK_BASE_URL',
    HttpUrl,
    'https://api.verifik.co',
    "The base URL of Verifik's API. Only `doctor` uses this setting and the next two.",
  ),
  verifikClientToken: optional('VERIFIK_CLIENT_TOKEN', Secret, "The client's API token at Verifik. A secret."),
  verifikClientTokenFile: optional('VERIFIK_CLIENT_TOKEN_FILE', FilePath, 'A file that contains the token.'),
} as const;
