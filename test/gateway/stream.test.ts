import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import * as t from 'io-ts';
import { describe, expect, it } from 'vitest';
import type { View } from '../../gateway/events/feed.js';
import { streamOf } from '../../gateway/events/stream.js';
import { EventCodec } from '../../gateway/schemas/event.js';
import { OnboardingCodec, RegistrationCodec } from '../../gateway/schemas/onboarding.js';
import { opened } from '../support/opened.js';
import { openCountedGateway } from './counted-gateway.js';
import { read, runGateway } from './running.js';

const servers = opened(openCountedGateway);

const begin = async () => {
  const id = `customer-${randomUUID()}`;
  const person = servers.nextPerson();
  const body = { ...servers.real.request(person), reference: id };
  const { token } = read(RegistrationCodec, await servers.gateway.ask('POST /v1/onboardings', { body }));
  const workflowId = `onboarding-shop:${id}`;
  const applicant = servers.real.applicantWith(person, token);
  return {
    id,
    workflowId,
    path: `/v1/onboardings/${id}`,
    pass: async (check: 'email' | 'phone' | 'document' | 'biometric') => {
      const { status, validationId } = await applicant.pass(check);
      await servers.real.client.signalValidation(workflowId, check, { status, validationId });
    },
  };
};

interface Message {
  readonly id?: string;
  readonly event: string;
  readonly data: string;
}

const readMessage = (text: string): readonly Message[] => {
  const fields = new Map(text.split('\n').map((line) => [line.split(': ')[0], line.slice(line.indexOf(': ') + 2)]));
  const [id, event, data] = ['id', 'event', 'data'].map((name) => fields.get(name));
  return event === undefined || data === undefined ? [] : [{ ...(id === undefined ? {} : { id }), event, data }];
};

/** Follows an onboarding by its stream, and collects the messages. */
const follow = async (path: string, headers: Readonly<Record<string, string>> = {}, on = servers.gateway) => {
  const controller = new AbortController();
  const response = await fetch(`${on.url}${path}/events/stream`, {
    headers: { authorization: `Bearer ${on.key}`, ...headers },
    signal: controller.signal,
  });
  const messages: Message[] = [];
  let ended = false;
  const reading = async () => {
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
      rest = parts.pop() ?? '';
      messages.push(...parts.flatMap(readMessage));
    }
    ended = true;
  };
  const done = reading().catch(() => undefined);
  return {
    response,
    messages,
    events: () => messages.filter(({ id }) => id !== undefined).map(({ event }) => event),
    ids: () => messages.flatMap(({ id }) => (id === undefined ? [] : [Number(id)])),
    hasEnded: () => ended,
    leave: async () => {
      controller.abort();
      await done;
    },
  };
};

const as = <A>(codec: t.Type<A, unknown, unknown>, data: string): A =>
  read(codec, { status: 200, headers: new Headers(), text: data, body: JSON.parse(data) });

const openStreams = async () => {
  const { metrics } = servers.gateway;
  return (await metrics.registry.getSingleMetric('gateway_event_streams')?.get())?.values[0]?.value;
};

describe('a stream of events', () => {
  it('sends past events, the status and each change, and ends with the onboarding', async () => {
    const { id, path, pass } = await begin();
    const stream = await follow(path);
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream');
    await expect.poll(stream.events).toEqual(['onboarding.registered']);
    for (const check of ['email', 'phone', 'document', 'biometric'] as const) await pass(check);
    await expect.poll(stream.hasEnded).toBe(true);
    expect(stream.events()).toEqual([
      'onboarding.registered',
      ...Array(4).fill('onboarding.check.passed'),
      'onboarding.ended',
    ]);
    expect(stream.ids()).toEqual([1, 2, 3, 4, 5, 6]);
    for (const { event, data } of stream.messages.filter((message) => message.id !== undefined))
      expect(as(EventCodec, data)).toMatchObject({ type: event, data: { id } });
    const statuses = stream.messages.filter(({ event }) => event === 'status');
    const snapshots = statuses.map(({ data }) => as(OnboardingCodec, data));
    expect(snapshots.map((one) => one.id)).toEqual(snapshots.map(() => id));
    expect(snapshots[0]?.phase).toBe('validating');
    expect(snapshots.at(-1)?.decision?.outcome).toBe('verified');
    const { events } = as(
      t.type({ events: t.array(EventCodec) }),
      (await servers.gateway.ask(`GET ${path}/events`)).text,
    );
    expect(stream.messages.flatMap((one) => (one.id === undefined ? [] : [JSON.parse(one.data)]))).toEqual(events);
  });

  it('resumes after the last event like browsers do, and ends at once if the onboarding has ended', async () => {
    const { path } = await begin();
    await servers.gateway.ask(`POST ${path}/withdrawal`);
    const whole = await follow(path);
    await expect.poll(whole.hasEnded).toBe(true);
    expect(whole.ids()).toEqual([1, 2]);
    const rest = await follow(path, { 'last-event-id': '1' });
    await expect.poll(rest.hasEnded).toBe(true);
    expect(rest.ids()).toEqual([2]);
  });

  it('queries the onboarding once for all followers, and stops when they have left', async () => {
    const { path } = await begin();
    const followers = await Promise.all(Array.from({ length: 20 }, () => follow(path)));
    await expect.poll(() => followers.every(({ messages }) => messages.length > 0)).toBe(true);
    const before = servers.client.asked;
    await servers.gateway.ask(`POST ${path}/re-registration`, { body: {} });
    await expect.poll(() => followers.every(({ ids }) => ids().length === 2)).toBe(true);
    // Once after each event of the history, not once for each of the twenty.
    expect(servers.client.asked - before).toBeLessThan(8);
    for (const { leave } of followers) await leave();
    await expect.poll(openStreams).toBe(0);
  });

  it('ends if the onboarding is stopped or erased in Temporal', async () => {
    const [stopped, erased] = [await begin(), await begin()];
    const streams = [await follow(stopped.path), await follow(erased.path)];
    await expect.poll(() => streams.every(({ messages }) => messages.length > 0)).toBe(true);
    await servers.real.temporal.workflow.getHandle(stopped.workflowId).terminate();
    await servers.gateway.ask(`DELETE ${erased.path}`);
    await expect.poll(() => streams.map(({ hasEnded }) => hasEnded())).toEqual([true, true]);
    const stop = { phase: 'ended', stopped: { how: 'terminated' }, nextActions: [{ action: 'restart' }] };
    expect(read(OnboardingCodec, await servers.gateway.ask(`GET ${stopped.path}`))).toMatchObject(stop);
    expect(as(OnboardingCodec, streams[0]?.messages.at(-1)?.data ?? '')).toMatchObject(stop);
  });

  it('is closed without further data if its reader sends data that is not HTTP', async () => {
    const { path } = await begin();
    const { port, hostname } = new URL(servers.gateway.url);
    const socket = connect(Number(port), hostname)
      .setEncoding('utf8')
      .on('error', () => undefined);
    let said = '';
    socket.on('data', (more: string) => {
      said += more;
    });
    socket.write(
      `GET ${path}/events/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${servers.gateway.key}\r\n\r\n`,
    );
    await expect.poll(() => said).toContain('event: status');
    socket.write('rubbish\r\n\r\n');
    await once(socket, 'close');
    expect(said.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  it('is rejected above the maximum number of a key', async () => {
    const few = await runGateway({ temporal: servers.real.temporal, streamsPerKey: 2 });
    const { path } = await begin();
    const [one, two] = [await follow(path, {}, few), await follow(path, {}, few)];
    const third = await few.ask(`GET ${path}/events/stream`);
    expect([third.status, third.body]).toMatchObject([429, { code: 'tooManyStreams' }]);
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0);
    await one.leave();
    await expect.poll(async () => (await follow(path, {}, few)).response.status).toBe(200);
    await few.close();
    await expect.poll(two.hasEnded).toBe(true);
  });

  it('ends when its key is revoked and when the gateway stops', async () => {
    const own = await runGateway({ temporal: servers.real.temporal });
    const [revoked, path] = [own.addKey('revoked'), (await begin()).path];
    const stream = await follow(path, { authorization: `Bearer ${revoked}` }, own);
    const other = await follow(path, {}, own);
    await expect.poll(() => [stream.messages.length, other.messages.length]).toEqual([2, 2]);
    const { key } = own;
    own.writeKeys({ name: 'shop', tenant: 'shop', scopes: ['read'], sha256: (await own.apiKeys.keyOf(key))?.sha256 });
    await own.ask(`GET ${path}`);
    await servers.gateway.ask(`POST ${path}/re-registration`, { body: {} });
    await expect.poll(stream.hasEnded).toBe(true);
    expect(stream.ids()).toEqual([1]);
    await expect.poll(other.ids).toEqual([1, 2]);
    await own.close();
    await expect.poll(other.hasEnded).toBe(true);
  });

  it('of an unknown onboarding is rejected before it begins', async () => {
    const answer = await servers.gateway.ask('GET /v1/onboardings/nobody/events/stream');
    expect([answer.status, answer.body]).toMatchObject([404, { code: 'notFound' }]);
  });

  it('buffers nothing for a reader that reads nothing', async () => {
    const { workflowId } = await begin();
    const { events, snapshot } = await servers.real.client.events(workflowId);
    let [view, changes]: [View, number] = [{ events, snapshot, ended: false }, 0];
    const feed = {
      view: () => view,
      changed: async () => {
        changes += 1;
        view = { events, snapshot: { ...snapshot, generation: changes }, ended: false };
      },
    };
    const { signal } = new AbortController();
    const stream = streamOf(feed, { id: 'x', after: 0, mayRead: async () => true, signal });
    stream.read();
    await expect.poll(() => stream.readableLength).toBeGreaterThan(stream.readableHighWaterMark - 1);
    const kept = [stream.readableLength, changes];
    await new Promise((resolve) => setImmediate(resolve));
    expect([stream.readableLength, changes]).toEqual(kept);
    expect(stream.readableLength).toBeLessThan(100_000);
    stream.destroy();
  });
});
