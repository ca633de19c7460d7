import type { MetricMeter } from '@temporalio/common';
import type { UndecodablePayloadError } from '../codec/index.js';
import type { VerifikCall } from '../verifik/index.js';

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
