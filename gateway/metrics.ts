import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

/** From Temporal's round trips to the duration of an erasure. */
const BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120];

/** Creates the metrics. Labels hold nothing that a caller sent; API keys and webhook secrets appear by name. */
export const createMetrics = () => {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    requests: new Counter({
      name: 'gateway_requests_total',
      help: 'Requests, by route, status and name of the API key',
      labelNames: ['route', 'status', 'key'],
      registers,
    }),
    durations: new Histogram({
      name: 'gateway_request_duration_seconds',
      help: 'Time until a request was answered, by route',
      labelNames: ['route'],
      buckets: BUCKETS_S,
      registers,
    }),
    streams: new Gauge({
      name: 'gateway_event_streams',
      help: 'Event streams and waiting requests that are open',
      registers,
    }),
    webhooks: new Counter({
      name: 'gateway_webhooks_total',
      help: "Verifik's webhooks, by the suffix of their type, the result and the name of the secret",
      labelNames: ['event', 'result', 'secret'],
      registers,
    }),
  };
};
