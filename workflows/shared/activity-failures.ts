import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';

/** What an activity failed with. A local activity's failure comes as it is, a normal one's is wrapped. */
export const faultOf = (error: unknown): ApplicationFailure | TimeoutFailure | undefined => {
  const fault = error instanceof ActivityFailure ? error.cause : error;
  return fault instanceof ApplicationFailure || fault instanceof TimeoutFailure ? fault : undefined;
};
