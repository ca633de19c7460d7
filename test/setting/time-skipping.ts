import { TestWorkflowEnvironment, type TimeSkippingTestWorkflowEnvironmentOptions } from '@temporalio/testing';
import { findTimeSkippingServer, freePort } from '../../devserver/index.js';

/**
 * Starts a time-skipping server. On a port that we choose: the SDK would choose one that an outgoing connection may have taken before
 * the server listens there, and of these other tests open thousands.
 */
export const openTimeSkipping = async (
  client: TimeSkippingTestWorkflowEnvironmentOptions['client'] = {},
): Promise<TestWorkflowEnvironment> => {
  const path = await findTimeSkippingServer(() => undefined);
  const server = { executable: { type: 'existing-path', path }, port: await freePort() } as const;
  return TestWorkflowEnvironment.createTimeSkipping({ client, server });
};
