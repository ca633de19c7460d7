import { pino } from 'pino';
import { expect, it } from 'vitest';
import { openTracing } from '../../shared/tracing.js';

const TRACES = { tracesEndpoint: 'http://127.0.0.1:1', tracesDisabled: true };

it.each([
  ['without a collector', { tracesDisabled: false }],
  ['with a collector, if the SDK is disabled', TRACES],
])('nothing is traced %s', async (_, settings) => {
  expect(await openTracing(settings, 'worker', pino({ level: 'silent' }))).toBeUndefined();
});
