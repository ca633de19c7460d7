import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface AnsweredRequest {
  readonly route: string;
  readonly status: number;
  readonly key: string;
  readonly seconds: number;
}

/** The metrics of the gateway. Labels hold nothing that a caller sent; API keys appear by name. */
export interface Metrics {
  readonly registry: Registry;
  readonly count: (answered: AnsweredRequest) => void;
  readonly streams: (open: number) => void;
}

/** From Temporal's round trips to the duration of an erasure. */
const BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120];

export const createMetrics = (): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: 'gateway_requests_total',
    help: 'Requests, by route, status and name of the API key',
    labelNames: ['route', 'status', 'key'],
    registers,
  });
  const durations = new Histogram({
    name: 'gateway_request_duration_seconds',
    help: 'Time until a request was answered, by route',
    labelNames: ['route'],
    buckets: BUCKETS_S,
    registers,
  });
  const streams = new Gauge({ name: 'gateway_event_streams', help: 'Event streams that are open', registers });
  return {
    registry,
    count: ({ route, status, key, seconds }) => {
      requests.inc({ route, status, key });
      durations.observe({ route }, seconds);
    },
    streams: (open) => streams.set(open),
  };
};
