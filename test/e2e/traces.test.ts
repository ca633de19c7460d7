import { writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { CHECK_NAMES } from '../../domain/checks.js';
import { findForbiddenValues } from '../../tools/chaos/judging/forbidden-values.js';
import { personGenerator } from '../support/applicants.js';
import { opened } from '../support/opened.js';
import { type CollectedSpan, startTraceCollector } from '../support/trace-collector.js';
import { openFrontServers } from './front-servers.js';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';

const nextPerson = personGenerator(77);
const person = nextPerson();

const collector = opened(startTraceCollector);

const servers = opened(() =>
  openFrontServers({}, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '50' }),
);

let token: string;

const trace = () => collector.spans.filter(({ traceId }) => traceId === TRACE_ID);

const callbacks = async () => (await servers.service.received()).flatMap((line) => ('event' in line ? [line] : []));

/** The names of a span and of its ancestors, from the root. */
const pathTo = ({ name, parentSpanId }: CollectedSpan): string => {
  const parent = collector.spans.find(({ spanId }) => spanId === parentSpanId);
  return parent === undefined ? name : `${pathTo(parent)} > ${name}`;
};

const isComplete = async (): Promise<boolean> => {
  const received = await callbacks();
  const names = trace().map(({ name }) => name);
  return (
    received.some(({ event }) => event.type === 'onboarding.ended') &&
    names.filter((name) => name === 'POST callback').length >= received.length &&
    names.includes('RunWorkflow:onboarding') &&
    trace().every((span) => pathTo(span).startsWith('POST /v1/onboardings'))
  );
};

/** The trace headers in a workflow's history, except those of signals, which come from other processes. */
const headersIn = async (workflowId: string): Promise<readonly unknown[]> => {
  const { events } = await servers.temporal.workflow.getHandle(workflowId).fetchHistory();
  const json = JSON.stringify(events?.filter((event) => !event.workflowExecutionSignaledEventAttributes));
  return [...json.matchAll(/"_tracer-data":\{.*?"data":"(.*?)"/g)].map(([, data = '']) =>
    JSON.parse(Buffer.from(data, 'base64').toString()),
  );
};

/** Onboards an applicant over HTTP until the callback about the outcome, in a trace that the caller has begun. */
const onboardInTrace = async (): Promise<void> => {
  const secret = encodeURIComponent(person.email);
  const response = await servers.call(
    'POST',
    '/onboardings',
    { ...servers.request(person), reference: 'traced' },
    { traceparent: `00-${TRACE_ID}-${CALLER}-01`, tracestate: `vendor=${secret}`, baggage: `email=${secret}` },
  );
  expect(response.status).toBe(201);
  ({ token } = JSON.parse(await response.text()));
  const applicant = servers.applicantWith(person, token);
  for (const check of CHECK_NAMES) await applicant.pass(check);
  await vi.waitUntil(isComplete, 20_000);
};

beforeAll(async () => {
  const onboardUntraced = async () => {
    const { workflowId } = await servers.begin(nextPerson(), 'untraced', ...CHECK_NAMES);
    await servers.client.result(workflowId);
  };
  await Promise.all([onboardInTrace(), onboardUntraced()]);
}, 60_000);

describe('the trace of an onboarding that was started over HTTP', () => {
  it("continues the caller's trace to each call to Verifik and each callback", async () => {
    const paths = new Set(trace().map(pathTo));
    const workflow = 'POST /v1/onboardings > UpdateWithStartWorkflow:registration > RunWorkflow:onboarding';
    for (const [activity, call] of [
      ['createAppRegistration', 'Verifik createAppRegistration'],
      ['readAppRegistration', 'Verifik getAppRegistration'],
      [
        'handOverEvents',
        'SignalWithStartWorkflow:callbacks > RunWorkflow:callbacks > StartActivity:deliverEvent > RunActivity:deliverEvent > POST callback',
      ],
    ])
      expect(paths).toContain(`${workflow} > StartActivity:${activity} > RunActivity:${activity} > ${call}`);
    expect(trace().find(({ parentSpanId }) => parentSpanId === CALLER)).toMatchObject({
      name: 'POST /v1/onboardings',
      service: 'verifik-onboarding-gateway',
    });
  });

  it.runIf(process.env['UPDATE_SCREENSHOTS'] === '1')('is drawn for docs/tracing.md', async () => {
    const { drawTrace } = await import('../support/trace-picture.js');
    await writeFile(new URL('../../docs/images/trace.svg', import.meta.url), await drawTrace(trace(), CALLER));
  });

  it('reaches the receiver of each callback', async () => {
    const posts = trace().filter(({ name }) => name === 'POST callback');
    const received = (await callbacks()).map(({ traceparent }) => traceparent);
    expect(new Set(received)).toEqual(new Set(posts.map(({ spanId }) => `00-${TRACE_ID}-${spanId}-01`)));
  });

  it('contains no personal data and no secret', () => {
    const { email, phone, fullName } = person;
    const key = servers.gateway().keys.shop;
    const { clientToken } = servers.sandbox;
    const secrets = Object.entries({ email, phone, fullName, token, key, clientToken });
    const exported = Buffer.from(collector.bodies());
    expect(exported.includes('onboarding-shop:traced')).toBe(true);
    expect(
      findForbiddenValues(
        exported,
        secrets.map(([what, value]) => ({ what, value })),
      ),
    ).toEqual([]);
  });

  it("passes on through Temporal's headers, which are not encrypted, without the caller's state and baggage", async () => {
    for (const workflowId of ['onboarding-shop:traced', 'callbacks-onboarding-shop:traced']) {
      const headers = await headersIn(workflowId);
      expect(headers.length).toBeGreaterThan(1);
      for (const header of headers)
        expect(header).toEqual({ traceparent: expect.stringMatching(`^00-${TRACE_ID}-[0-9a-f]{16}-01$`) });
    }
  });
});

describe('an onboarding of a client that does not trace', () => {
  it('has a history without trace headers, although the worker traces', async () => {
    expect(await headersIn('onboarding-untraced')).toEqual([]);
  });
});
