import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inventPeople, type Person } from '../../tools/sandbox/index.js';
import { type FrontServers, openFrontServers } from './front-servers.js';
import type { Heard } from './service-side.js';

/** `npm run test:thousand` takes a thousand. */
const HOW_MANY = Number(process.env['ONBOARDINGS'] ?? 100);
const AT_ONCE = 16;
const CRASHES = new Map<number, 'crashGateway' | 'crashWorker' | 'crashService'>([
  [Math.floor(HOW_MANY * 0.25), 'crashGateway'],
  [Math.floor(HOW_MANY * 0.45), 'crashWorker'],
  [Math.floor(HOW_MANY * 0.65), 'crashService'],
]);

let servers: FrontServers;

beforeAll(async () => {
  servers = await openFrontServers({
    settings: { webhookCopies: [0, 3], webhookShuffle: 40, webhookForgeryRate: 0.05 },
  });
});

afterAll(() => servers?.close());

/** Every tenth fails the document, for which there is one attempt. */
const isHopeless = (index: number) => index % 10 === 3;
const referenceOf = (index: number) => `customer-${index}`;

/** As a backend's HTTP client does: what failed on the way or is told to come again is repeated. */
const start = async (index: number, person: Person): Promise<string> => {
  const policy = { reconcile: { firstMs: 10_000, maxMs: 30_000 }, attemptLimits: { document: 1 } };
  const request = { ...servers.request(person, { policy }), reference: referenceOf(index) };
  for (;;) {
    const response = await servers.call('POST', '/onboardings', request).catch(() => undefined);
    if (response?.ok === true) return JSON.parse(await response.text()).token;
    if (response !== undefined && response.status < 500 && response.status !== 429)
      throw new Error(`${response.status}: ${await response.text()}`);
    // As clients do between two tries, not as synchronisation.
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};

const goThrough = async (index: number, invented: Person): Promise<void> => {
  const person = isHopeless(index)
    ? { ...invented, email: invented.email.replace('@', '+document-FAILED@') }
    : invented;
  const applicant = servers.applicantWith(person, await start(index, person));
  await applicant.validateEmail();
  await applicant.validatePhone();
  await applicant.uploadDocument();
  if (!isHopeless(index)) await applicant.takeSelfie();
};

const everybodyGoesThrough = async (): Promise<void> => {
  const people = inventPeople(99, HOW_MANY).entries();
  const crashes: Promise<void>[] = [];
  const oneAfterTheOther = async () => {
    for (const [index, person] of people) {
      const crash = CRASHES.get(index);
      if (crash !== undefined) crashes.push(servers[crash]());
      await goThrough(index, person);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, oneAfterTheOther));
  await Promise.all(crashes);
  await servers.sandbox.control.flushWebhooks();
};

/** What the service heard of each onboarding, each event where it came first. */
const heardByOnboarding = (): ReadonlyMap<string, readonly Heard[]> => {
  const byOnboarding = new Map<string, Heard[]>();
  const seen = new Set<string>();
  for (const event of servers.service.heard()) {
    if (seen.has(event.messageId)) continue;
    seen.add(event.messageId);
    const of = byOnboarding.get(event.data.id) ?? [];
    byOnboarding.set(event.data.id, of);
    of.push(event);
  }
  return byOnboarding;
};

const ended = () => servers.service.heard().filter(({ type }) => type === 'onboarding.ended');

describe('many onboardings at once', () => {
  it('end right and are told in order while webhooks are lost, repeated, shuffled and forged, and everything is killed once', async () => {
    await everybodyGoesThrough();
    await expect
      .poll(() => new Set(ended().map(({ data }) => data.id)).size, {
        timeout: 120_000,
        interval: 1_000,
      })
      .toBe(HOW_MANY);

    const heard = heardByOnboarding();
    for (let index = 0; index < HOW_MANY; index += 1) {
      const events = heard.get(referenceOf(index)) ?? [];
      expect(events.map(({ data }) => data.sequence)).toEqual(events.map((_, position) => position + 1));
      expect(events.at(-1)?.data.decision).toMatchObject({ outcome: isHopeless(index) ? 'rejected' : 'verified' });
    }
    expect(servers.service.refused()).toBe(0);
  }, 600_000);
});
