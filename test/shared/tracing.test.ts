import { pino } from 'pino';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openTracing, readSdkVariables } from '../../shared/tracing.js';

const TRACES = { tracesEndpoint: 'http://127.0.0.1:1', tracesDisabled: true };

it.each([
  ['without a collector', { tracesDisabled: false }],
  ['with a collector, if the SDK is disabled', TRACES],
])('nothing is traced %s', async (_, settings) => {
  expect(await openTracing(settings, 'worker', pino({ level: 'silent' }))).toBeUndefined();
});

it.each([
  ['OTEL_TRACES_SAMPLER', 'bogus', 'a sampler'],
  ['OTEL_TRACES_SAMPLER_ARG', 'abc', 'a rate from 0 to 1'],
  ['OTEL_TRACES_SAMPLER_ARG', '1.5', 'a rate from 0 to 1'],
  ['OTEL_BSP_SCHEDULE_DELAY', 'abc', 'a whole number'],
  ['OTEL_EXPORTER_OTLP_TIMEOUT', '10s', 'a whole number'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'authorization: secret', 'name=value'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'a=b,secret', 'name=value'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'a=%secret', 'name=value'],
  ['OTEL_RESOURCE_ATTRIBUTES', 'team', 'name=value'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'http/json'],
])('a process that traces does not start with %s=%s, and does not repeat the value', async (name, value, expected) => {
  vi.stubEnv(name, value);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const opening = openTracing({ ...TRACES, tracesDisabled: false }, 'worker', pino({ level: 'silent' }));
  await expect(opening).rejects.toThrow(`${name}: expected ${expected}`);
  await expect(opening).rejects.not.toThrow('secret');
});

it('variables of the SDK in its forms are accepted, and empty ones count as not set', () => {
  const env = {
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.25',
    OTEL_BSP_SCHEDULE_DELAY: '500',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc==, x-tenant = shop',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=staging',
    OTEL_EXPORTER_OTLP_PROTOCOL: '',
    HOME: '/root',
  };
  expect(readSdkVariables(env)).toMatchObject({ _tag: 'Right' });
});
