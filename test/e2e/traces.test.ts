import { writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { CHECK_NAMES } from '../../domain/checks.js';
import { findForbiddenValues } from '../../tools/chaos/judging/forbidden-values.js';
import type { Person } from '../../tools/sandbox/index.js';
import { personGenerator } from '../support/applicants.js';
import { opened } from '../support/opened.js';
import { type CollectedSpan, startTraceCollector } from '../support/trace-collector.js';
import { openFrontServers } from './front-servers.js';
import { installTracedBackend } from './traced-backend.js';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';

/** The root spans of the traced onboardings by id: of one that a caller started over HTTP, and of a Node backend's. */
const ROOTS = { traced: 'POST /v1/onboardings', checkout: 'checkout' } as const;

type Traced = keyof typeof ROOTS;

const WORKFLOWS = { traced: 'onboarding-shop:traced', checkout: 'onboarding-checkout' } as const;

const nextPerson = personGenerator(77);
const person = nextPerson();
const buyer = nextPerson();

const collector = opened(startTraceCollector);

const servers = opened(() =>
  openFrontServers({}, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '50' }),
);

const tokens: string[] = [];

const traceOf = (id: Traced): readonly CollectedSpan[] => {
  const root = collector.spans.find(({ name }) => name === ROOTS[id]);
  return collector.spans.filter(({ traceId }) => traceId === root?.traceId);
};

const callbacksOf = async (id: Traced) =>
  (await servers.service.received()).flatMap((line) => ('event' in line && line.event.data.id === id ? [line] : []));

/** The names of a span and of its ancestors, from the root. */
const pathTo = ({ name, parentSpanId }: CollectedSpan): string => {
  const parent = collector.spans.find(({ spanId }) => spanId === parentSpanId);
  return parent === undefined ? name : `${pathTo(parent)} > ${name}`;
};

const isComplete = async (id: Traced): Promise<boolean> => {
  const received = await callbacksOf(id);
  const names = traceOf(id).map(({ name }) => name);
  return (
    received.some(({ event }) => event.type === 'onboarding.ended') &&
    names.filter((name) => name === 'POST callback').length >= received.length &&
    names.includes('RunWorkflow:onboarding') &&
    traceOf(id).every((span) => pathTo(span).startsWith(ROOTS[id]))
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

/** Passes all checks, and waits for the callback about the outcome and the end of the trace. */
const finish = async (id: Traced, who: Person, token: string): Promise<void> => {
  tokens.push(token);
  const applicant = servers.applicantWith(who, token);
  for (const check of CHECK_NAMES) await applicant.pass(check);
  await vi.waitUntil(() => isComplete(id), 20_000);
};

/** Onboards an applicant over HTTP, in a trace that the caller has begun. */
const onboardOverHttp = async (): Promise<void> => {
  const secret = encodeURIComponent(person.email);
  const response = await servers.call(
    'POST',
    '/onboardings',
    { ...servers.request(person), reference: 'traced' },
    { traceparent: `00-${TRACE_ID}-${CALLER}-01`, tracestate: `vendor=${secret}`, baggage: `email=${secret}` },
  );
  expect(response.status).toBe(201);
  const { token }: { token: string } = JSON.parse(await response.text());
  await finish('traced', person, token);
};

/** Onboards an applicant by a backend of its own, which has only the packed client and OpenTelemetry's SDK. */
const onboardByBackend = async (): Promise<void> => {
  const checkOut = await installTracedBackend();
  const token = await checkOut({
    TEMPORAL_ADDRESS: servers.address,
    ONBOARDING_CONTACT_KEY: 'a-key-for-the-tests',
    ONBOARDING_ENCRYPTION_KEYS_FILE: servers.keysFile,
    REQUEST: JSON.stringify(servers.request(buyer)),
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_SERVICE_NAME: 'shop',
  });
  await finish('checkout', buyer, token);
};

beforeAll(async () => {
  const onboardUntraced = async () => {
    const { workflowId } = await servers.begin(nextPerson(), 'untraced', ...CHECK_NAMES);
    await servers.client.result(workflowId);
  };
  await Promise.all([onboardOverHttp(), onboardByBackend(), onboardUntraced()]);
}, 120_000);

describe.each(['traced', 'checkout'] as const)('the trace of the onboarding %s', (id) => {
  it('leads from the span of its caller to each call to Verifik and each callback', () => {
    const paths = new Set(traceOf(id).map(pathTo));
    const workflow = `${ROOTS[id]} > UpdateWithStartWorkflow:registration > RunWorkflow:onboarding`;
    for (const [activity, call] of [
      ['createAppRegistration', 'Verifik createAppRegistration'],
      ['readAppRegistration', 'Verifik getAppRegistration'],
      [
        'handOverEvents',
        'SignalWithStartWorkflow:callbacks > RunWorkflow:callbacks > StartActivity:deliverEvent > RunActivity:deliverEvent > POST callback',
      ],
    ])
      expect(paths).toContain(`${workflow} > StartActivity:${activity} > RunActivity:${activity} > ${call}`);
  });

  it('reaches the receiver of each callback', async () => {
    const posts = traceOf(id).filter(({ name }) => name === 'POST callback');
    const received = (await callbacksOf(id)).map(({ traceparent }) => traceparent);
    expect(new Set(received)).toEqual(new Set(posts.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`)));
  });

  it("passes on through Temporal's headers, which are not encrypted, without the caller's state and baggage", async () => {
    for (const workflowId of [WORKFLOWS[id], `callbacks-${WORKFLOWS[id]}`]) {
      const headers = await headersIn(workflowId);
      expect(headers.length).toBeGreaterThan(1);
      const traceId = traceOf(id)[0]?.traceId;
      for (const header of headers)
        expect(header).toEqual({ traceparent: expect.stringMatching(`^00-${traceId}-[0-9a-f]{16}-01$`) });
    }
  });
});

describe('traces', () => {
  it("continue the caller's trace at the gateway, and begin in a backend with its own span", () => {
    const spanNamed = (wanted: string) => collector.spans.find(({ name }) => name === wanted);
    expect(spanNamed('POST /v1/onboardings')).toMatchObject({
      traceId: TRACE_ID,
      parentSpanId: CALLER,
      service: 'verifik-onboarding-gateway',
    });
    expect(spanNamed('checkout')).toMatchObject({ service: 'shop' });
  });

  it.runIf(process.env['UPDATE_SCREENSHOTS'] === '1')('are drawn for docs/tracing.md', async () => {
    const { drawTrace } = await import('../support/trace-picture.js');
    await writeFile(
      new URL('../../docs/images/trace.svg', import.meta.url),
      await drawTrace(traceOf('traced'), CALLER),
    );
  });

  it('contain no personal data and no secret', () => {
    const people = [person, buyer].flatMap(({ email, phone, fullName }) => [email, phone, fullName]);
    const secrets = [...people, ...tokens, servers.gateway().keys.shop, servers.sandbox.clientToken];
    const exported = Buffer.from(collector.bodies());
    expect(exported.includes('onboarding-shop:traced')).toBe(true);
    expect(
      findForbiddenValues(
        exported,
        secrets.map((value) => ({ what: value, value })),
      ),
    ).toEqual([]);
  });
});

describe('an onboarding of a client that does not trace', () => {
  it('has a history without trace headers, although the worker traces', async () => {
    expect(await headersIn('onboarding-untraced')).toEqual([]);
  });
});
