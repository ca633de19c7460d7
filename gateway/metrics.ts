import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type Endpoint, serveAside } from '../shared/health.js';

/** One request that was answered. */
export interface Answered {
  /** Method and path as the document has it. */
  readonly route: string;
  readonly status: number;
  /** The name of the API key, or `none`. */
  readonly key: string;
  readonly seconds: number;
}

/** Counts what is asked and what becomes of it, by words of our own and the names of API keys alone. */
export interface Metrics {
  readonly registry: Registry;
  readonly count: (answered: Answered) => void;
  readonly streams: (open: number) => void;
}

/** From what Temporal's round trips take to what callers wait for an erasure. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120];

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
    buckets: SECONDS,
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

/** Answers `/metrics`, where the gateway's callers do not come. */
export const serveMetrics = (address: string, { registry }: Metrics): Promise<Endpoint> =>
  serveAside(address, (app) => {
    app.get('/metrics', async (_request, reply) =>
      reply.type(Registry.PROMETHEUS_CONTENT_TYPE).send(await registry.metrics()),
    );
  });
