import { setTimeout as pause } from 'node:timers/promises';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { OnboardingClient, OnboardingRequestInput } from '../../client/index.js';
import { type Callback, type CallbackReceiver, withoutRepetitions } from '../processes/callback-receiver.js';
import { type Backend, type Print, START_TIMEOUT_MS } from './run.js';

/** A backend that uses the Node client, and reports each check by a signal. */
export const clientBackend = (client: OnboardingClient): Backend => ({
  start: async (request, reference) => {
    const started = await client.start(request, { reference, timeoutMs: START_TIMEOUT_MS });
    return { id: started.workflowId, ...started };
  },
  report: async ({ workflowId, appRegistrationId }, check, { status, validationId }) => {
    await client.signalValidation(workflowId, check, { status, validationId, appRegistrationId });
    return `the backend: signal ${check}Validation`;
  },
  outcome: async ({ workflowId }) => {
    const { outcome, reason, sentence } = await client.result(workflowId);
    return { outcome, reason, sentence };
  },
});

export interface HttpBackendOptions {
  readonly url: string;
  readonly apiKey: string;
  /** The prefix of workflow ids of the key's tenant. */
  readonly workflowIdPrefix: string;
  readonly receiver: CallbackReceiver;
  readonly print: Print;
}

const Started = t.type({ id: t.string, appRegistrationId: t.string, token: t.string, expiresAt: t.number });

const POLL_INTERVAL_MS = 20;

const start = async (
  { url, apiKey }: HttpBackendOptions,
  request: OnboardingRequestInput,
  reference: string,
): Promise<t.TypeOf<typeof Started>> => {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const response = await fetch(`${url}/v1/onboardings`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'application/json',
        'idempotency-key': `start-${reference}`,
      },
      body: JSON.stringify({ reference, ...request }),
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

/** Prints each callback of the onboarding. Returns all of them after the last one, which contains the decision. */
const callbacksUntilClosed = async (
  { receiver, print }: HttpBackendOptions,
  id: string,
): Promise<readonly Callback[]> => {
  for (let printed = 0; ; ) {
    const callbacks = withoutRepetitions(receiver.taken).filter(({ event }) => event.data.id === id);
    for (const { event } of callbacks.slice(printed)) print(`callback   ${event.data.sequence}: ${event.type}`);
    printed = callbacks.length;
    if (/^onboarding\.(ended|failed)$/.test(callbacks.at(-1)?.event.type ?? '')) return callbacks;
    // Without `ref: false` the process would not exit if the run fails.
    await pause(POLL_INTERVAL_MS, undefined, { ref: false });
  }
};

/**
 * A backend that starts onboardings through the gateway's API, relies on Verifik's webhooks for progress, and takes the
 * outcome from a signed callback.
 */
export const httpBackend = (options: HttpBackendOptions): Backend => {
  let closed: Promise<readonly Callback[]> = Promise.resolve([]);
  return {
    start: async (request, reference) => {
      const started = await start(options, request, reference);
      closed = callbacksUntilClosed(options, started.id);
      return { ...started, workflowId: `${options.workflowIdPrefix}${started.id}` };
    },
    report: async () => 'Verifik: a webhook',
    outcome: async ({ id }) => {
      const callbacks = await closed;
      const decision = callbacks.at(-1)?.event.data.decision;
      if (decision === undefined || typeof decision === 'string')
        throw new Error(`The onboarding ${id} failed without an outcome. See the worker's log.`);
      return { ...decision, via: 'http', callbacks: callbacks.length };
    },
  };
};
