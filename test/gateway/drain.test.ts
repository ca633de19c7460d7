import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnboardingClient } from '../../client/index.js';
import { CONTACT_KEY, runGateway } from './running.js';
import { openTemporal, type TemporalAlone } from './temporal.js';

let alone: TemporalAlone;

beforeAll(async () => {
  alone = await openTemporal();
});

afterAll(() => alone?.close());

describe('the shutdown of the gateway', () => {
  it('completes requests in flight, and accepts no further ones', async () => {
    const gateway = await runGateway({ temporal: alone.temporal });
    const asking = request(`${gateway.url}/v1/onboardings/x/re-registration`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' },
    });
    const answered = once(asking, 'response');
    await new Promise((resolve) => asking.write('{', resolve));
    // The response shows that the request above has been received.
    await gateway.ask('GET /healthz');
    const closed = gateway.close();
    await expect(gateway.ask('GET /healthz')).rejects.toThrow();
    asking.end('}');
    const [response] = await answered;
    expect([response.statusCode, response.headers.connection]).toEqual([404, 'close']);
    expect(await text(response)).toContain('"code":"notFound"');
    await closed;
  });

  it.each([
    ['sends nothing', (_key: string) => ''],
    ['never ends its headers', (_key: string) => 'POST /v1/onboardings HTTP/1.1\r\n'],
    [
      'never ends its body',
      (key: string) =>
        `POST /v1/onboardings HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"`,
    ],
  ])('is not delayed by a connection that %s', async (_what, words) => {
    const gateway = await runGateway({ temporal: alone.temporal, drainMs: 50 });
    const { port, hostname } = new URL(gateway.url);
    const socket = connect(Number(port), hostname).on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(words(gateway.key));
    await gateway.ask('GET /healthz');
    await gateway.close();
    await expect.poll(() => socket.closed).toBe(true);
  });
});

describe('the gateway, without Temporal', () => {
  it('soon reports that it is not ready, and rejects calls with `Retry-After`', async () => {
    const other = await openTemporal();
    const client = new OnboardingClient(other.temporal, { contactKey: CONTACT_KEY, timeoutMs: 1_000 });
    const gateway = await runGateway({ temporal: other.temporal, client });
    try {
      expect((await gateway.ask('GET /readyz')).status).toBe(200);
      await other.server.kill();
      const refused = await gateway.ask('GET /v1/onboardings');
      expect([503, 504]).toContain(refused.status);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      await expect.poll(async () => (await gateway.ask('GET /readyz')).status).toBe(503);
      expect((await gateway.ask('GET /healthz')).status).toBe(200);
    } finally {
      await gateway.close();
      await other.close();
    }
  });
});
