import type { Client } from '@temporalio/client';
import type { OnboardingClient, OnboardingResult } from '../../client/index.js';
import type { CheckName } from '../../domain/checks.js';
import { createApplicant, type Person, type Sandbox } from '../sandbox/index.js';

/** Tells what happens, line by line. */
export type Tell = (line: string) => void;

export interface JourneyOptions {
  readonly client: OnboardingClient;
  readonly temporal: Client;
  readonly sandbox: Sandbox;
  readonly person: Person;
  readonly reference: string;
  readonly required: readonly CheckName[];
  readonly tell: Tell;
}

/** How a journey ended, as `--json` prints it. */
export interface Journey {
  readonly workflowId: string;
  readonly outcome: OnboardingResult['outcome'];
  readonly reason: OnboardingResult['reason'];
  readonly events: number;
  readonly startMs: number;
  readonly applicant: Pick<Person, 'email' | 'phone' | 'fullName'>;
  /** Set where the journey went over HTTP, with how many callbacks came. */
  readonly via?: 'http';
  readonly callbacks?: number;
}

/** How long `start` may take when the sandbox misbehaves. */
const START_TIMEOUT_MS = 120_000;

/** The backend's side and the applicant's: the onboarding is started, the applicant does the checks, the backend reports each. */
export const goThrough = async (options: JourneyOptions): Promise<Journey> => {
  const { client, temporal, sandbox, person, reference, required, tell } = options;
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
  tell(
    `started    ${workflowId}: registration ${appRegistrationId}, with a token for ${minutes} min, after ${startMs} ms`,
  );

  const applicant = createApplicant({ url: sandbox.url, token, project: sandbox.project, person });
  for (const check of required) {
    const { status, validationId } = await applicant.pass(check);
    await client.signalValidation(workflowId, check, { status, validationId, appRegistrationId });
    tell(
      `${check.padEnd(10)} the applicant: validation ${validationId} is ${status}; the backend: signal ${check}Validation`,
    );
  }

  const { outcome, reason, sentence } = await client.result(workflowId);
  const { historyLength: events } = await temporal.workflow.getHandle(workflowId).describe();
  tell(`outcome    ${outcome} (${reason}): ${sentence} ${events} history events.`);
  return { workflowId, outcome, reason, events, startMs, applicant: { email, phone, fullName } };
};
