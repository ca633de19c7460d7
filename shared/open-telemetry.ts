import type { TextMapPropagator } from '@opentelemetry/api';
import { setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { envDetectorSync, type IResource, Resource } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-node';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { OpenTelemetryWorkflowClientInterceptor } from '@temporalio/interceptors-opentelemetry/lib/client/index.js';
import type { Logger } from 'pino';
import { exportingAllowedFields } from './exported-spans.js';
import { shownError } from './logging.js';

/** OpenTelemetry's SDK in this process, which is registered for `@opentelemetry/api`. */
export interface Tracing {
  readonly resource: IResource;
  readonly spanProcessor: SpanProcessor;
  /** The interceptors of a Temporal client that traces. */
  readonly clientInterceptors: { readonly workflow: WorkflowClientInterceptor[] };
  /** Exports the last spans, and ends tracing. */
  readonly close: () => Promise<void>;
}

const w3c = new W3CTraceContextPropagator();

/**
 * Propagates `traceparent` alone. Headers of Temporal are not encrypted, and callbacks leave the installation: a
 * caller's `tracestate` and `baggage` may contain anything, and are dropped.
 */
const traceparentOnly: TextMapPropagator = {
  fields: () => ['traceparent'],
  inject: (context, carrier, setter) => w3c.inject(context, carrier, setter),
  extract: (context, carrier, { keys, get }) =>
    w3c.extract(context, carrier, {
      keys,
      get: (from, key) => (key === 'traceparent' ? get(from, key) : undefined),
    }),
};

/** Starts OpenTelemetry's SDK with an exporter to the URL. The SDK reads its further variables (`OTEL_…`) itself. */
export const startTracing = (url: string, service: string, logger: Logger): Tracing => {
  setGlobalErrorHandler((error) => logger.warn({ error: shownError(error) }, 'traces could not be exported'));
  const spanProcessor = new BatchSpanProcessor(exportingAllowedFields(new OTLPTraceExporter({ url })));
  const provider = new NodeTracerProvider({
    resource: new Resource({ 'service.name': service }).merge(envDetectorSync.detect()),
    spanProcessors: [spanProcessor],
  });
  provider.register({ propagator: traceparentOnly });
  return {
    resource: provider.resource,
    spanProcessor,
    clientInterceptors: { workflow: [new OpenTelemetryWorkflowClientInterceptor()] },
    close: () =>
      provider.shutdown().catch((error: unknown) => {
        logger.warn({ error: shownError(error) }, 'the last traces could not be exported');
      }),
  };
};
