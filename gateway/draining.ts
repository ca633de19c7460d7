import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const SWEEP_EVERY_MS = 50;

/** Whoever has connected just now may have a request on its way. */
const SAY_SOMETHING_WITHIN_MS = 500;

/** Knows what has to be done with a server's connections before it ends. */
export class Draining {
  readonly #server: Server;
  /** The connections on which no request has come yet: Node does not count them as idle. */
  readonly #silent = new Set<Socket>();

  /** For a server that does not listen yet. */
  constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#silent.add(socket);
      socket.once('close', () => this.#silent.delete(socket));
    });
    server.on('request', ({ socket }) => this.#silent.delete(socket));
  }

  /** Ends connections as soon as they are of no use, while `close` goes on, and all that are left when its time is up. */
  async during(close: () => Promise<void>, withinMs: number): Promise<void> {
    const timers = [
      // Streams began before they could tell that their connection will be closed after them.
      setInterval(() => this.#server.closeIdleConnections(), SWEEP_EVERY_MS),
      setTimeout(() => this.#closeSilent(), Math.min(SAY_SOMETHING_WITHIN_MS, withinMs)),
      // Node watches no connection's time any more once a server closes: one that never ends its request would keep it for ever.
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
