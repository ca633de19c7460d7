import { ENCRYPTION_SETTINGS } from '../codec/index.js';
import { CONTACT_KEY_SETTINGS } from '../shared/contact-key-settings.js';
import { FilePath, HttpUrl, Name, optional, Secret, setting } from '../shared/settings.js';

/**
 * Everything that the command can be told, by environment variable or, under the key's own name, in the configuration file. How
 * Temporal is reached is told by Temporal's own variables (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, …).
 */
export const SETTINGS = {
  ...CONTACT_KEY_SETTINGS,
  taskQueue: setting('ONBOARDING_TASK_QUEUE', Name, 'verifik-onboarding', 'The task queue that the workers serve.'),
  ...ENCRYPTION_SETTINGS,
  batchFolder: setting(
    'ONBOARDING_BATCH_FOLDER',
    FilePath,
    'batches',
    'Where batches find their files of ids and leave their reports: the folder of the workers. For `batch` alone.',
  ),
  verifikBaseUrl: setting(
    'VERIFIK_BASE_URL',
    HttpUrl,
    'https://api.verifik.co',
    "Where Verifik's API answers. For `doctor` alone, as the next two.",
  ),
  verifikClientToken: optional('VERIFIK_CLIENT_TOKEN', Secret, "The client's API token at Verifik. A secret."),
  verifikClientTokenFile: optional('VERIFIK_CLIENT_TOKEN_FILE', FilePath, 'A file that holds the token instead.'),
} as const;
