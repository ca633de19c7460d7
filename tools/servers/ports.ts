import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

const HOST = '127.0.0.1';

/**
 * Reserves a port among the processes of this project until this process exits. False if it is in use or reserved. A
 * port looks free between being chosen and being listened on. The reservation is a bound UDP socket: nothing here uses
 * UDP, and the operating system releases it even after a crash.
 */
const reserveIfFree = async (port: number): Promise<boolean> => {
  const reservation = createSocket('udp4').unref();
  const server = createServer();
  try {
    await once(reservation.bind(port, HOST), 'listening');
    await once(server.listen(port, HOST), 'listening');
    return true;
  } catch {
    reservation.close();
    return false;
  } finally {
    if (server.listening) await once(server.close(), 'close');
  }
};

/** Below the ephemeral ports, which begin at 32768 on Linux and at 49152 elsewhere. */
const PORT_RANGE = { from: 15_000, to: 32_000 } as const;

/**
 * Reserves free ports that stay free while a server is down between a crash and its restart: the operating system gives
 * none of them to an outgoing connection, and no other caller in any process gets them.
 */
export const steadyPorts = async (count: number): Promise<readonly number[]> => {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = randomInt(PORT_RANGE.from, PORT_RANGE.to);
    if (await reserveIfFree(port)) ports.push(port);
  }
  return ports;
};

/** Returns the wanted port if it is free, and another free port otherwise. */
export const freePort = async (wanted?: number): Promise<number> => {
  if (wanted !== undefined && (await reserveIfFree(wanted))) return wanted;
  const [other = 0] = await steadyPorts(1);
  return other;
};
