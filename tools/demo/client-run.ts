import type { Client } from '@temporalio/client';
import type { OnboardingClient, OnboardingResult } from '../../client/index.js';
import type { CheckName } from '../../domain/checks.js';
import { createApplicant, type Person, type Sandbox } from '../sandbox/index.js';

export type Print = (line: string) => void;

export interface DemoRunOptions {
  readonly client: OnboardingClient;
  readonly temporal: Client;
  readonly sandbox: Sandbox;
  readonly person: Person;
  readonly reference: string;
  readonly required: readonly CheckName[];
  readonly print: Print;
}

/** The result of one demo run, as `--json` prints it. */
export interface DemoRun {
  readonly workflowId: string;
  readonly outcome: OnboardingResult['outcome'];
  readonly reason: OnboardingResult['reason'];
  readonly events: number;
  readonly startMs: number;
  readonly applicant: Pick<Person, 'email' | 'phone' | 'fullName'>;
  /** `via` and `callbacks` are set if the run went over HTTP; `callbacks` is the number received. */
  readonly via?: 'http';
  readonly callbacks?: number;
}

/** Starts are retried for this long if the sandbox has faults. */
const START_TIMEOUT_MS = 120_000;

/**
 * Runs the demo with the Node client: starts the onboarding, passes each check as the applicant, and reports it as the
 * backend.
 */
export const runWithClient = async (options: DemoRunOptions): Promise<DemoRun> => {
  const { client, temporal, sandbox, person, reference, required, print } = options;
  const { email, phone, countryCode, fullName } = person;
  const startedAt = performance.now();
  const { workflowId, appRegistrationId, token, expiresAt } = await client.start(
    {
      project: sandbox.project,
      projectFlow: sandbox.projectFlow,
      contact: { email, phone, countryCode },
      fullName,
      policy: { required },
    },
    { reference, timeoutMs: START_TIMEOUT_MS },
  );
  const startMs = Math.round(performance.now() - startedAt);
  const minutes = Math.round((expiresAt - Date.now()) / 60_000);
  print(
    `started    ${workflowId}: registration ${appRegistrationId}, with a token for ${minutes} min, after ${startMs} ms`,
  );

  const applicant = createApplicant({ url: sandbox.url, token, project: sandbox.project, person });
  for (const check of required) {
    const { status, validationId } = await applicant.pass(check);
    await client.signalValidation(workflowId, check, { status, validationId, appRegistrationId });
    print(
      `${check.padEnd(10)} the applicant: validation ${validationId} is ${status}; the backend: signal ${check}Validation`,
    );
  }

  const { outcome, reason, sentence } = await client.result(workflowId);
  const { historyLength: events } = await temporal.workflow.getHandle(workflowId).describe();
  print(`outcome    ${outcome} (${reason}): ${sentence} ${events} history events.`);
  return { workflowId, outcome, reason, events, startMs, applicant: { email, phone, fullName } };
};
