import { ApplicationFailure, type MetricMeter } from '@temporalio/common';
import { DefaultLogger, Runtime, type Logger as TemporalLogger } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { UndecodablePayloadError } from '../codec/index.js';
import { DURATIONS } from '../domain/measurements.js';
import { shownError } from '../shared/logging.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../shared/time.js';
import type { VerifikCall } from '../verifik/index.js';

const PINO_LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** The SDK warns about every worker without workflows. The vendor worker runs activities only. */
const NO_WORKFLOWS = 'No workflows registered, not polling for workflow tasks';

/** A failure that an activity or a workflow throws on purpose has no stack in the log: its type says enough. */
const shown = (error: unknown) => {
  if (!(error instanceof ApplicationFailure)) return error instanceof Error ? shownError(error) : error;
  const { name, type, message } = error;
  return { name, type, message };
};

/** Creates a logger for the SDK that writes to pino. */
export const temporalLogger = (logger: Logger): TemporalLogger =>
  new DefaultLogger('TRACE', ({ level, message, meta }) => {
    const { error, ...rest }: Record<string, unknown> = { ...meta };
    const entry = error === undefined ? rest : { ...rest, error: shown(error) };
    logger[message === NO_WORKFLOWS ? 'debug' : PINO_LEVELS[level]](entry, message);
  });

/** From 10 seconds to 30 days: the SDK's own buckets are for latencies. In seconds. */
const DURATION_BUCKETS = [
  ...[10 * SECOND_MS, 30 * SECOND_MS, MINUTE_MS, 3 * MINUTE_MS, 10 * MINUTE_MS, 30 * MINUTE_MS],
  ...[HOUR_MS, 3 * HOUR_MS, 12 * HOUR_MS, DAY_MS, 3 * DAY_MS, 7 * DAY_MS, 14 * DAY_MS, 30 * DAY_MS],
].map((ms) => ms / SECOND_MS);

/**
 * Installs the SDK's runtime, which logs to the process's log, also the lines of its native part, and serves metrics at
 * an address of its own. The process handles signals itself, because the SDK ignores them while workers start.
 */
export const installRuntime = (bindAddress: string, logger: Logger): Runtime => {
  const runtime = Runtime.install({
    logger: temporalLogger(logger),
    shutdownSignals: [],
    telemetryOptions: {
      logging: { forward: {} },
      metrics: {
        prometheus: {
          bindAddress,
          countersTotalSuffix: true,
          unitSuffix: true,
          useSecondsForDurations: true,
          histogramBucketOverrides: Object.fromEntries(DURATIONS.map((name) => [name, DURATION_BUCKETS])),
        },
      },
    },
  });
  // The runtime delays its log entries to sort them by time.
  process.once('exit', () => runtime.flushLogs());
  return runtime;
};

/** Returns a function that records calls to Verifik by endpoint and outcome, and their duration by endpoint. */
export const countVendorCalls = (meter: MetricMeter): ((call: VerifikCall) => void) => {
  const calls = meter.createCounter('verifik_calls', 'call', 'Calls to Verifik');
  const durations = meter.createHistogram('verifik_call_duration', 'float', 's', 'Duration of calls to Verifik');
  return ({ endpoint, outcome, durationMs }) => {
    calls.add(1, { endpoint, outcome });
    durations.record(durationMs / 1_000, { endpoint });
  };
};

/** Limits the metric's labels, as a payload may name any key. Further keys are counted as `other`. */
const MAX_KEY_LABELS = 20;

/**
 * Returns a function that counts payloads that cannot be decoded, by reason and key id. Workflows wait while the count
 * grows.
 */
export const countUndecodable = (meter: MetricMeter): ((error: UndecodablePayloadError) => void) => {
  const undecodable = meter.createCounter(
    'onboarding_undecodable_payloads',
    'payload',
    'Payloads that cannot be decrypted, or whose key is missing',
  );
  const seen = new Set<string>();
  return ({ why, keyId }) => {
    if (seen.size < MAX_KEY_LABELS) seen.add(keyId);
    undecodable.add(1, { why, key_id: seen.has(keyId) ? keyId : 'other' });
  };
};
