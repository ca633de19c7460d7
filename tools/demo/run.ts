import type { Client } from '@temporalio/client';
import prettyMs from 'pretty-ms';
import type { OnboardingRequestInput } from '../../client/index.js';
import type { CheckName } from '../../domain/checks.js';
import { type CheckResult, createApplicant, type Person, type Sandbox } from '../sandbox/index.js';

export type Print = (line: string) => void;

/** The answer to a start. `id` is the onboarding's id in the API that the backend uses. */
export interface Started {
  readonly id: string;
  readonly workflowId: string;
  readonly appRegistrationId: string;
  readonly token: string;
  readonly expiresAt: number;
}

interface Ended {
  readonly outcome: string;
  readonly reason: string;
  readonly sentence: string;
  /** Set if the run went over HTTP, with the number of received callbacks. */
  readonly via?: 'http';
  readonly callbacks?: number;
}

/** The backend of a service, which onboards one applicant. */
export interface Backend {
  start(request: OnboardingRequestInput, reference: string): Promise<Started>;
  /** Reports the result of a check. Returns a description of the report. */
  report(started: Started, check: CheckName, result: CheckResult): Promise<string>;
  /** Waits for the outcome. */
  outcome(started: Started): Promise<Ended>;
}

export interface DemoRunOptions {
  readonly backend: Backend;
  readonly temporal: Client;
  readonly sandbox: Sandbox;
  readonly person: Person;
  readonly reference: string;
  readonly required: readonly CheckName[];
  readonly print: Print;
}

/** The result of one demo run, as `--json` prints it. */
export interface DemoRun extends Omit<Ended, 'sentence'> {
  readonly workflowId: string;
  /** The number of events in the workflow's history. */
  readonly events: number;
  readonly startMs: number;
  readonly applicant: Pick<Person, 'email' | 'phone' | 'fullName'>;
}

/** Starts are retried for this long if the sandbox has faults. */
export const START_TIMEOUT_MS = 300_000;

/** Starts an onboarding, passes each check as the applicant, and waits for the outcome. */
export const runDemo = async (options: DemoRunOptions): Promise<DemoRun> => {
  const { backend, temporal, sandbox, person, reference, required, print } = options;
  const { project, projectFlow } = sandbox;
  const { email, phone, countryCode, fullName } = person;
  const startedAt = performance.now();
  const contact = { email, phone, countryCode };
  const request = { project, projectFlow, contact, fullName, policy: { required } };
  const started = await backend.start(request, reference);
  const startMs = Math.round(performance.now() - startedAt);
  const { id, workflowId, appRegistrationId, token, expiresAt } = started;
  const lifetime = prettyMs(Math.round((expiresAt - Date.now()) / 60_000) * 60_000);
  print(`started    ${id}: registration ${appRegistrationId}, with a token for ${lifetime}, after ${startMs} ms`);

  const applicant = createApplicant({ url: sandbox.url, token, project, person });
  for (const check of required) {
    const result = await applicant.pass(check);
    const report = await backend.report(started, check, result);
    print(`${check.padEnd(10)} the applicant: validation ${result.validationId} is ${result.status}; ${report}`);
  }

  const { sentence, ...ended } = await backend.outcome(started);
  const { historyLength: events } = await temporal.workflow.getHandle(workflowId).describe();
  print(`outcome    ${ended.outcome} (${ended.reason}): ${sentence} ${events} history events.`);
  return { workflowId, events, startMs, applicant: { email, phone, fullName }, ...ended };
};
