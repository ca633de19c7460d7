import { DefaultFailureConverter } from '@temporalio/common';

/**
 * Moves the messages and stacks of failures into payloads, so that they are encrypted. The SDK loads this module by its
 * path in workers.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
