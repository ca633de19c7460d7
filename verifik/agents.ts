import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';

/** The code of a connection attempt that timed out. Nothing was sent. */
export const CONNECT_TIMEOUT = 'ERR_CONNECT_TIMEOUT';

const withConnectTimeout = (
  stream: Duplex | null | undefined,
  event: 'connect' | 'secureConnect',
  timeoutMs: number,
) => {
  if (!stream) return stream;
  const timer = setTimeout(
    () => stream.destroy(Object.assign(new Error('the connection timed out'), { code: CONNECT_TIMEOUT })),
    timeoutMs,
  );
  const clear = () => clearTimeout(timer);
  stream.once(event, clear).once('close', clear);
  return stream;
};

class ConnectTimeoutHttpAgent extends http.Agent {
  readonly #connectTimeoutMs: number;

  constructor(connectTimeoutMs: number) {
    super({ keepAlive: true });
    this.#connectTimeoutMs = connectTimeoutMs;
  }

  override createConnection(...args: Parameters<http.Agent['createConnection']>): Duplex | null | undefined {
    return withConnectTimeout(super.createConnection(...args), 'connect', this.#connectTimeoutMs);
  }
}

class ConnectTimeoutHttpsAgent extends https.Agent {
  readonly #connectTimeoutMs: number;

  constructor(connectTimeoutMs: number) {
    super({ keepAlive: true });
    this.#connectTimeoutMs = connectTimeoutMs;
  }

  override createConnection(...args: Parameters<https.Agent['createConnection']>): Duplex | null | undefined {
    return withConnectTimeout(super.createConnection(...args), 'secureConnect', this.#connectTimeoutMs);
  }
}

/** HTTP agents that keep connections alive and limit the time to connect. */
export interface Agents {
  readonly forUrl: (url: URL) => http.Agent;
  readonly close: () => void;
}

export const createAgents = (connectTimeoutMs: number): Agents => {
  const plain = new ConnectTimeoutHttpAgent(connectTimeoutMs);
  const secure = new ConnectTimeoutHttpsAgent(connectTimeoutMs);
  return {
    forUrl: (url) => (url.protocol === 'https:' ? secure : plain),
    close: () => {
      plain.destroy();
      secure.destroy();
    },
  };
};
