import { DefaultFailureConverter } from '@temporalio/common';

/** Puts the messages and stacks of failures into a payload, so that they are encrypted too. Loaded by path, also into the workflow bundle. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
