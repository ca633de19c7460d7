import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { createServer } from 'node:net';

const HOST = '127.0.0.1';

const canListen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, HOST, () => server.close(() => resolve(true)));
  });

/**
 * Until this process ends, no other that asks here is given the port: between being given away and being listened on it looks free to
 * everybody. The sign is a socket of UDP, which nothing of ours uses, as the system takes it away whatever the process dies of.
 */
const claim = (port: number): Promise<Socket | undefined> =>
  new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => socket.close(() => resolve(undefined)));
    socket.bind(port, HOST, () => resolve(socket.unref()));
  });

/** True where the port was free, and is ours now. */
const take = async (port: number): Promise<boolean> => {
  const claimed = await claim(port);
  if (claimed === undefined) return false;
  const isFree = await canListen(port);
  if (!isFree) claimed.close();
  return isFree;
};

/** Where systems take the ports of outgoing connections from higher up: 32768 on Linux, 49152 elsewhere. */
const STEADY = { from: 15_000, to: 32_000 } as const;

/**
 * Different free ports that stay free until something listens there, and while a server is down between a crash and its next start: no
 * outgoing connection is given one of them, and no other caller of this, in whatever process.
 */
export const steadyPorts = async (count: number): Promise<readonly number[]> => {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = randomInt(STEADY.from, STEADY.to);
    if (await take(port)) ports.push(port);
  }
  return ports;
};

/** The wanted port where it is free, and another otherwise. */
export const freePort = async (wanted?: number): Promise<number> => {
  if (wanted !== undefined && (await take(wanted))) return wanted;
  const [other = 0] = await steadyPorts(1);
  return other;
};
