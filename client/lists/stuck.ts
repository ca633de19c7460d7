import type { WorkflowService } from '@temporalio/client';
import pMap from 'p-map';
import { ONBOARDING_WORKFLOW } from '../../contract/messages.js';
import { quoted } from '../../contract/report-routing.js';
import { defined } from '../../shared/defined.js';
import { unlessNotFound } from '../calls/runs.js';

export interface TemporalNamespace {
  readonly workflowService: WorkflowService;
  readonly namespace: string;
}

interface Execution {
  readonly execution?: { readonly workflowId?: string | null; readonly runId?: string | null } | null;
}

export interface StuckSearch {
  /** A condition of the visibility query. It holds for every onboarding that is stuck. */
  readonly condition: string;
  /** Picks the executions that are stuck of those found. Absent if the condition holds for no other onboarding. */
  readonly pick?: <A extends Execution>(found: readonly A[]) => Promise<readonly A[]>;
}

/** The failures in a row after which a Temporal server sets `TemporalReportedProblems` by default. */
const FAILURES_IN_A_ROW = 5;

const DESCRIBED_AT_ONCE = 8;

/** The largest page that a Temporal server lists by default. */
const MAX_CHECKED = 1_000;

const RUNNING = 'ExecutionStatus = "Running"';

const hasFailedInARow = async (
  { workflowService, namespace }: TemporalNamespace,
  execution: Execution['execution'],
) => {
  const described = await unlessNotFound(
    workflowService.describeWorkflowExecution({ namespace, execution: execution ?? null }),
  );
  return (described?.pendingWorkflowTask?.attempt ?? 0) > FAILURES_IN_A_ROW;
};

/**
 * Prepares a search for onboardings that are stuck. A server that reports problems finds them by the search attribute
 * `TemporalReportedProblems`. Other servers list all that run, and `pick` describes each, one call per execution.
 */
export const searchStuck = async (server: TemporalNamespace): Promise<StuckSearch> => {
  const { workflowService, namespace } = server;
  const { namespaceInfo } = await workflowService.describeNamespace({ namespace });
  if (namespaceInfo?.capabilities?.reportedProblemsSearchAttribute === true)
    return { condition: `${RUNNING} AND TemporalReportedProblems IS NOT NULL` };
  return {
    condition: RUNNING,
    pick: async (found) => {
      const areStuck = await pMap(found, ({ execution }) => hasFailedInARow(server, execution), {
        concurrency: DESCRIBED_AT_ONCE,
      });
      return found.filter((_, index) => areStuck[index]);
    },
  };
};

export interface StuckCount {
  readonly stuck: number;
  /** The number of running onboardings that were checked, the newest ones; absent if all were. */
  readonly checked?: number;
}

/** Counts the onboardings that are stuck; on a server that does not report problems, of the newest 1,000 running. */
export const countStuck = async (server: TemporalNamespace): Promise<StuckCount> => {
  const { workflowService, namespace } = server;
  const { condition, pick } = await searchStuck(server);
  const query = `WorkflowType = ${quoted(ONBOARDING_WORKFLOW)} AND ${condition}`;
  if (pick === undefined) {
    const { count } = await workflowService.countWorkflowExecutions({ namespace, query });
    return { stuck: count.toNumber() };
  }
  const { executions, nextPageToken } = await workflowService.listWorkflowExecutions({
    namespace,
    query,
    pageSize: MAX_CHECKED,
  });
  const { length: stuck } = await pick(executions);
  return defined({ stuck, checked: nextPageToken.length === 0 ? undefined : executions.length });
};
