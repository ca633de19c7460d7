import { metricMeter } from '@temporalio/workflow';
import type { PendingReportsResult } from '../../contract/report-routing.js';
import { METRICS, type Measurement } from '../../domain/measurements.js';

// The SDK does not count again on replay, but does if a workflow task is retried.

/** Counts an event that has been delivered to a service or abandoned. */
export const countCallback = (result: 'delivered' | 'abandoned'): void =>
  metricMeter.createCounter('onboarding_callbacks', 'callback', 'Events for services, by result').add(1, { result });

/** Records what a step of an onboarding adds to the funnel. */
export const record = (measurements: readonly Measurement[]): void => {
  for (const { metric, seconds, labels } of measurements)
    if (seconds === undefined) metricMeter.createCounter(metric, 'onboarding', METRICS[metric]).add(1, labels);
    else metricMeter.createHistogram(metric, 'float', 's', METRICS[metric]).record(seconds, labels);
};

/** Counts all reports of a `pendingReports` workflow at its completion. */
export const countPendingReports = (results: PendingReportsResult): void => {
  const counter = metricMeter.createCounter(
    'onboarding_pending_reports',
    'report',
    'Reports that waited for an onboarding, by result',
  );
  for (const result of ['delivered', 'ended', 'dropped'] as const)
    if (results[result] > 0) counter.add(results[result], { result });
};
