import * as t from 'io-ts';
import { matching, refined, wholeNumber } from '../domain/decoding.js';

const isHttpUrl = (text: string): boolean => {
  try {
    return ['http:', 'https:'].includes(new URL(text).protocol);
  } catch {
    return false;
  }
};

const HttpUrl = refined(t.string, 'an http or https URL', isHttpUrl);
const Address = matching(/^[\w.:[\]-]+:\d{1,5}$/, 'an address such as 127.0.0.1:9464');
const FilePath = matching(/^.{1,4096}$/, "a file's path");
const Name = matching(/^[\w.-]{1,200}$/, 'a name of letters, digits and . _ -');
const Secret = matching(/^\S{8,}$/, 'a secret without white space');
const LogLevel = t.keyof({ debug: null, info: null, warn: null, error: null }, 'debug, info, warn or error');

/** A whole number that may also come as text, as it does from the environment. */
const count = (least: number, most: number) => {
  const number = wholeNumber(least, most);
  return new t.Type<number, number, unknown>(
    number.name,
    number.is,
    (u, context) => {
      const value = typeof u === 'string' && /^\d+$/.test(u) ? Number(u) : u;
      return number.is(value) ? t.success(value) : t.failure(u, context, number.name);
    },
    t.identity,
  );
};

/** One thing that can be configured. */
export interface Setting<A> {
  readonly env: string;
  readonly codec: t.Decoder<unknown, A>;
  readonly fallback: A;
  readonly meaning: string;
}

const setting = <A>(env: string, codec: t.Decoder<unknown, A>, fallback: A, meaning: string): Setting<A> => ({
  env,
  codec,
  fallback,
  meaning,
});

const optional = <A>(env: string, codec: t.Decoder<unknown, A>, meaning: string): Setting<A | undefined> => ({
  env,
  codec,
  fallback: undefined,
  meaning,
});

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
  taskQueue: setting('ONBOARDING_TASK_QUEUE', Name, 'verifik-onboarding', 'The task queue that the worker serves.'),
  workflowBundle: optional(
    'ONBOARDING_WORKFLOW_BUNDLE',
    FilePath,
    'The prebuilt workflow bundle. In production (NODE_ENV) by default the one that the build made; otherwise made at start.',
  ),
  maxCachedWorkflows: optional(
    'ONBOARDING_MAX_CACHED_WORKFLOWS',
    count(10, 100_000),
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

export type SettingName = keyof typeof SETTINGS;
