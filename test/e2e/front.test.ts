import { describe, expect, it } from 'vitest';
import { withoutRepetitions } from '../../tools/processes/callback-receiver.js';
import { inventPeople, type Person } from '../../tools/sandbox/index.js';
import { opened } from '../support/opened.js';
import { openFrontServers } from './front-servers.js';

/** `npm run test:thousand` runs a thousand onboardings. */
const ONBOARDINGS = Number(process.env['ONBOARDINGS'] ?? 40);
const CONCURRENCY = 16;
const CRASHES = new Map<number, 'crashGateway' | 'crashWorker' | 'crashService'>([
  [Math.floor(ONBOARDINGS * 0.25), 'crashGateway'],
  [Math.floor(ONBOARDINGS * 0.45), 'crashWorker'],
  [Math.floor(ONBOARDINGS * 0.65), 'crashService'],
]);

const servers = opened(() =>
  openFrontServers({
    settings: { webhookCopies: [0, 3], webhookShuffle: 40, webhookForgeryRate: 0.05 },
  }),
);

/** Every tenth applicant fails the only attempt at the document. */
const isRejected = (index: number) => index % 10 === 3;
const referenceOf = (index: number) => `customer-${index}`;

/** Starts an onboarding with retries, as a backend's HTTP client does. */
const start = async (index: number, person: Person): Promise<string> => {
  const policy = { reconcile: { firstMs: 10_000, maxMs: 30_000 }, attemptLimits: { document: 1 } };
  const request = { ...servers.request(person, { policy }), reference: referenceOf(index) };
  for (;;) {
    const response = await servers.call('POST', '/onboardings', request).catch(() => undefined);
    if (response?.ok === true) return JSON.parse(await response.text()).token;
    if (response !== undefined && response.status < 500 && response.status !== 429)
      throw new Error(`${response.status}: ${await response.text()}`);
    // A retry delay, not synchronisation.
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};

const onboard = async (index: number, invented: Person): Promise<void> => {
  const person = isRejected(index)
    ? { ...invented, email: invented.email.replace('@', '+document-failed@') }
    : invented;
  const applicant = servers.applicantWith(person, await start(index, person));
  await applicant.validateEmail();
  await applicant.validatePhone();
  await applicant.uploadDocument();
  if (!isRejected(index)) await applicant.pass('biometric');
};

const onboardAll = async (): Promise<void> => {
  const people = inventPeople(99, ONBOARDINGS).entries();
  const crashes: Promise<void>[] = [];
  const runInTurn = async () => {
    for (const [index, person] of people) {
      const crash = CRASHES.get(index);
      if (crash !== undefined) crashes.push(servers[crash]());
      await onboard(index, person);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, runInTurn));
  await Promise.all(crashes);
  await servers.sandbox.control.flushWebhooks();
};

/** Returns the callbacks in order of their first receipt, and the number of requests with an invalid signature. */
const received = async () => {
  const lines = await servers.service.received();
  const callbacks = withoutRepetitions(lines.filter((line) => 'event' in line));
  return { callbacks, refused: lines.filter((line) => 'refused' in line).length };
};

const endedOnboardings = async () => {
  const ended = (await received()).callbacks.filter(({ event }) => event.type === 'onboarding.ended');
  return new Set(ended.map(({ event }) => event.data.id)).size;
};

describe('many concurrent onboardings', () => {
  it('reach their outcomes with ordered callbacks despite bad webhooks and a kill of each process', async () => {
    await onboardAll();
    await expect.poll(endedOnboardings, { timeout: 120_000, interval: 1_000 }).toBe(ONBOARDINGS);

    const { callbacks, refused } = await received();
    for (let index = 0; index < ONBOARDINGS; index += 1) {
      const events = callbacks.flatMap(({ event: { data } }) => (data.id === referenceOf(index) ? [data] : []));
      expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, position) => position + 1));
      expect(events.at(-1)?.decision).toMatchObject({ outcome: isRejected(index) ? 'rejected' : 'verified' });
    }
    expect(refused).toBe(0);
  }, 600_000);
});
