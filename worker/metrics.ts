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
