import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inventPeople, type Person } from '../../tools/sandbox/index.js';
import { type FrontServers, openFrontServers } from './front-servers.js';
import type { ReceivedEvent } from './service-side.js';

/** `npm run test:thousand` runs a thousand onboardings. */
const ONBOARDINGS = Number(process.env['ONBOARDINGS'] ?? 100);
const CONCURRENCY = 16;
const CRASHES = new Map<number, 'crashGateway' | 'crashWorker' | 'crashService'>([
  [Math.floor(ONBOARDINGS * 0.25), 'crashGateway'],
  [Math.floor(ONBOARDINGS * 0.45), 'crashWorker'],
  [Math.floor(ONBOARDINGS * 0.65), 'crashService'],
]);

let servers: FrontServers;

beforeAll(async () => {
  servers = await openFrontServers({
    settings: { webhookCopies: [0, 3], webhookShuffle: 40, webhookForgeryRate: 0.05 },
  });
});

afterAll(() => servers?.close());

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
    ? { ...invented, email: invented.email.replace('@', '+document-FAILED@') }
    : invented;
  const applicant = servers.applicantWith(person, await start(index, person));
  await applicant.validateEmail();
  await applicant.validatePhone();
  await applicant.uploadDocument();
  if (!isRejected(index)) await applicant.takeSelfie();
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

/** Groups the received events by onboarding, in order of their first receipt and without repetitions. */
const eventsByOnboarding = (): ReadonlyMap<string, readonly ReceivedEvent[]> => {
  const byOnboarding = new Map<string, ReceivedEvent[]>();
  const seen = new Set<string>();
  for (const event of servers.service.receivedEvents()) {
    if (seen.has(event.messageId)) continue;
    seen.add(event.messageId);
    const of = byOnboarding.get(event.data.id) ?? [];
    byOnboarding.set(event.data.id, of);
    of.push(event);
  }
  return byOnboarding;
};

const ended = () => servers.service.receivedEvents().filter(({ type }) => type === 'onboarding.ended');

describe('many concurrent onboardings', () => {
  it('reach their outcomes with ordered callbacks despite bad webhooks and a kill of each process', async () => {
    await onboardAll();
    await expect
      .poll(() => new Set(ended().map(({ data }) => data.id)).size, {
        timeout: 120_000,
        interval: 1_000,
      })
      .toBe(ONBOARDINGS);

    const received = eventsByOnboarding();
    for (let index = 0; index < ONBOARDINGS; index += 1) {
      const events = received.get(referenceOf(index)) ?? [];
      expect(events.map(({ data }) => data.sequence)).toEqual(events.map((_, position) => position + 1));
      expect(events.at(-1)?.data.decision).toMatchObject({ outcome: isRejected(index) ? 'rejected' : 'verified' });
    }
    expect(servers.service.refused()).toBe(0);
  }, 600_000);
});
