import { readFileSync } from 'node:fs';
import { SETTINGS as CODEC_SERVER_SETTINGS } from '../../codec-server/settings.js';
import { SETTINGS as GATEWAY_SETTINGS } from '../../gateway/settings.js';
import { SETTINGS as WORKER_SETTINGS } from '../../worker/settings.js';

export const PROCESSES = ['worker', 'gateway', 'codec-server'] as const;

/** The variables of the connection to Temporal: those that the SDK reads. */
export const CONNECTION_SETTINGS: readonly string[] =
  readFileSync(
    new URL('../../node_modules/@temporalio/envconfig/lib/envconfig-toml.js', import.meta.url),
    'utf8',
  ).match(/\bTEMPORAL_\w*[A-Z]\b/g) ?? [];

const TEMPORAL = ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE'];

const envNames = (settings: Readonly<Record<string, { readonly env: string }>>): readonly string[] => [
  ...TEMPORAL,
  ...Object.values(settings).map(({ env }) => env),
];

/** The environment variables that each process reads. */
export const KNOWN_SETTINGS = {
  worker: envNames(WORKER_SETTINGS),
  gateway: envNames(GATEWAY_SETTINGS),
  'codec-server': envNames(CODEC_SERVER_SETTINGS),
} as const;
