import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';

/** Thrown into a connection that was not made in time. Nothing was sent over it. */
export const CONNECT_TIMEOUT = 'ERR_CONNECT_TIMEOUT';

const bound = (stream: Duplex | null | undefined, event: 'connect' | 'secureConnect', timeoutMs: number) => {
  if (!stream) return stream;
  const timer = setTimeout(
    () => stream.destroy(Object.assign(new Error('no connection in time'), { code: CONNECT_TIMEOUT })),
    timeoutMs,
  );
  const settled = () => clearTimeout(timer);
  stream.once(event, settled).once('close', settled);
  return stream;
};

class BoundedHttpAgent extends http.Agent {
  readonly #connectTimeoutMs: number;

  constructor(connectTimeoutMs: number) {
    super({ keepAlive: true });
    this.#connectTimeoutMs = connectTimeoutMs;
  }

  override createConnection(...args: Parameters<http.Agent['createConnection']>): Duplex | null | undefined {
    return bound(super.createConnection(...args), 'connect', this.#connectTimeoutMs);
  }
}

class BoundedHttpsAgent extends https.Agent {
  readonly #connectTimeoutMs: number;

  constructor(connectTimeoutMs: number) {
    super({ keepAlive: true });
    this.#connectTimeoutMs = connectTimeoutMs;
  }

  override createConnection(...args: Parameters<https.Agent['createConnection']>): Duplex | null | undefined {
    return bound(super.createConnection(...args), 'secureConnect', this.#connectTimeoutMs);
  }
}

/** Agents that keep connections open between calls, and give up on one that is not made in time. */
export interface Agents {
  readonly forUrl: (url: URL) => http.Agent;
  readonly close: () => void;
}

export const createAgents = (connectTimeoutMs: number): Agents => {
  const plain = new BoundedHttpAgent(connectTimeoutMs);
  const secure = new BoundedHttpsAgent(connectTimeoutMs);
  return {
    forUrl: (url) => (url.protocol === 'https:' ? secure : plain),
    close: () => {
      plain.destroy();
      secure.destroy();
    },
  };
};
