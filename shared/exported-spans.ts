import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';
import { defined } from './defined.js';

/** The attributes that are exported. Those of Temporal's library also have inputs that may be personal, as memos. */
const ALLOWED: ReadonlySet<string> = new Set([
  'error.type',
  'http.request.method',
  'http.response.status_code',
  'http.route',
  'onboarding.id',
  'verifik.endpoint',
  'verifik.outcome',
  // Of Temporal's library, in the client and in activities.
  'run_id',
  'temporalActivityId',
  'temporalWorkflowId',
  // Of Temporal's library, in workflows.
  'runId',
  'workflowId',
  'workflowType',
]);

const exceptionTypeOf = ({ events }: ReadableSpan) =>
  events.find(({ name }) => name === 'exception')?.attributes?.['exception.type'];

const attributesOf = (span: ReadableSpan): Attributes =>
  defined({
    'error.type': exceptionTypeOf(span),
    ...Object.fromEntries(Object.entries(span.attributes).filter(([key]) => ALLOWED.has(key))),
  });

/** A span without messages of errors, which may repeat parts of a request, and without other attributes. */
const exported = (span: ReadableSpan): ReadableSpan => ({
  name: span.name,
  kind: span.kind,
  spanContext: () => span.spanContext(),
  ...defined({ parentSpanId: span.parentSpanId }),
  startTime: span.startTime,
  endTime: span.endTime,
  duration: span.duration,
  ended: span.ended,
  status: { code: span.status.code },
  attributes: attributesOf(span),
  links: [],
  events: [],
  resource: span.resource,
  instrumentationLibrary: span.instrumentationLibrary,
  droppedAttributesCount: 0,
  droppedEventsCount: 0,
  droppedLinksCount: 0,
});

/** Returns an exporter that passes on only those fields of spans that contain no personal data and no secrets. */
export const exportingAllowedFields = (exporter: SpanExporter): SpanExporter => ({
  export: (spans, done) => exporter.export(spans.map(exported), done),
  shutdown: () => exporter.shutdown(),
});
