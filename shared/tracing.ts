import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { Logger } from 'pino';
import { type Environment, MisconfiguredError } from './config.js';
import { decodeFields, describeFieldErrors, matching, type Read, refined } from './decoding.js';
import type { Tracing } from './open-telemetry.js';
import { BaseUrl, count, optional, orText, setting } from './settings.js';

const FLAGS = new Map([
  ['true', true],
  ['false', false],
]);

const Flag = orText(
  refined(t.boolean, 'true or false', () => true),
  (text) => FLAGS.get(text.toLowerCase()) ?? text,
);

/** The settings of traces, for each process that has spans. docs/tracing.md names the variables that the SDK reads. */
export const TRACING_SETTINGS = {
  tracesEndpoint: optional(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    BaseUrl,
    'The collector that receives traces by OTLP over HTTP, without `/v1/traces` (docs/tracing.md). None: no traces.',
  ),
  tracesUrl: optional('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', BaseUrl, 'The complete URL for traces instead.'),
  tracesDisabled: setting('OTEL_SDK_DISABLED', Flag, false, 'If `true`, there are no traces.'),
} as const;

const isPair = (text: string): boolean => {
  try {
    return /^[\w!#$%&'*+.^`|~-]+\s*=\s*\S/.test(decodeURIComponent(text.trim()));
  } catch {
    return false;
  }
};

const Pairs = refined(t.string, 'name=value, separated by commas, in URL encoding', (text) =>
  text.split(',').every(isPair),
);

const Protocol = t.literal('http/json', 'http/json, the only protocol of traces');

const Milliseconds = count(1, 2_147_483_647);

/** The SDK silently replaces wrong values of its variables by its defaults: a rate of 1 instead of a hundredth. */
const SdkVariables = t.partial({
  OTEL_EXPORTER_OTLP_HEADERS: Pairs,
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: Pairs,
  OTEL_EXPORTER_OTLP_PROTOCOL: Protocol,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: Protocol,
  OTEL_EXPORTER_OTLP_TIMEOUT: Milliseconds,
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: Milliseconds,
  OTEL_BSP_SCHEDULE_DELAY: Milliseconds,
  OTEL_RESOURCE_ATTRIBUTES: Pairs,
  OTEL_TRACES_SAMPLER: matching(/^(parentbased_)?(always_on|always_off|traceidratio)$/, 'a sampler of docs/tracing.md'),
  OTEL_TRACES_SAMPLER_ARG: matching(/^(0?\.\d{1,20}|[01](\.0{1,20})?)$/, 'a rate from 0 to 1, such as 0.01'),
});

/** Decodes the variables that OpenTelemetry's SDK reads itself. Errors never have a value: headers are secret. */
export const readSdkVariables = (env: Environment): Read<unknown> =>
  decodeFields(SdkVariables)(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));

interface TracingSettings {
  readonly tracesEndpoint?: string | undefined;
  readonly tracesUrl?: string | undefined;
  readonly tracesDisabled: boolean;
}

const urlOf = ({ tracesEndpoint, tracesUrl }: TracingSettings): string | undefined =>
  tracesUrl ?? (tracesEndpoint === undefined ? undefined : `${tracesEndpoint.replace(/\/$/, '')}/v1/traces`);

/**
 * Starts tracing if a collector is set. Without one, OpenTelemetry's SDK is not loaded.
 *
 * @throws MisconfiguredError naming the variables of the SDK that are wrong.
 */
export const openTracing = async (
  settings: TracingSettings,
  service: string,
  logger: Logger,
): Promise<Tracing | undefined> => {
  const url = urlOf(settings);
  if (url === undefined || settings.tracesDisabled) return undefined;
  const variables = readSdkVariables(process.env);
  if (E.isLeft(variables)) throw new MisconfiguredError(describeFieldErrors(variables.left));
  const { startTracing } = await import('./open-telemetry.js');
  return startTracing(url, `verifik-onboarding-${service}`, logger);
};
