import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { HttpProxyAgent, HttpsProxyAgent } from 'hpagent';

/** The code of a connection attempt that timed out. Nothing was sent. */
export const CONNECT_TIMEOUT = 'ERR_CONNECT_TIMEOUT';

/** The code of a proxy that could not be reached or did not connect to Verifik. Nothing was sent. */
export const PROXY_FAILED = 'ERR_PROXY_FAILED';

const withConnectTimeout = <S extends Duplex | null | undefined>(
  stream: S,
  event: 'connect' | 'secureConnect',
  timeoutMs: number,
): S => {
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

  override createConnection(...args: Parameters<http.Agent['createConnection']>): Duplex | null | undefined {
    return withConnectTimeout(super.createConnection(...args), 'secureConnect', this.#connectTimeoutMs);
  }
}

type Connected = NonNullable<Parameters<http.Agent['createConnection']>[1]>;

/** Replaces the proxy's error, which may name the proxy and has no code. */
const proxyFailed = (): Error => Object.assign(new Error('the proxy did not connect'), { code: PROXY_FAILED });

class ProxiedHttpAgent extends HttpProxyAgent {
  readonly #connectTimeoutMs: number;

  constructor(proxy: URL, connectTimeoutMs: number) {
    super({ proxy, keepAlive: true });
    this.#connectTimeoutMs = connectTimeoutMs;
  }

  override createConnection(options: http.ClientRequestArgs, connected?: Connected): Duplex | null | undefined {
    return super.createConnection({ ...options, timeout: this.#connectTimeoutMs }, (error, stream) =>
      connected?.(error === null ? null : proxyFailed(), stream),
    );
  }
}

class ProxiedHttpsAgent extends HttpsProxyAgent {
  readonly #connectTimeoutMs: number;

  constructor(proxy: URL, connectTimeoutMs: number) {
    super({ proxy, keepAlive: true });
    this.#connectTimeoutMs = connectTimeoutMs;
  }

  override createConnection(options: http.ClientRequestArgs, connected?: Connected): Duplex | null | undefined {
    return super.createConnection({ ...options, timeout: this.#connectTimeoutMs }, (error, stream) =>
      connected?.(
        error === null ? null : proxyFailed(),
        withConnectTimeout(stream, 'secureConnect', this.#connectTimeoutMs),
      ),
    );
  }
}

/**
 * Creates an HTTP agent that keeps connections to a server alive and limits the time to connect. With a proxy, it
 * connects by `CONNECT`, so that the proxy cannot read what it forwards to an https URL.
 */
export const createAgent = ({ protocol }: URL, proxy: URL | undefined, connectTimeoutMs: number): http.Agent => {
  if (protocol === 'https:')
    return proxy === undefined
      ? new ConnectTimeoutHttpsAgent(connectTimeoutMs)
      : new ProxiedHttpsAgent(proxy, connectTimeoutMs);
  return proxy === undefined
    ? new ConnectTimeoutHttpAgent(connectTimeoutMs)
    : new ProxiedHttpAgent(proxy, connectTimeoutMs);
};
