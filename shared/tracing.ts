import * as t from 'io-ts';
import type { Logger } from 'pino';
import { refined } from './decoding.js';
import type { Tracing } from './open-telemetry.js';
import { BaseUrl, optional, orText, setting } from './settings.js';

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

interface TracingSettings {
  readonly tracesEndpoint?: string | undefined;
  readonly tracesUrl?: string | undefined;
  readonly tracesDisabled: boolean;
}

const urlOf = ({ tracesEndpoint, tracesUrl }: TracingSettings): string | undefined =>
  tracesUrl ?? (tracesEndpoint === undefined ? undefined : `${tracesEndpoint.replace(/\/$/, '')}/v1/traces`);

/** Starts tracing if a collector is set. Without one, OpenTelemetry's SDK is not loaded. */
export const openTracing = async (
  settings: TracingSettings,
  service: string,
  logger: Logger,
): Promise<Tracing | undefined> => {
  const url = urlOf(settings);
  if (url === undefined || settings.tracesDisabled) return undefined;
  const { startTracing } = await import('./open-telemetry.js');
  return startTracing(url, `verifik-onboarding-${service}`, logger);
};
