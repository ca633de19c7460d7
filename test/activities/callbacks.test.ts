import { writeFileSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { noCallbackEndpoints, openCallbackEndpoints } from '../../activities/callbacks/endpoints.js';
import type { SigningKeys } from '../../codec/evidence/signing-keys.js';
import type { CallbackActivities, DeliveryOutcome } from '../../contract/activities.js';
import type { OnboardingEvent } from '../../domain/changes.js';
import { defined } from '../../shared/defined.js';
import { type EndpointsContent, newCallbackSecret, writeEndpoints } from '../../tools/processes/callback-receiver.js';
import { runOnboarding } from '../domain/driver.js';
import { activitiesWith, mockActivity } from '../support/activities.js';
import { type EventReceiver, newEndpointsFile, startEventReceiver } from '../support/event-receiver.js';
import { newSigningKeys } from '../support/signing-keys.js';

type Delivery = Parameters<CallbackActivities['deliverEvent']>[0];

const EVENT: OnboardingEvent = {
  type: 'onboarding.check.passed',
  check: 'email',
  sequence: 2,
  at: 1_764_000_000_000,
};

const secretOf = (bytes: number) => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`;

let receiver: EventReceiver;
let file: string;

beforeEach(async () => {
  receiver = await startEventReceiver();
  file = newEndpointsFile(receiver);
});

afterEach(() => receiver.close());

const noAnswer = async () => {
  throw new Error('no worker answers');
};

const activitiesOf = async (path: string | undefined, signingKeys?: SigningKeys) =>
  activitiesWith({
    callbacks: path === undefined ? noCallbackEndpoints : await openCallbackEndpoints(path),
    temporal: new Client({ connection: Connection.lazy(), interceptors: { workflow: [{ query: noAnswer }] } }),
    ...defined({ signingKeys }),
  });

const delivery = (change: Partial<Delivery> = {}): Delivery => ({
  callbacks: { endpoint: 'service', id: 'customer-4711' },
  event: EVENT,
  onboardingRunId: 'run-1',
  ...change,
});

const deliver = async (input = delivery(), path: string | undefined = file): Promise<DeliveryOutcome> => {
  const { deliverEvent } = await activitiesOf(path);
  return mockActivity().run<[Delivery], DeliveryOutcome, typeof deliverEvent>(deliverEvent, input);
};

const failureOf = async (delivered: Promise<unknown>): Promise<ApplicationFailure> => {
  const error: unknown = await delivered.catch((thrown: unknown) => thrown);
  if (!(error instanceof ApplicationFailure)) throw error;
  expect(error.nonRetryable).toBe(false);
  expect(`${error.message} ${JSON.stringify(error.details)}`).not.toMatch(/127\.0\.0\.1|localhost|whsec_/);
  return error;
};

const withEndpoint = (change: Partial<EndpointsContent['endpoints'][string]>, allowedHosts: readonly string[] = []) =>
  writeEndpoints(file, {
    endpoints: { service: { url: receiver.url, secrets: [receiver.secret], ...change } },
    allowedHosts,
  });

describe('the delivery of an event', () => {
  it('sends the event with a signature that the Standard Webhooks library verifies', async () => {
    expect(await deliver()).toEqual({ kind: 'delivered' });
    expect(receiver.taken.map(({ event }) => event)).toEqual([
      {
        type: 'onboarding.check.passed',
        timestamp: '2025-11-24T16:00:00.000Z',
        data: { id: 'customer-4711', sequence: 2, check: 'email' },
      },
    ]);
    expect(receiver.forged()).toBe(0);
  });

  it("sends a reviewer's decision, whose field has the name of the outcome's", async () => {
    const decided = { decision: 'approve', reviewer: 'reviewer-7', checks: ['document'] } as const;
    const { sequence, at } = EVENT;
    await deliver(delivery({ event: { type: 'onboarding.review.decided', ...decided, sequence, at } }));
    expect(receiver.taken.map(({ event }) => event.data)).toEqual([{ id: 'customer-4711', sequence, ...decided }]);
  });

  it('is repeated with the same message id, and another event has another one', async () => {
    await deliver();
    await deliver(delivery({ event: { ...EVENT, at: EVENT.at + 1_000 } }));
    await deliver(delivery({ event: { ...EVENT, sequence: 3 } }));
    await deliver(delivery({ onboardingRunId: 'run-2' }));
    const [first, again, ...others] = receiver.taken.map(({ messageId }) => messageId);
    expect(again).toBe(first);
    expect(new Set([first, ...others]).size).toBe(3);
  });

  it('signs with both of two secrets, so that receivers accept either during a rotation', async () => {
    withEndpoint({ secrets: [newCallbackSecret(), receiver.secret] }, ['127.0.0.1']);
    await deliver();
    withEndpoint({ secrets: [receiver.secret, newCallbackSecret()] }, ['127.0.0.1']);
    await deliver();
    expect(receiver.taken.map(({ signatures }) => signatures.length)).toEqual([2, 2]);
    withEndpoint({ secrets: [newCallbackSecret()] }, ['127.0.0.1']);
    expect(await failureOf(deliver())).toMatchObject({ message: 'the receiver responded with 401' });
    expect(receiver.forged()).toBe(1);
  });

  it.each([
    [{ status: 500 }, { message: 'the receiver responded with 500', category: 'BENIGN' }],
    [
      { status: 302, headers: { location: '/elsewhere' } },
      { message: 'the receiver responded with 302', category: 'BENIGN' },
    ],
    [{ status: 429, headers: { 'retry-after': '7' } }, { nextRetryDelay: 7_000 }],
    [{ status: 503, headers: { 'retry-after': '11' } }, { nextRetryDelay: 11_000 }],
    [{ status: 500, headers: { 'retry-after': '11' } }, { nextRetryDelay: undefined }],
  ])('fails with a retryable error after %j', async (answer, expected) => {
    receiver.answer(answer);
    expect(await failureOf(deliver())).toMatchObject({ type: 'CallbackUndelivered', ...expected });
    expect(receiver.seen).toHaveLength(1);
  });

  it('is sent without evidence if the worker has no keys or, after five attempts, cannot read it', async () => {
    withEndpoint({ evidence: true }, ['127.0.0.1']);
    const { decision } = runOnboarding();
    const ended = delivery({ event: { type: 'onboarding.ended', decision, sequence: 3, at: 1 } });
    expect(await deliver(ended)).toEqual({ kind: 'delivered' });
    const { deliverEvent } = await activitiesOf(file, await newSigningKeys());
    const attempt = (number: number): Promise<DeliveryOutcome> =>
      mockActivity({ attempt: number }).run<[Delivery], DeliveryOutcome, typeof deliverEvent>(deliverEvent, ended);
    expect(await failureOf(attempt(1))).toMatchObject({ message: 'the evidence could not be read or signed' });
    expect(await attempt(6)).toEqual({ kind: 'delivered' });
    expect(receiver.taken.map(({ event }) => event.data.evidence)).toEqual([undefined, undefined]);
  });

  it('is abandoned after a 410', async () => {
    receiver.answer({ status: 410 });
    expect(await deliver()).toEqual({
      kind: 'abandoned',
      problem: 'the receiver responded with 410: it does not accept the event',
    });
  });

  it.each([delivery({ event: { ...EVENT, at: 1e20 } }), delivery({ onboardingRunId: 'a\nb' })])(
    'is abandoned if the event is invalid: %j',
    async (input) => {
      expect(await deliver(input)).toMatchObject({ kind: 'abandoned' });
      expect(receiver.taken).toEqual([]);
    },
  );

  it('fails with a retryable error if the connection is refused', async () => {
    await receiver.close();
    expect(await failureOf(deliver())).toMatchObject({
      type: 'CallbackUndelivered',
      message: 'the receiver could not be reached (ECONNREFUSED)',
    });
  });

  it('is limited to 20 concurrent requests per receiver', async () => {
    receiver.answer(...Array.from({ length: 20 }, () => 'hang' as const));
    const { deliverEvent } = await activitiesOf(file);
    const send = (sequence: number) => {
      const env = mockActivity();
      return { env, sent: env.run(() => deliverEvent(delivery({ event: { ...EVENT, sequence } }))) };
    };
    const hanging = Array.from({ length: 20 }, (_, n) => send(n + 1));
    await expect.poll(() => receiver.seen).toHaveLength(20);
    await expect(send(21).sent).rejects.toMatchObject({ message: 'the receiver has too many requests in flight' });
    for (const { env } of hanging) env.cancel();
    await Promise.allSettled(hanging.map(({ sent }) => sent));
    expect(receiver.seen).toHaveLength(20);
  });

  it('ignores a `retry-after` that is shorter than the backoff', async () => {
    receiver.answer(
      { status: 503, headers: { 'retry-after': '60' } },
      { status: 503, headers: { 'retry-after': '60' } },
    );
    const { deliverEvent } = await activitiesOf(file);
    const tried = (attempt: number) => failureOf(mockActivity({ attempt }).run(() => deliverEvent(delivery())));
    expect(await tried(3)).toMatchObject({ nextRetryDelay: 60_000 });
    expect(await tried(4)).toMatchObject({ nextRetryDelay: undefined });
  });

  it('that is cancelled fails with a cancellation', async () => {
    receiver.answer('hang');
    const { deliverEvent } = await activitiesOf(file);
    const env = mockActivity();
    const cancelled = expect(env.run(() => deliverEvent(delivery()))).rejects.toBeInstanceOf(CancelledFailure);
    await expect.poll(() => receiver.seen).toHaveLength(1);
    env.cancel();
    await cancelled;
  });

  it('that was cancelled before it is sent sends nothing and leaves its process alive', async () => {
    const uncaught = vi.fn();
    process.once('uncaughtException', uncaught);
    onTestFinished(() => void process.off('uncaughtException', uncaught));
    const { deliverEvent } = await activitiesOf(file);
    const env = mockActivity();
    env.cancel();
    await expect(env.run(() => deliverEvent(delivery()))).rejects.toBeInstanceOf(CancelledFailure);
    await new Promise(setImmediate);
    expect(uncaught).not.toHaveBeenCalled();
    expect(receiver.seen).toEqual([]);
  });
});

describe('an address in a private network', () => {
  it.each([
    'https://127.0.0.1',
    'https://localhost',
    'https://[::1]',
    'https://[::ffff:127.0.0.1]',
    'https://0.0.0.0',
    'https://10.0.0.7',
    'https://169.254.169.254',
    'https://192.168.1.1',
    'https://2130706433',
    'https://[::127.0.0.1]',
    'https://[64:ff9b::10.0.0.7]',
  ])('is rejected in any notation: %s', async (origin) => {
    withEndpoint({ url: `${origin}:${receiver.port}/events` });
    expect(await failureOf(deliver())).toMatchObject({
      type: 'CallbackMisconfigured',
      message: expect.stringContaining('private network'),
    });
  });

  it('is permitted if its host is in `allowedHosts`', async () => {
    withEndpoint({ url: receiver.url.replace('127.0.0.1', 'localhost') }, ['localhost']);
    expect(await deliver()).toEqual({ kind: 'delivered' });
    withEndpoint({ url: `https://127.0.0.1:${receiver.port}/` }, ['localhost']);
    expect(await failureOf(deliver())).toMatchObject({ type: 'CallbackMisconfigured' });
  });
});

const ONE_OR_TWO = /endpoints\.service\.secrets: expected one secret, or two/;

describe('the file of endpoints', () => {
  it('is read again when it changes, so that an error can be corrected while events wait', async () => {
    const { deliverEvent } = await activitiesOf(file);
    const now = () => mockActivity().run(() => deliverEvent(delivery()));
    writeFileSync(file, '{');
    expect(await failureOf(now())).toMatchObject({
      type: 'CallbackMisconfigured',
      message: `The file of endpoints is wrong. ONBOARDING_CALLBACKS_FILE (${file}): expected JSON (wrong at line 1, column 1)`,
    });
    writeEndpoints(file, { endpoints: {} });
    expect(await failureOf(now())).toMatchObject({ message: 'The file of endpoints does not contain this name.' });
    withEndpoint({}, ['127.0.0.1']);
    expect(await now()).toEqual({ kind: 'delivered' });
  });

  it('causes a clear error if it is not configured', async () => {
    const { deliverEvent } = await activitiesOf(undefined);
    expect(await failureOf(mockActivity().run(() => deliverEvent(delivery())))).toMatchObject({
      type: 'CallbackMisconfigured',
      message: 'This worker has no file of endpoints (ONBOARDING_CALLBACKS_FILE).',
    });
  });

  it.each([
    [{ url: 'http://service.example.com/' }, /endpoints\.service\.url: expected https/],
    [
      { url: 'https://user:secret@service.example.com/' },
      /endpoints\.service\.url: expected an http or https URL without credentials/,
    ],
    [{ url: 'not a url' }, /endpoints\.service\.url: expected an http/],
    [{ secrets: [secretOf(23)] }, ONE_OR_TWO],
    [{ secrets: ['no-prefix-0123456789012345678901234567890123456789'] }, ONE_OR_TWO],
    [{ secrets: [] }, ONE_OR_TWO],
    [{ secrets: [secretOf(24), secretOf(32), secretOf(64)] }, ONE_OR_TWO],
  ])('is rejected at the start with %j, naming the field', async (change, expected) => {
    withEndpoint(change);
    const refused: unknown = await openCallbackEndpoints(file).catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: 'JsonFileError', message: expect.stringMatching(expected) });
    expect(String(refused)).not.toMatch(/whsec_[^ ]|service\.example/);
  });

  it('is rejected at the start with an endpoint whose name is not one', async () => {
    writeEndpoints(file, { endpoints: { 'my service': { url: receiver.url, secrets: [secretOf(24)] } } });
    await expect(openCallbackEndpoints(file)).rejects.toThrow(
      'endpoints: expected each under a name of letters, digits and . _ -',
    );
  });
});
