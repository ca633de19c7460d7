import { activityInfo, heartbeat } from '@temporalio/activity';

/** Several heartbeats fit into the timeout, as one may be lost. */
const PER_TIMEOUT = 3;

/**
 * Heartbeats while an activity runs, if its options have a heartbeat timeout: within that time the server has the call
 * of a killed worker repeated, and the activity learns that it was cancelled. A call that ends sooner sends none.
 * For activities that report no progress of their own: each heartbeat repeats the details of the last attempt.
 */
export const keptAlive =
  <In, Out>(activity: (input: In) => Promise<Out>) =>
  async (input: In): Promise<Out> => {
    const { heartbeatTimeoutMs, heartbeatDetails } = activityInfo();
    if (heartbeatTimeoutMs === undefined || heartbeatTimeoutMs === 0) return activity(input);
    const beat = setInterval(() => heartbeat(heartbeatDetails), heartbeatTimeoutMs / PER_TIMEOUT);
    try {
      return await activity(input);
    } finally {
      clearInterval(beat);
    }
  };
