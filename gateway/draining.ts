import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const SWEEP_EVERY_MS = 50;

/** The time in which a client that has just connected can still send its request. */
const FIRST_REQUEST_WITHIN_MS = 500;

/**
 * Prepares the shutdown of a server that does not listen yet. The returned function closes idle connections while
 * `close` waits for requests in flight, and all connections after `withinMs`.
 */
export const drainsConnections = (server: Server) => {
  /** Connections without a request so far, which Node does not count as idle. */
  const silent = new Set<Socket>();
  server.on('connection', (socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', ({ socket }) => silent.delete(socket));

  return async (close: () => Promise<void>, withinMs: number): Promise<void> => {
    const closeSilent = () => silent.forEach((socket) => void socket.destroy());
    const timers = [
      // A stream sent its headers before the shutdown, so its connection becomes idle without `connection: close`.
      setInterval(() => server.closeIdleConnections(), SWEEP_EVERY_MS),
      setTimeout(closeSilent, Math.min(FIRST_REQUEST_WITHIN_MS, withinMs)),
      // Node stops enforcing timeouts once a server closes: an unfinished request would keep it open forever.
      setTimeout(() => server.closeAllConnections(), withinMs),
    ];
    await close().finally(() => timers.forEach(clearTimeout));
  };
};
