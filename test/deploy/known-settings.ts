import { SETTINGS as CODEC_SERVER_SETTINGS } from '../../codec-server/settings.js';
import { SETTINGS as GATEWAY_SETTINGS } from '../../gateway/settings.js';
import { SETTINGS as WORKER_SETTINGS } from '../../worker/settings.js';

export const PROCESSES = ['worker', 'gateway', 'codec-server'] as const;

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
