import type { Client } from '@temporalio/client';
import { quoted } from '../../contract/report-routing.js';
import { type BatchStatus, REVALIDATION_WORKFLOW } from '../../contract/revalidation.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { SECOND_MS } from '../../shared/time.js';

const WALKING: BatchStatus = 'walking';

const QUERY = [
  `WorkflowType = ${quoted(REVALIDATION_WORKFLOW)}`,
  'ExecutionStatus = "Running"',
  `${SEARCH_ATTRIBUTES.status.name} = ${quoted(WALKING)}`,
].join(' AND ');

const LOOK_AGAIN_MS = SECOND_MS;

/** How many calls a second one batch may make: its own rate, or an equal share of the fleet's among the batches that walk now. */
export const fleetShare = (temporal: Client, fleetCallsPerSecond: number) => {
  let walking = 1;
  let lookAt = 0;
  return async (callsPerSecond: number): Promise<number> => {
    if (performance.now() >= lookAt) {
      lookAt = performance.now() + LOOK_AGAIN_MS;
      const { count } = await temporal.workflow.count(QUERY);
      walking = Math.max(count, 1);
    }
    return Math.min(callsPerSecond, fleetCallsPerSecond / walking);
  };
};
