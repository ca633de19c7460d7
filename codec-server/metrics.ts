import { Counter, Registry } from 'prom-client';
import { type Endpoint, serveAside } from '../shared/health.js';
import type { Facts } from './facts.js';

/** Counts what is asked and what becomes of it, by words of our own alone. */
export interface Metrics {
  readonly count: (operation: string, status: number, facts: Facts) => void;
  /** In the text format of Prometheus. */
  readonly text: () => Promise<string>;
}

export const createMetrics = (): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: 'codec_server_requests_total',
    help: 'Requests, by operation, status and role',
    labelNames: ['operation', 'status', 'role'],
    registers,
  });
  const payloads = new Counter({
    name: 'codec_server_payloads_total',
    help: 'Payloads',
    labelNames: ['operation'],
    registers,
  });
  const undecoded = new Counter({
    name: 'codec_server_undecoded_payloads_total',
    help: 'Payloads that could not be decoded, by why',
    labelNames: ['why'],
    registers,
  });
  return {
    count: (operation, status, facts) => {
      requests.inc({ operation, status, role: facts.caller?.role ?? 'none' });
      if (facts.payloads !== undefined) payloads.inc({ operation }, facts.payloads);
      for (const { why } of facts.undecoded ?? []) undecoded.inc({ why });
    },
    text: () => registry.metrics(),
  };
};

/** Answers `/metrics`, where the codec server's callers do not come. */
export const serveMetrics = (address: string, { text }: Metrics): Promise<Endpoint> =>
  serveAside(address, (app) => {
    app.get('/metrics', async (_request, reply) => reply.type(Registry.PROMETHEUS_CONTENT_TYPE).send(await text()));
  });
