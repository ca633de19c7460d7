import { setTimeout as pause } from 'node:timers/promises';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { createApplicant } from '../sandbox/index.js';
import type { CallbackReceiver, ReceivedEvent } from './callback-receiver.js';
import type { DemoRun, DemoRunOptions } from './client-run.js';

export interface GatewayAccess {
  readonly url: string;
  readonly apiKey: string;
  /** The prefix of workflow ids of the key's tenant. */
  readonly workflowIdPrefix: string;
}

export interface HttpDemoRunOptions extends Omit<DemoRunOptions, 'client'> {
  readonly gateway: GatewayAccess;
  readonly receiver: CallbackReceiver;
}

const Started = t.type({ id: t.string, appRegistrationId: t.string, token: t.string, expiresAt: t.number });

/** Starts are retried for this long if the sandbox has faults. */
const START_TIMEOUT_MS = 120_000;

const start = async (options: HttpDemoRunOptions): Promise<t.TypeOf<typeof Started>> => {
  const { gateway, sandbox, person, reference, required } = options;
  const { email, phone, countryCode, fullName } = person;
  const request = {
    reference,
    project: sandbox.project,
    projectFlow: sandbox.projectFlow,
    contact: { email, phone, countryCode },
    fullName,
    policy: { required },
  };
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const response = await fetch(`${gateway.url}/v1/onboardings`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${gateway.apiKey}`,
        'content-type': 'application/json',
        'idempotency-key': `start-${reference}`,
      },
      body: JSON.stringify(request),
    });
    const body: unknown = await response.json();
    const started = Started.decode(body);
    if (response.ok && E.isRight(started)) return started.right;
    // The idempotency key makes a retry safe. A response without Retry-After says that a retry would not help.
    const retryAfterS = response.headers.get('retry-after');
    if (retryAfterS === null || Date.now() > deadline)
      throw new Error(`The gateway rejected the start with HTTP ${response.status}: ${JSON.stringify(body)}`);
    await pause(Number(retryAfterS) * 1_000);
  }
};

/** Prints each callback. Resolves with all events after the last one, which contains the decision. */
const eventsUntilClosed = ({ receiver, print }: HttpDemoRunOptions, id: string): Promise<readonly ReceivedEvent[]> =>
  new Promise((resolve) => {
    const events: ReceivedEvent[] = [];
    receiver.follow(id, (event) => {
      events.push(event);
      print(`callback   ${event.data.sequence}: ${event.type}`);
      if (event.type === 'onboarding.ended' || event.type === 'onboarding.failed') resolve(events);
    });
  });

/**
 * Runs the demo over HTTP: starts the onboarding through the gateway's API, relies on the sandbox's webhooks for
 * progress, and takes the outcome from a signed callback.
 */
export const runOverHttp = async (options: HttpDemoRunOptions): Promise<DemoRun> => {
  const { temporal, sandbox, person, required, gateway, print } = options;
  const { email, phone, fullName } = person;
  const startedAt = performance.now();
  const { id, appRegistrationId, token, expiresAt } = await start(options);
  const startMs = Math.round(performance.now() - startedAt);
  const minutes = Math.round((expiresAt - Date.now()) / 60_000);
  print(`started    ${id}: registration ${appRegistrationId}, with a token for ${minutes} min, after ${startMs} ms`);

  const ended = eventsUntilClosed(options, id);
  const applicant = createApplicant({ url: sandbox.url, token, project: sandbox.project, person });
  for (const check of required) {
    const { status, validationId } = await applicant.pass(check);
    print(`${check.padEnd(10)} the applicant: validation ${validationId} is ${status}; Verifik: a webhook`);
  }

  const events = await ended;
  const decision = events.at(-1)?.data.decision;
  if (decision === undefined) throw new Error(`The onboarding ${id} failed without an outcome. See the worker's log.`);
  const workflowId = `${gateway.workflowIdPrefix}${id}`;
  const { historyLength } = await temporal.workflow.getHandle(workflowId).describe();
  const { outcome, reason, sentence } = decision;
  print(`outcome    ${outcome} (${reason}): ${sentence} ${historyLength} history events.`);
  return {
    workflowId,
    outcome,
    reason,
    events: historyLength,
    startMs,
    applicant: { email, phone, fullName },
    via: 'http',
    callbacks: events.length,
  };
};
