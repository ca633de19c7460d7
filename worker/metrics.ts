import type { MetricMeter } from '@temporalio/common';
import type { VerifikCall } from '../verifik/index.js';

/** Counts the calls to Verifik and their duration, by endpoint and what became of them, among the worker's other metrics. */
export const countVendorCalls = (meter: MetricMeter): ((call: VerifikCall) => void) => {
  const calls = meter.createCounter('verifik_calls', 'call', 'Calls to Verifik');
  const durations = meter.createHistogram('verifik_call_duration', 'float', 's', 'Duration of calls to Verifik');
  return ({ endpoint, outcome, durationMs }) => {
    calls.add(1, { endpoint, outcome });
    durations.record(durationMs / 1_000, { endpoint });
  };
};

/** A payload can name any key: beyond so many different ones they are counted together, so that labels stay few. */
const MAX_KEY_LABELS = 20;

/** Counts payloads whose encryption key is not in the key ring, by the key's id: as long as it grows, workflows are waiting. */
export const countMissingKeys = (meter: MetricMeter): ((keyId: string) => void) => {
  const missing = meter.createCounter(
    'onboarding_payload_keys_missing',
    'payload',
    'Payloads whose encryption key is not in the key ring',
  );
  const seen = new Set<string>();
  return (keyId) => {
    if (seen.size < MAX_KEY_LABELS) seen.add(keyId);
    missing.add(1, { key_id: seen.has(keyId) ? keyId : 'other' });
  };
};
