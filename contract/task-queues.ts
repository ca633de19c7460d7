// The main task queue has all workflows and the activities of live onboardings. Each queue has slots of its own in a
// worker, so that applicants do not wait for callbacks or batches.

/** Returns the task queue of callbacks, and of the activities of batches other than their calls for onboardings. */
export const backgroundTaskQueue = (taskQueue: string): string => `${taskQueue}-background`;

/**
 * Returns the task queue of calls to Verifik for batches in an account. The server enforces the account's rate limit
 * across all workers.
 */
export const vendorTaskQueue = (taskQueue: string, account?: string): string =>
  `${taskQueue}-vendor${account === undefined ? '' : `-${account}`}`;
