import { metricMeter } from '@temporalio/workflow';
import type { ParkedReportsResult } from '../../contract/report-routing.js';

/**
 * Counts an event that has been sent to a service, or given up. Among the worker's metrics, like all that is counted here: not again when
 * a history is replayed, but again where a workflow task is done again.
 */
export const countCallback = (result: 'delivered' | 'givenUp'): void =>
  metricMeter
    .createCounter('onboarding_callbacks', 'callback', 'Events sent to services, by what became of them')
    .add(1, { result });

/** Counts the reports that a workflow kept, when nothing waits there any more. */
export const countParkedReports = (results: ParkedReportsResult): void => {
  const counter = metricMeter.createCounter(
    'onboarding_parked_reports',
    'report',
    'Reports that waited for an onboarding, by what became of them',
  );
  for (const result of ['delivered', 'over', 'dropped'] as const)
    if (results[result] > 0) counter.add(results[result], { result });
};
