import { activityInfo, cancellationSignal } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { HandOverActivities } from '../../contract/activities.js';
import { CALLBACKS_WORKFLOW, callbacksStart, deliverSignal } from '../../contract/messages.js';
import { defined } from '../../shared/defined.js';
import { startValidity } from './start-validity.js';

/**
 * Signals events to the `callbacks` workflow of an onboarding, and starts it if it is not running. With the last
 * events, starts the announcement of the end of the validity, if the policy asks for it.
 */
export const handOverEvents = async (
  temporal: Client,
  input: Parameters<HandOverActivities['handOverEvents']>[0],
): Promise<void> => {
  // Of the onboarding, for the fairness between tenants.
  const { taskQueue, priority } = activityInfo();
  const { workflowId, reference, ...args } = input;
  await temporal.withAbortSignal(cancellationSignal(), async () => {
    await startValidity(temporal, input);
    await temporal.workflow.signalWithStart(CALLBACKS_WORKFLOW, {
      ...callbacksStart(workflowId, reference),
      taskQueue,
      ...defined({ priority }),
      args: [],
      signal: deliverSignal,
      signalArgs: [args],
    });
  });
};
