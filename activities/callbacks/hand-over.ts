import { activityInfo, cancellationSignal } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { HandOverActivities } from '../../contract/activities.js';
import { CALLBACKS_WORKFLOW, callbacksStart, deliverSignal } from '../../contract/messages.js';

/** Signals events to the `callbacks` workflow of an onboarding, and starts it if it is not running. */
export const handOverEvents = async (
  temporal: Client,
  { workflowId, reference, ...args }: Parameters<HandOverActivities['handOverEvents']>[0],
): Promise<void> => {
  await temporal.withAbortSignal(cancellationSignal(), () =>
    temporal.workflow.signalWithStart(CALLBACKS_WORKFLOW, {
      ...callbacksStart(workflowId, reference),
      taskQueue: activityInfo().taskQueue,
      args: [],
      signal: deliverSignal,
      signalArgs: [args],
    }),
  );
};
