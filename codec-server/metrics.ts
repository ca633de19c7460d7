import { Counter, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

/** Creates the metrics. Labels hold nothing that a caller sent. */
export const createMetrics = () => {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    requests: new Counter({
      name: 'codec_server_requests_total',
      help: 'Requests, by operation, status and role',
      labelNames: ['operation', 'status', 'role'],
      registers,
    }),
    payloads: new Counter({
      name: 'codec_server_payloads_total',
      help: 'Payloads in requests, by operation',
      labelNames: ['operation'],
      registers,
    }),
    undecoded: new Counter({
      name: 'codec_server_undecoded_payloads_total',
      help: 'Payloads that could not be decoded, by reason',
      labelNames: ['why'],
      registers,
    }),
  };
};
