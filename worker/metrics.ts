import type { MetricMeter } from '@temporalio/common';
import type { UndecodablePayloadError } from '../codec/index.js';
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

/** Counts payloads that cannot be decoded, by why and the key's id: as long as it grows, workflows are waiting. */
export const countUndecodable = (meter: MetricMeter): ((error: UndecodablePayloadError) => void) => {
  const undecodable = meter.createCounter(
    'onboarding_undecodable_payloads',
    'payload',
    'Payloads whose encryption key is missing, or that cannot be read with it',
  );
  const seen = new Set<string>();
  return ({ why, keyId }) => {
    if (seen.size < MAX_KEY_LABELS) seen.add(keyId);
    undecodable.add(1, { why, key_id: seen.has(keyId) ? keyId : 'other' });
  };
};
