import { SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { expect, it } from 'vitest';
import { exportingAllowedFields } from '../../shared/exported-spans.js';

it('An exported span has the type of an error but not its message, and no attribute that is not known to be harmless', () => {
  const exported = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exportingAllowedFields(exported))],
  });
  const span = provider.getTracer('test').startSpan('RunActivity:readAppRegistration');
  span.setAttributes({ workflowId: 'onboarding-1', memo: 'applicant@example.com' });
  span.recordException(new TypeError('applicant@example.com'));
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'applicant@example.com' });
  span.end();
  const [{ attributes, status, events } = expect.fail('nothing was exported')] = exported.getFinishedSpans();
  expect({ attributes, status, events }).toEqual({
    attributes: { workflowId: 'onboarding-1', 'error.type': 'TypeError' },
    status: { code: SpanStatusCode.ERROR },
    events: [],
  });
});
