import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { freePort } from '../../tools/servers/index.js';

const Attribute = t.type({ key: t.string, value: t.partial({ stringValue: t.string, intValue: t.number }) });

const Span = t.intersection([
  t.type({
    traceId: t.string,
    spanId: t.string,
    name: t.string,
    startTimeUnixNano: t.string,
    endTimeUnixNano: t.string,
    attributes: t.array(Attribute),
  }),
  t.partial({ parentSpanId: t.string }),
]);

/** An export request of OTLP over HTTP, as JSON. */
const ExportRequest = t.type({
  resourceSpans: t.array(
    t.type({
      resource: t.type({ attributes: t.array(Attribute) }),
      scopeSpans: t.array(t.type({ spans: t.array(Span) })),
    }),
  ),
});

/** A span with the name of the service that exported it. */
export interface CollectedSpan extends t.TypeOf<typeof Span> {
  readonly service: string | undefined;
}

/** A collector of traces on the loopback interface. */
export interface TraceCollector {
  readonly url: string;
  readonly spans: readonly CollectedSpan[];
  /** All request bodies, one a line. */
  bodies(): string;
  close(): Promise<void>;
}

const serviceOf = ({ attributes }: { readonly attributes: readonly t.TypeOf<typeof Attribute>[] }) =>
  attributes.find(({ key }) => key === 'service.name')?.value.stringValue;

const decode = (body: string): readonly CollectedSpan[] => {
  const decoded = ExportRequest.decode(JSON.parse(body));
  if (E.isLeft(decoded)) throw new Error(`an export request has an unexpected shape: ${body}`);
  return decoded.right.resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, service: serviceOf(resource) }))),
  );
};

export const startTraceCollector = async (): Promise<TraceCollector> => {
  const spans: CollectedSpan[] = [];
  const bodies: string[] = [];
  const port = await freePort();
  const server = createServer(async (request, response) => {
    const body = await text(request);
    bodies.push(body);
    spans.push(...decode(body));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    bodies: () => bodies.join('\n'),
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
