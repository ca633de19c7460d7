import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { listWorkflows } from '../codec/memos.js';
import type { ReportActivities, ReportsOutcome } from '../contract/activities.js';
import { reportsSignal } from '../contract/messages.js';
import { findByRoute, firstOf, type ListRuns } from '../contract/report-routing.js';

const idsOf =
  (temporal: Client): ListRuns<string> =>
  async (query, atMost) =>
    (await firstOf(listWorkflows(temporal, { query, pageSize: atMost }), atMost)).map(({ workflowId }) => workflowId);

/** Finds the onboardings of a route, and sends each all reports in one signal. */
export const deliverReports = async (
  temporal: Client,
  { route, reports }: Parameters<ReportActivities['deliverReports']>[0],
): Promise<ReportsOutcome> => {
  const found = await findByRoute(route, idsOf(temporal), Date.now());
  if (found.kind !== 'running') return found.kind;
  const signalled = await Promise.all(
    found.onboardings.map(async (workflowId) => {
      try {
        await temporal.workflow.getHandle(workflowId).signal(reportsSignal, reports);
        return true;
      } catch (error) {
        // It has ended, and visibility does not show it yet.
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    }),
  );
  return signalled.includes(true) ? 'delivered' : 'ended';
};
