import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const SWEEP_EVERY_MS = 50;

/** The time in which a client that has just connected can still send its request. */
const FIRST_REQUEST_WITHIN_MS = 500;

/** Closes a server's connections during its shutdown. */
export class Draining {
  readonly #server: Server;
  /** Connections without a request so far, which Node does not count as idle. */
  readonly #silent = new Set<Socket>();

  /** Create it before the server listens. */
  constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#silent.add(socket);
      socket.once('close', () => this.#silent.delete(socket));
    });
    server.on('request', ({ socket }) => this.#silent.delete(socket));
  }

  /** Closes idle connections while `close` waits for requests in flight, and all connections after `withinMs`. */
  async during(close: () => Promise<void>, withinMs: number): Promise<void> {
    const timers = [
      // A stream sent its headers before the shutdown, so its connection becomes idle without `connection: close`.
      setInterval(() => this.#server.closeIdleConnections(), SWEEP_EVERY_MS),
      setTimeout(() => this.#closeSilent(), Math.min(FIRST_REQUEST_WITHIN_MS, withinMs)),
      // Node stops enforcing timeouts once a server closes: an unfinished request would keep it open forever.
      setTimeout(() => this.#server.closeAllConnections(), withinMs),
    ];
    await close().finally(() => {
      for (const timer of timers) clearTimeout(timer);
    });
  }

  #closeSilent(): void {
    for (const socket of this.#silent) socket.destroy();
  }
}
