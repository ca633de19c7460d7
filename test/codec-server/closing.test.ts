import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { bearer, run } from './running.js';

const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

describe('the shutdown of the codec server', () => {
  it.each([
    ['sends nothing', () => ''],
    ['never ends its headers', () => 'POST /decode HTTP/1.1\r\n'],
    [
      'never ends its body',
      (token: string) =>
        `POST /decode HTTP/1.1\r\nHost: x\r\nAuthorization: ${bearer(token).authorization}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"`,
    ],
  ])('is not delayed by a connection that %s', async (_what, words) => {
    const server = await run({ drainWithinMs: 50 });
    const { port, hostname } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    sockets.push(socket);
    await new Promise((resolve) => socket.on('error', () => {}).once('connect', resolve));
    socket.write(words(server.masked));
    // The response shows that the connection above has been accepted.
    await server.ask('GET /healthz');
    await server.close();
    await expect.poll(() => socket.closed).toBe(true);
  });
});
