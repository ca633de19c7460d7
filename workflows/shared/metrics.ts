import { metricMeter } from '@temporalio/workflow';
import type { PendingReportsResult } from '../../contract/report-routing.js';
import type { Change } from '../../domain/changes.js';

// The SDK does not count again on replay, but does if a workflow task is retried.

/** Counts an event that has been delivered to a service or abandoned. */
export const countCallback = (result: 'delivered' | 'abandoned'): void =>
  metricMeter.createCounter('onboarding_callbacks', 'callback', 'Events for services, by result').add(1, { result });

/** Counts why attempts at checks failed, and why checks wait for reviewers. */
export const countReasons = (changes: readonly Change[]): void => {
  const counter = metricMeter.createCounter(
    'onboarding_check_reasons',
    'reason',
    'Reasons of failed attempts and of reviews, by event and reason',
  );
  for (const change of changes) {
    if (change.type === 'onboarding.check.failed' && change.reason !== undefined)
      counter.add(1, { event: 'failed', reason: change.reason });
    if (change.type === 'onboarding.review.needed')
      for (const reason of change.reasons) counter.add(1, { event: 'review', reason });
  }
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
