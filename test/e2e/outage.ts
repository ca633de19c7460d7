import { expect } from 'vitest';
import type { Person } from '../../tools/sandbox/index.js';
import { CREATE } from '../support/counted.js';
import type { RealServers } from './real-servers.js';

/** Makes Verifik answer these calls with status 503, and all others normally. */
export const outage = async ({ sandbox }: RealServers, ...calls: readonly string[]): Promise<void> => {
  await sandbox.control.faults(calls.map((match) => ({ match, kind: 'status', status: 503 })));
};

/** Returns the type of the pending activity, and whether it is paused. */
export const pendingActivity = async ({ temporal }: RealServers, reference: string) => {
  const { raw } = await temporal.workflow.getHandle(`onboarding-${reference}`).describe();
  const [activity] = raw.pendingActivities ?? [];
  return activity && { type: activity.activityType?.name, paused: activity.paused === true };
};

/** Starts an onboarding during an outage, and waits until the create call is retried. */
export const beginInOutage = async (real: RealServers, person: Person, reference: string): Promise<void> => {
  await outage(real, CREATE);
  const started = expect(
    real.client.start(real.request(person), { reference, timeoutMs: 3_000 }),
  ).rejects.toMatchObject({ type: 'TimedOut' });
  await expect.poll(() => pendingActivity(real, reference)).toEqual({ type: 'createAppRegistration', paused: false });
  await started;
};
