import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../client/index.js';
import { limitLongPolls, watchHistories } from '../../gateway/events/history.js';
import { OnboardingCodec } from '../../gateway/schemas/onboarding.js';
import { ResultCodec } from '../../gateway/schemas/status.js';
import { shareStatusReads } from '../../gateway/status-reads.js';
import { opened } from '../support/opened.js';
import { openCountedGateway } from './counted-gateway.js';
import { type Answer, read, runGateway } from './running.js';

const servers = opened(openCountedGateway);

const tagOf = ({ headers }: Answer): string => headers.get('etag') ?? '';

/** Starts an onboarding, and returns its path and the tag of its status. */
const begin = async () => {
  const id = `customer-${randomUUID()}`;
  const person = servers.nextPerson();
  await servers.gateway.ask('POST /v1/onboardings', { body: { ...servers.real.request(person), reference: id } });
  const path = `/v1/onboardings/${id}`;
  return { path, tag: tagOf(await servers.gateway.ask(`GET ${path}`)) };
};

const unless = (tag: string) => ({ headers: { 'if-none-match': tag } });

const openRequests = async () => {
  const { metrics } = servers.gateway;
  return (await metrics.registry.getSingleMetric('gateway_event_streams')?.get())?.values[0]?.value;
};

describe('a conditional status', () => {
  it('is 304 without a body while it is the same, and complete at once after a write', async () => {
    const { path, tag } = await begin();
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const same = await servers.gateway.ask(`GET ${path}`, unless(known));
      expect([same.status, same.text, tagOf(same)]).toEqual([304, '', tag]);
    }
    await servers.gateway.ask(`POST ${path}/re-registration`, { body: {} });
    const changed = await servers.gateway.ask(`GET ${path}`, unless(tag));
    expect(read(OnboardingCodec, changed)).toMatchObject({ generation: 2 });
    expect(tagOf(changed)).not.toBe(tag);
  });
});

describe('a waiting status', () => {
  it('responds once the status has changed, by queries that all waiting requests share', async () => {
    const { path, tag } = await begin();
    const asked = servers.client.asked;
    const waiting = Array.from({ length: 20 }, () => servers.gateway.ask(`GET ${path}?wait=30`, unless(tag)));
    await expect.poll(openRequests).toBe(20);
    const began = performance.now();
    await servers.gateway.ask(`POST ${path}/re-registration`, { body: {} });
    for (const answer of await Promise.all(waiting)) {
      expect(answer.status).toBe(200);
      expect(tagOf(answer)).not.toBe(tag);
    }
    // Sooner than a poll each second would notice it.
    expect(performance.now() - began).toBeLessThan(900);
    // One at the start, and one after each event of the history; not one for each of the twenty.
    expect(servers.client.asked - asked).toBeLessThan(8);
  });

  it('responds with 304 after the time, and at once without a tag or if the onboarding has ended', async () => {
    const { path, tag } = await begin();
    const [asked, began] = [servers.client.asked, performance.now()];
    expect((await servers.gateway.ask(`GET ${path}?wait=1`, unless(tag))).status).toBe(304);
    expect(servers.client.asked - asked).toBe(1);
    expect(performance.now() - began).toBeGreaterThanOrEqual(1_000);
    expect((await servers.gateway.ask(`GET ${path}?wait=30`)).status).toBe(200);
    await servers.gateway.ask(`POST ${path}/withdrawal`);
    const ended = await servers.gateway.ask(`GET ${path}?wait=30`, unless(tag));
    const later = performance.now();
    expect(read(OnboardingCodec, ended).decision?.outcome).toBe('withdrawn');
    expect((await servers.gateway.ask(`GET ${path}?wait=30`, unless(tagOf(ended)))).status).toBe(304);
    expect(performance.now() - later).toBeLessThan(20_000);
    expect((await servers.gateway.ask(`GET ${path}?wait=31`)).text).toContain('"field":"wait"');
  });

  it('never responds with an older status than the known one', async () => {
    const { path, tag } = await begin();
    const other = servers.gateway.ask(`GET ${path}?wait=30`, unless(tag));
    await expect.poll(openRequests).toBe(1);
    await servers.gateway.ask(`POST ${path}/re-registration`, { body: {} });
    const known = tagOf(await servers.gateway.ask(`GET ${path}`));
    expect((await servers.gateway.ask(`GET ${path}?wait=1`, unless(known))).status).toBe(304);
    await other;
  });

  it('ends when its caller disconnects and when the gateway stops, and has a maximum number', async () => {
    const { path, tag } = await begin();
    const own = await runGateway({ temporal: servers.real.temporal, streamsPerKey: 1 });
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

describe('a result', () => {
  it('comes once the onboarding is decided, without a query, and is rejected before', async () => {
    const { path } = await begin();
    const asked = servers.client.asked;
    expect((await servers.gateway.ask(`GET ${path}/result`)).text).toContain('notDecided');
    const began = performance.now();
    expect((await servers.gateway.ask(`GET ${path}/result?wait=1`)).text).toContain('notDecided');
    expect(performance.now() - began).toBeGreaterThanOrEqual(1_000);
    const waiting = servers.gateway.ask(`GET ${path}/result?wait=30`);
    await expect.poll(openRequests).toBe(1);
    await servers.gateway.ask(`POST ${path}/withdrawal`);
    const result = { id: basename(path), outcome: 'withdrawn', appRegistrationId: expect.any(String) };
    expect(read(ResultCodec, await waiting)).toMatchObject(result);
    expect(read(ResultCodec, await servers.gateway.ask(`GET ${path}/result`))).toMatchObject(result);
    expect(servers.client.asked - asked).toBe(0);
    expect((await servers.gateway.ask('GET /v1/onboardings/nobody/result?wait=1')).status).toBe(404);
    expect((await servers.gateway.ask('GET /v1/onboardings/nobody/result')).status).toBe(404);
  });

  it('says how an onboarding was stopped, and ends with the gateway', async () => {
    const [stopped, open] = [await begin(), await begin()];
    await servers.real.temporal.workflow.getHandle(`onboarding-shop:${basename(stopped.path)}`).terminate();
    for (const wait of ['', '?wait=30']) {
      const { status, text } = await servers.gateway.ask(`GET ${stopped.path}/result${wait}`);
      expect([status, text]).toEqual([409, expect.stringContaining('terminated')]);
    }
    const own = await runGateway({ temporal: servers.real.temporal });
    const waiting = own.ask(`GET ${open.path}/result?wait=30`);
    await expect
      .poll(async () => (await own.metrics.registry.getSingleMetric('gateway_event_streams')?.get())?.values[0]?.value)
      .toBe(1);
    await own.close();
    expect((await waiting).text).toContain('notDecided');
  });
});

describe('a watch of histories', () => {
  it('reports what happens to as many onboardings as it may, and the others as changed once a second', async () => {
    const watch = watchHistories(servers.real.temporal, limitLongPolls(1));
    const workflowIds = [(await begin()).path, (await begin()).path].map((path) => `onboarding-shop:${basename(path)}`);
    const [watched = '', unwatched = ''] = workflowIds;
    const leaving = new AbortController();
    const { signal: staying } = new AbortController();
    const first = await watch(watched, leaving.signal);
    let changes = 0;
    const changed = first.changed().then(() => (changes += 1));
    const began = performance.now();
    await (await watch(unwatched, staying)).changed();
    expect(performance.now() - began).toBeGreaterThan(900);
    expect(changes).toBe(0);
    await servers.client.withdraw(watched);
    await changed;
    leaving.abort();
    const next = (await watch(unwatched, staying)).changed();
    await servers.client.withdraw(unwatched);
    const asked = performance.now();
    await next;
    expect(performance.now() - asked).toBeLessThan(900);
  });
});

describe('status reads', () => {
  it('are shared only by callers that came before them', async () => {
    const { path } = await begin();
    const workflowId = `onboarding-shop:${path.slice('/v1/onboardings/'.length)}`;
    const snapshot = await servers.client.status(workflowId);
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
