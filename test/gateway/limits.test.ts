import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RunningGateway, type RunOptions, runGateway } from './running.js';
import { openTemporal, type TemporalAlone } from './temporal.js';

let alone: TemporalAlone;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  alone = await openTemporal();
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

afterAll(() => alone?.close());

const run = async (change: Partial<RunOptions> = {}): Promise<RunningGateway> => {
  const gateway = await runGateway({ temporal: alone.temporal, ...change });
  closing.push(() => gateway.close());
  return gateway;
};

const connectTo = async ({ url }: RunningGateway): Promise<Socket> => {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname).on('error', () => undefined);
  closing.push(async () => socket.destroy());
  await once(socket, 'connect');
  return socket;
};

const IDLE_CONNECTIONS = fileURLToPath(new URL('./idle-connections.mjs', import.meta.url));

describe('the gateway', () => {
  it('limits the rate of a key with `Retry-After`, and still answers other keys', async () => {
    const gateway = await run({ requestsPerMinute: 3 });
    const more = gateway.addKey('more', { requestsPerMinute: 5 });
    const ask = async (key?: string) => gateway.ask('GET /v1/onboardings', key === undefined ? {} : { key });
    const statuses = [];
    const began = performance.now();
    for (let asked = 0; asked < 4; asked++) statuses.push((await ask()).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const refused = await ask();
    expect([refused.headers.get('content-type'), refused.body]).toMatchObject([
      'application/problem+json',
      { code: 'tooManyRequests' },
    ]);
    const retryAfter = Number(refused.headers.get('retry-after'));
    // The rest of the minute.
    expect(retryAfter).toBeGreaterThanOrEqual(Math.floor(60 - (performance.now() - began) / 1_000));
    expect(retryAfter).toBeLessThanOrEqual(60);
    for (let asked = 0; asked < 5; asked++) expect((await ask(more)).status).toBe(200);
    expect((await ask(more)).status).toBe(429);
  });

  it('rejects a body above the size limit, also without `Content-Length`', async () => {
    const gateway = await run({ bodyLimitBytes: 1024 });
    const call = 'POST /v1/onboardings';
    expect((await gateway.ask(call, { body: `"${'x'.repeat(1022)}"` })).status).toBe(422);
    expect((await gateway.ask(call, { body: `"${'x'.repeat(1023)}"` })).status).toBe(413);
    const socket = await connectTo(gateway);
    const head = `POST /v1/onboardings HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${gateway.key}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    socket.write(`${head}${'400\r\n'}${'x'.repeat(1024)}\r\n400\r\n${'x'.repeat(1024)}\r\n`);
    const [said] = await once(socket, 'data');
    expect(String(said)).toMatch(/^HTTP\/1\.1 413 /);
  });

  it.each([
    ['headers', (_key: string) => 'POST /v1/onboardings HTTP/1.1\r\nHost: x\r\n'],
    [
      'body',
      (key: string) =>
        `POST /v1/onboardings HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"`,
    ],
  ])('times out a client that never ends its %s, and answers others meanwhile', async (_what, words) => {
    const gateway = await run({ requestTimeoutMs: 2_000 });
    const slow = await Promise.all(Array.from({ length: 50 }, () => connectTo(gateway)));
    const said = slow.map(async (socket) => String((await once(socket, 'data'))[0]));
    for (const socket of slow) socket.write(words(gateway.key));
    expect((await gateway.ask('GET /v1/onboardings')).status).toBe(200);
    for (const answer of await Promise.all(said))
      expect(answer).toMatch(/^HTTP\/1\.1 408 (.|\s)*"code":"requestTimeout"/);
    await expect.poll(() => slow.every(({ closed }) => closed)).toBe(true);
  });

  it('still answers with 10,000 silent connections open', { timeout: 120_000 }, async () => {
    const gateway = await run({ requestTimeoutMs: 60_000 });
    const idle = execa(process.execPath, [IDLE_CONNECTIONS, new URL(gateway.url).port, '10000'], { reject: false });
    closing.push(async () => idle.kill('SIGKILL'));
    await once(idle.stdout, 'data');
    for (let asked = 0; asked < 20; asked++) expect((await gateway.ask('GET /v1/onboardings')).status).toBe(200);
    await expect.poll(async () => (await gateway.ask('GET /readyz')).status).toBe(200);
  });
});
