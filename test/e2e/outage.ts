import { expect } from 'vitest';
import type { Person } from '../../tools/sandbox/index.js';
import type { RealServers } from './real-servers.js';

/** The call that registers an applicant. */
export const CREATE = 'POST /v2/app-registrations';

/** The call that confirms what was reported. */
export const READ = 'GET /v2/app-registrations/:id';

/** Has Verifik answer none of these calls, and all others. */
export const outage = async ({ sandbox }: RealServers, ...calls: readonly string[]): Promise<void> => {
  await sandbox.control.faults(calls.map((match) => ({ match, kind: 'status', status: 503 })));
};

/** The activity that is retried or paused at this moment. */
export const pendingActivity = async ({ temporal }: RealServers, reference: string) => {
  const { raw } = await temporal.workflow.getHandle(`onboarding-${reference}`).describe();
  const [activity] = raw.pendingActivities ?? [];
  return activity && { type: activity.activityType?.name, paused: activity.paused === true };
};

/** Starts an onboarding that gets no registration for as long as the outage lasts, and waits until it is retried. */
export const beginInOutage = async (real: RealServers, person: Person, reference: string): Promise<void> => {
  await outage(real, CREATE);
  const started = expect(
    real.client.start(real.request(person), { reference, timeoutMs: 3_000 }),
  ).rejects.toMatchObject({ type: 'TimedOut' });
  await expect.poll(() => pendingActivity(real, reference)).toEqual({ type: 'createAppRegistration', paused: false });
  await started;
};
