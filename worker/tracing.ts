import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  makeWorkflowExporter,
  OpenTelemetryActivityInboundInterceptor,
} from '@temporalio/interceptors-opentelemetry/lib/worker/index.js';
import type { OpenTelemetrySinks } from '@temporalio/interceptors-opentelemetry/lib/workflow/index.js';
import type { InjectedSinks, WorkerOptions } from '@temporalio/worker';
import { defined } from '../shared/defined.js';
import type { Tracing } from '../shared/open-telemetry.js';
import type { VerifikCall } from '../verifik/index.js';

/** Drops the spans of workflows that a tracing client has started, where the worker does not trace. */
export const WITHOUT_SPANS: InjectedSinks<OpenTelemetrySinks> = { exporter: { export: { fn: () => undefined } } };

/** The options of a worker that continues traces in its workflows and activities, if it traces at all. */
export const tracingOptions = (tracing: Tracing | undefined): Pick<WorkerOptions, 'sinks' | 'interceptors'> =>
  tracing === undefined
    ? { sinks: WITHOUT_SPANS }
    : {
        sinks: { exporter: makeWorkflowExporter(tracing.spanProcessor, tracing.resource) },
        interceptors: { activity: [(context) => ({ inbound: new OpenTelemetryActivityInboundInterceptor(context) })] },
      };

/** Adds a call to Verifik to the trace of the activity that made it, if there is one. */
export const traceVendorCall = ({ endpoint, outcome, status, durationMs }: VerifikCall): void => {
  const attributes = defined({
    'verifik.endpoint': endpoint,
    'verifik.outcome': outcome,
    'http.response.status_code': status,
  });
  const span = trace
    .getTracer('verifik-onboarding')
    .startSpan(`Verifik ${endpoint}`, { kind: SpanKind.CLIENT, startTime: Date.now() - durationMs, attributes });
  if (outcome !== 'ok') span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
};
