/** The onboarding as a DBOS workflow, whose steps, messages and outcome are rows in PostgreSQL. */
import { DBOS, Error as DBOSErrors } from '@dbos-inc/dbos-sdk';
import { noSuchOnboarding, serve } from '../shared/front.js';
import { DEADLINE_MS, setting, settings } from '../shared/settings.js';
import { CHECKS, createVerifik, Refused } from '../shared/verifik.js';

const { port, verifikBaseUrl, clientToken } = settings();
const verifik = createVerifik({ verifikBaseUrl, clientToken });

const REGISTRATION = 'registration';
const VALIDATIONS = 'validations';
const REGISTERED_WITHIN_S = 30;

/** Retries from one second up to one hour apart, which last longer than any onboarding. */
const RETRIES = {
  retriesAllowed: true,
  maxAttempts: 1_000,
  /** @param {unknown} error */
  shouldRetry: (error) => !(error instanceof Refused),
};

/**
 * @param {import('../shared/front.js').Start} request
 * @param {number} deadline ms since the Unix epoch
 */
const onboard = async (request, deadline) => {
  let registration;
  try {
    registration = await DBOS.runStep(() => verifik.createAppRegistration(request), {
      name: 'createAppRegistration',
      ...RETRIES,
    });
  } catch (error) {
    await DBOS.setEvent(REGISTRATION, { refused: error instanceof Error ? error.message : 'refused' });
    return 'failed';
  }
  await DBOS.setEvent(REGISTRATION, registration);
  const { appRegistrationId } = registration;
  const reported = new Set();
  for (;;) {
    const report = await DBOS.recv(VALIDATIONS, { deadlineEpochMS: deadline });
    if (report === null) return 'expired';
    reported.add(report.check);
    if (reported.size < CHECKS.length) continue;
    const outcome = await DBOS.runStep(() => verifik.readAppRegistration(appRegistrationId), {
      name: 'readAppRegistration',
      ...RETRIES,
    });
    if (outcome !== 'pending') return outcome;
  }
};

const onboarding = DBOS.registerWorkflow(onboard, { name: 'onboarding' });

DBOS.setConfig({
  name: 'onboarding-alternative',
  systemDatabaseUrl: setting('DATABASE_URL'),
  systemDatabasePoolSize: 20,
  // Only a process with the same version recovers a workflow.
  applicationVersion: '1',
  logLevel: 'warn',
});
await DBOS.launch();

serve(port, {
  start: async (request) => {
    const { reference } = request;
    await DBOS.startWorkflow(onboarding, { workflowID: reference })(request, Date.now() + DEADLINE_MS);
    const registration = await DBOS.getEvent(reference, REGISTRATION, { timeoutSeconds: REGISTERED_WITHIN_S });
    if (registration === null) throw new Error('the registration does not exist yet');
    if (registration.refused !== undefined) throw new Refused(registration.refused);
    return registration;
  },
  report: async (id, report) => {
    try {
      await DBOS.send(id, report, VALIDATIONS);
    } catch (error) {
      if (error instanceof DBOSErrors.DBOSNonExistentWorkflowError) throw noSuchOnboarding();
      throw error;
    }
  },
  read: async (id) => {
    const workflow = await DBOS.getWorkflowStatus(id);
    if (workflow === null) return undefined;
    return workflow.status === 'SUCCESS'
      ? { status: 'ended', outcome: String(workflow.output) }
      : { status: 'running' };
  },
  close: () => DBOS.shutdown(),
});
