import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnboardingClient } from '../../client/index.js';
import type { EventsAnswer } from '../../contract/messages.js';
import { DEFAULT_POLICY } from '../../domain/policy/policy.js';
import { snapshot } from '../../domain/snapshot.js';
import { initialState } from '../../domain/state.js';
import { CONTACT_KEY, type RunningGateway, runGateway } from './running.js';
import { openTemporal, type TemporalAlone } from './temporal.js';

const POLICY = { ...DEFAULT_POLICY, required: ['email'] } as const;

const ANSWER: EventsAnswer = {
  events: [],
  last: 0,
  oldest: 1,
  onboardingRunId: 'run',
  snapshot: snapshot(initialState({ policy: POLICY, contact: { email: 'applicant@example.com' } }, 0), 0),
};

/** A client whose answers the test holds back. */
class HeldClient extends OnboardingClient {
  asked = 0;
  held: Promise<void> = Promise.resolve();

  override async events(): Promise<EventsAnswer> {
    this.asked += 1;
    await this.held;
    return ANSWER;
  }
}

const STREAMS = 40;

let alone: TemporalAlone;
let gateway: RunningGateway;
let client: HeldClient;

beforeAll(async () => {
  alone = await openTemporal();
  client = new HeldClient(alone.temporal, { contactKey: CONTACT_KEY });
  gateway = await runGateway({ temporal: alone.temporal, client, streamsPerKey: STREAMS });
});

afterAll(async () => {
  await gateway?.close();
  await alone?.close();
});

const openStreams = async () =>
  (await gateway.metrics.registry.getSingleMetric('gateway_event_streams')?.get())?.values[0]?.value;

const requestOf = (id: string): string =>
  `GET /v1/onboardings/${id}/events/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${gateway.key}\r\n\r\n`;

/** Requests streams, each of an onboarding of its own, on connections with `each` of them. */
const request = (each = 1): Promise<readonly Socket[]> =>
  Promise.all(
    Array.from({ length: STREAMS / each }, async (_, index) => {
      const { port, hostname } = new URL(gateway.url);
      const socket = connect(Number(port), hostname).on('error', () => undefined);
      await once(socket, 'connect');
      for (let nth = 0; nth < each; nth++) socket.write(requestOf(`customer-${index}-${nth}`));
      return socket;
    }),
  );

const firstLine = async (socket: Socket): Promise<string> => String((await once(socket, 'data'))[0]).slice(0, 12);

const reset = (sockets: readonly Socket[]) => sockets.forEach((socket) => void socket.resetAndDestroy());

/** Opens the maximum number of streams. */
const expectEveryPlaceFree = async () => {
  await expect.poll(openStreams).toBe(0);
  const sockets = await request();
  expect(new Set(await Promise.all(sockets.map(firstLine)))).toEqual(new Set(['HTTP/1.1 200']));
  for (const socket of sockets) socket.end();
  await expect.poll(openStreams).toBe(0);
};

describe('the places of streams whose connections are reset', () => {
  it('are free again if that is before the request is authenticated', async () => {
    for (let round = 0; round < 4; round++) {
      reset(await request());
      await gateway.ask('GET /v1/onboardings/x/events');
    }
    await expectEveryPlaceFree();
  });

  it.each([
    ['while the onboarding is read', 1],
    ['while one waits for the response to another on the same connection', 2],
  ])('are free again if that is %s', async (_when, each) => {
    let answer = (): void => undefined;
    client.held = new Promise((resolve) => {
      answer = resolve;
    });
    const before = client.asked;
    const sockets = await request(each);
    await expect.poll(() => client.asked).toBe(before + STREAMS);
    reset(sockets);
    await expect.poll(openStreams).toBe(0);
    answer();
    await expectEveryPlaceFree();
  });

  it('are free again if that is after the first message', async () => {
    const sockets = await request();
    await Promise.all(sockets.map(firstLine));
    reset(sockets);
    await expectEveryPlaceFree();
  });
});
