import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CallOptions, OnboardingClient, type Snapshot } from '../../client/index.js';
import { OnboardingCodec } from '../../gateway/schemas/onboarding.js';
import { shareStatusReads } from '../../gateway/status-reads.js';
import { inventPeople } from '../../tools/sandbox/index.js';
import { openRealServers, type RealServers } from '../e2e/real-servers.js';
import { type Answer, CONTACT_KEY, type RunningGateway, read, runGateway } from './running.js';

/** Counts the queries of the status and of events. */
class CountingClient extends OnboardingClient {
  asked = 0;

  override status(workflowId: string, options?: CallOptions) {
    this.asked += 1;
    return super.status(workflowId, options);
  }

  override events(workflowId: string, options?: CallOptions & { readonly after?: number }) {
    this.asked += 1;
    return super.events(workflowId, options);
  }
}

let real: RealServers;
let client: CountingClient;
let gateway: RunningGateway;
const people = inventPeople(47, 20).values();

beforeAll(async () => {
  real = await openRealServers();
  await real.startWorker();
  client = new CountingClient(real.temporal, { contactKey: CONTACT_KEY });
  gateway = await runGateway({ temporal: real.temporal, client });
});

afterAll(async () => {
  await gateway?.close();
  await real?.close();
});

const tagOf = ({ headers }: Answer): string => headers.get('etag') ?? '';

/** Starts an onboarding, and returns its path and the tag of its status. */
const begin = async () => {
  const id = `customer-${randomUUID()}`;
  const person = people.next().value;
  if (person === undefined) throw new Error('everybody has been met');
  await gateway.ask('POST /v1/onboardings', { body: { ...real.request(person), reference: id } });
  const path = `/v1/onboardings/${id}`;
  return { path, tag: tagOf(await gateway.ask(`GET ${path}`)) };
};

const unless = (tag: string) => ({ headers: { 'if-none-match': tag } });

const openRequests = async () => {
  const { metrics } = gateway;
  return (await metrics.registry.getSingleMetric('gateway_event_streams')?.get())?.values[0]?.value;
};

describe('a conditional status', () => {
  it('is 304 without a body while it is the same, and complete at once after a write', async () => {
    const { path, tag } = await begin();
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const same = await gateway.ask(`GET ${path}`, unless(known));
      expect([same.status, same.text, tagOf(same)]).toEqual([304, '', tag]);
    }
    await gateway.ask(`POST ${path}/re-registration`, { body: {} });
    const changed = await gateway.ask(`GET ${path}`, unless(tag));
    expect(read(OnboardingCodec, changed)).toMatchObject({ generation: 2 });
    expect(tagOf(changed)).not.toBe(tag);
  });
});

describe('a waiting status', () => {
  it('responds once the status has changed, by queries that all waiting requests share', async () => {
    const { path, tag } = await begin();
    const asked = client.asked;
    const began = performance.now();
    const waiting = Array.from({ length: 20 }, () => gateway.ask(`GET ${path}?wait=30`, unless(tag)));
    await expect.poll(openRequests).toBe(20);
    await gateway.ask(`POST ${path}/re-registration`, { body: {} });
    for (const answer of await Promise.all(waiting))
      expect(read(OnboardingCodec, answer)).toMatchObject({ generation: 2 });
    // One at the start, one a second, and one or two of the changed status; not one for each of the twenty.
    expect(client.asked - asked).toBeLessThan(5 + (performance.now() - began) / 1_000);
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  it('responds with 304 after the time, and at once without a tag or if the onboarding has ended', async () => {
    const { path, tag } = await begin();
    const began = performance.now();
    expect((await gateway.ask(`GET ${path}?wait=1`, unless(tag))).status).toBe(304);
    expect(performance.now() - began).toBeGreaterThanOrEqual(1_000);
    expect((await gateway.ask(`GET ${path}?wait=30`)).status).toBe(200);
    await gateway.ask(`POST ${path}/withdrawal`);
    const ended = await gateway.ask(`GET ${path}?wait=30`, unless(tag));
    const later = performance.now();
    expect(read(OnboardingCodec, ended).decision?.outcome).toBe('withdrawn');
    expect((await gateway.ask(`GET ${path}?wait=30`, unless(tagOf(ended)))).status).toBe(304);
    expect(performance.now() - later).toBeLessThan(20_000);
    expect((await gateway.ask(`GET ${path}?wait=31`)).text).toContain('"field":"wait"');
  });

  it('never responds with an older status than the known one', async () => {
    const { path, tag } = await begin();
    const other = gateway.ask(`GET ${path}?wait=30`, unless(tag));
    await expect.poll(openRequests).toBe(1);
    await gateway.ask(`POST ${path}/re-registration`, { body: {} });
    const known = tagOf(await gateway.ask(`GET ${path}`));
    expect((await gateway.ask(`GET ${path}?wait=1`, unless(known))).status).toBe(304);
    await other;
  });

  it('ends when its caller disconnects and when the gateway stops, and has a maximum number', async () => {
    const { path, tag } = await begin();
    const own = await runGateway({ temporal: real.temporal, streamsPerKey: 1 });
    const wait = (signal?: AbortSignal) =>
      fetch(`${own.url}${path}?wait=30`, {
        headers: { authorization: `Bearer ${own.key}`, 'if-none-match': tag },
        ...(signal === undefined ? {} : { signal }),
      });
    const open = async () =>
      (await own.metrics.registry.getSingleMetric('gateway_event_streams')?.get())?.values[0]?.value;
    const leaving = new AbortController();
    const left = wait(leaving.signal).catch(() => 'left');
    await expect.poll(open).toBe(1);
    expect((await wait()).status).toBe(429);
    leaving.abort();
    expect(await left).toBe('left');
    await expect.poll(open).toBe(0);
    const last = wait();
    await expect.poll(open).toBe(1);
    const began = performance.now();
    await own.close();
    expect((await last).status).toBe(304);
    expect(performance.now() - began).toBeLessThan(4_000);
  });
});

describe('status reads', () => {
  it('are shared only by callers that came before them', async () => {
    const { path } = await begin();
    const workflowId = `onboarding-shop:${path.slice('/v1/onboardings/'.length)}`;
    const snapshot = await client.status(workflowId);
    const answers: ((answer: Snapshot) => void)[] = [];
    const readStatus = shareStatusReads({
      status: () => new Promise((resolve) => void answers.push(resolve)),
    });
    const first = readStatus('x');
    const later = [readStatus('x'), readStatus('x')];
    void readStatus('y');
    expect(answers).toHaveLength(2);
    answers[0]?.({ ...snapshot, generation: 1 });
    await expect.poll(() => answers.length).toBe(3);
    const last = readStatus('x');
    answers[2]?.({ ...snapshot, generation: 2 });
    await expect.poll(() => answers.length).toBe(4);
    answers[3]?.({ ...snapshot, generation: 3 });
    const generations = (await Promise.all([first, ...later, last])).map(({ generation }) => generation);
    expect(generations).toEqual([1, 2, 2, 3]);
  });
});
