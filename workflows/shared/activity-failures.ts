import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';

/** The cause of a failed activity. A local activity rejects with the cause itself, a normal one with an `ActivityFailure` around it. */
export const activityFailureCause = (error: unknown): ApplicationFailure | TimeoutFailure | undefined => {
  const fault = error instanceof ActivityFailure ? error.cause : error;
  return fault instanceof ApplicationFailure || fault instanceof TimeoutFailure ? fault : undefined;
};
