import { setTimeout as pause } from 'node:timers/promises';
import toxiproxy from 'toxiproxy-node-client';
import { findToxiproxy, showProgress, startProcess, startServing, steadyPorts } from '../../servers/index.js';
import type { Place } from '../judging/searching.js';
import { type CutMode, LINKS, type Link } from '../plan/faults.js';

/** Proxied connections, which can be cut and delayed. */
export interface Links {
  /** Opens a proxy to the address `host:port`, and returns the address of the proxy. */
  open(link: Link, to: string): Promise<string>;
  /** Cuts the link, and restores it after `forMs`. */
  cut(link: Link, mode: CutMode, forMs: number): Promise<void>;
  /** Adds `ms` to the round-trip time, for `forMs`. */
  delay(link: Link, ms: number, forMs: number): Promise<void>;
  readonly log: Place;
  close(): Promise<void>;
}

type Proxy = InstanceType<typeof toxiproxy.Proxy>;

/** `timeout: 0` drops all data until the toxic is removed, and keeps the connection open. */
const SILENCE = { type: 'timeout', attributes: { timeout: 0 } } as const;
const RESET = { type: 'reset_peer', attributes: { timeout: 0 } } as const;

/** Starts Toxiproxy in a separate process. */
export const startLinks = async (logFile: string, seed: number): Promise<Links> => {
  const { progress, done } = showProgress();
  const command = await findToxiproxy(progress).finally(done);
  const [port = 0, ...proxyPorts] = await steadyPorts(1 + Object.keys(LINKS).length);
  const client = new toxiproxy.Toxiproxy(`http://127.0.0.1:${port}`);
  const args = ['-host', '127.0.0.1', '-port', String(port), '-seed', String(seed)];
  const server = await startServing('Toxiproxy', startProcess(command, args, { logFile }), () =>
    client.getVersion().then(
      (version) => version !== '',
      () => false,
    ),
  );
  const proxies = new Map<Link, Proxy>();

  const proxyOf = (link: Link): Proxy => {
    const proxy = proxies.get(link);
    if (proxy === undefined) throw new Error(`the link ${link} is not open`);
    return proxy;
  };

  const refuse = async (proxy: Proxy, forMs: number): Promise<void> => {
    const { listen, upstream } = proxy;
    await proxy.update({ listen, upstream, enabled: false });
    await pause(forMs);
    await proxy.update({ listen, upstream, enabled: true });
  };

  const poison = async (
    proxy: Proxy,
    forMs: number,
    toxic: Pick<Parameters<Proxy['addToxic']>[0], 'type' | 'attributes'>,
  ) => {
    const directions = ['upstream', 'downstream'] as const;
    const toxics = await Promise.all(
      directions.map((stream) => proxy.addToxic({ name: `${toxic.type}-${stream}`, stream, toxicity: 1, ...toxic })),
    );
    await pause(forMs);
    for (const added of toxics) await added.remove();
  };

  return {
    open: async (name, upstream) => {
      const listen = `127.0.0.1:${proxyPorts.pop()}`;
      proxies.set(name, await client.createProxy({ name, listen, upstream }));
      return listen;
    },
    cut: (link, mode, forMs) =>
      mode === 'refuse'
        ? refuse(proxyOf(link), forMs)
        : poison(proxyOf(link), forMs, mode === 'reset' ? RESET : SILENCE),
    delay: (link, latency, forMs) =>
      // Half in each direction.
      poison(proxyOf(link), forMs, {
        type: 'latency',
        attributes: { latency: Math.round(latency / 2), jitter: Math.round(latency / 8) },
      }),
    log: { where: 'the log of Toxiproxy', file: logFile, marker: 'Started proxy' },
    close: () => server.kill(),
  };
};
