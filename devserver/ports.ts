import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const listen = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new Error('the system gave no port'));
      });
    });
  });

/** Where systems take the ports of outgoing connections from higher up: 32768 on Linux, 49152 elsewhere. */
const STEADY = { from: 15_000, to: 32_000 } as const;

/**
 * Different free ports that stay free until something listens there, and while a server is down between a crash and its next start: no
 * outgoing connection is given one of them.
 */
export const steadyPorts = async (count: number): Promise<readonly number[]> => {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = await listen(randomInt(STEADY.from, STEADY.to)).catch(() => undefined);
    if (port !== undefined) ports.add(port);
  }
  return [...ports];
};

/** The wanted port where it is free, and another otherwise. */
export const freePort = async (wanted?: number): Promise<number> => {
  const isFree = wanted !== undefined && (await listen(wanted).catch(() => undefined)) === wanted;
  const [other = 0] = isFree ? [wanted] : await steadyPorts(1);
  return other;
};
