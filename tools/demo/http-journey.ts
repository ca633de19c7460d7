import { setTimeout as pause } from 'node:timers/promises';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { createApplicant } from '../sandbox/index.js';
import type { CallbackReceiver, ReceivedEvent } from './callback-receiver.js';
import type { Journey, JourneyOptions } from './journey.js';

/** How the demo's backend speaks to the gateway. */
export interface GatewayAccess {
  readonly url: string;
  /** An API key with the scope `start`. A secret. */
  readonly apiKey: string;
  /** What workflow ids begin with for the key's tenant. */
  readonly workflowIdPrefix: string;
}

export interface HttpJourneyOptions extends Omit<JourneyOptions, 'client'> {
  readonly gateway: GatewayAccess;
  readonly receiver: CallbackReceiver;
}

const Started = t.type({ id: t.string, appRegistrationId: t.string, token: t.string, expiresAt: t.number });

/** How long `start` is tried when the sandbox misbehaves. */
const START_WITHIN_MS = 120_000;

const start = async (options: HttpJourneyOptions): Promise<t.TypeOf<typeof Started>> => {
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
  const deadline = Date.now() + START_WITHIN_MS;
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
    // It is safe to repeat, and worth it where the gateway says when.
    const retryAfterS = response.headers.get('retry-after');
    if (retryAfterS === null || Date.now() > deadline)
      throw new Error(`The gateway answered ${response.status} to a start: ${JSON.stringify(body)}`);
    await pause(Number(retryAfterS) * 1_000);
  }
};

/** Tells each callback as it comes; the last one brings the decision. */
const followToTheEnd = ({ receiver, tell }: HttpJourneyOptions, id: string): Promise<readonly ReceivedEvent[]> =>
  new Promise((resolve) => {
    const events: ReceivedEvent[] = [];
    receiver.follow(id, (event) => {
      events.push(event);
      tell(`callback   ${event.data.sequence}: ${event.type}`);
      if (event.type === 'onboarding.ended' || event.type === 'onboarding.failed') resolve(events);
    });
  });

/**
 * The same journey from outside: started through the gateway's API, moved by the webhooks of the sandbox alone, and its outcome
 * taken from a signed callback.
 */
export const goThroughOverHttp = async (options: HttpJourneyOptions): Promise<Journey> => {
  const { temporal, sandbox, person, required, gateway, tell } = options;
  const { email, phone, fullName } = person;
  const startedAt = performance.now();
  const { id, appRegistrationId, token, expiresAt } = await start(options);
  const startMs = Math.round(performance.now() - startedAt);
  const minutes = Math.round((expiresAt - Date.now()) / 60_000);
  tell(`started    ${id}: registration ${appRegistrationId}, with a token for ${minutes} min, after ${startMs} ms`);

  const ended = followToTheEnd(options, id);
  const applicant = createApplicant({ url: sandbox.url, token, project: sandbox.project, person });
  for (const check of required) {
    const { status, validationId } = await applicant.pass(check);
    tell(`${check.padEnd(10)} the applicant: validation ${validationId} is ${status}; Verifik: a webhook`);
  }

  const events = await ended;
  const decision = events.at(-1)?.data.decision;
  if (decision === undefined) throw new Error('The onboarding failed: there is no outcome.');
  const workflowId = `${gateway.workflowIdPrefix}${id}`;
  const { historyLength } = await temporal.workflow.getHandle(workflowId).describe();
  const { outcome, reason, sentence } = decision;
  tell(`outcome    ${outcome} (${reason}): ${sentence} ${historyLength} history events.`);
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
