import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifySchema, RouteOptions } from 'fastify';
import * as t from 'io-ts';
import { documented, oneOf } from '../../shared/decoding.js';
import type { Api } from '../codecs.js';
import { PROBLEM_MEDIA_TYPE, PROBLEMS, type ProblemCode } from '../problems.js';
import { withComponents } from './components.js';
import { type JsonSchema, jsonSchemaOf } from './json-schema.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How the route may refuse, beside what every route may. */
    problems?: readonly ProblemCode[];
    /** The media type of a good answer, where it is not JSON. */
    answers?: string;
  }
}

const CODES = Object.keys(PROBLEMS);

const ProblemCodec = documented(
  t.intersection([
    t.type({
      type: documented(t.string, { format: 'uri' }),
      title: t.string,
      status: documented(t.number, { type: 'integer' }),
      detail: t.string,
      code: documented(oneOf(CODES), { description: 'What went wrong, as one word for programs.' }),
      requestId: documented(t.string, { description: 'Under which the log has it.' }),
    }),
    t.partial({
      errors: t.readonlyArray(
        t.type({
          field: documented(t.string, { examples: ['contact.email'] }),
          in: oneOf(['body', 'query', 'path', 'header']),
          expected: t.string,
        }),
      ),
    }),
  ]),
  { title: 'Problem', description: 'Problem details (RFC 9457). They never repeat what was sent.' },
);

/** How every call may be refused. */
const OF_ALL: readonly ProblemCode[] = [
  'malformed',
  'unauthenticated',
  'tooManyRequests',
  'failed',
  'encryptionKeys',
  'unavailable',
  'stopping',
  'timedOut',
];

/** How a call that needs a scope may be refused. */
const OF_SCOPES: readonly ProblemCode[] = ['scope'];

/** How a call whose method allows for a body may be refused. */
const OF_BODIES: readonly ProblemCode[] = ['requestTimeout', 'tooLarge', 'unsupportedMediaType'];

/** How a call with fields may be refused. */
const OF_FIELDS: readonly ProblemCode[] = ['invalidRequest'];

const hasFields = ({ body, querystring, params, headers }: FastifySchema): boolean =>
  [body, querystring, params, headers].some((part) => part !== undefined);

/** How this route may refuse. */
export const problemsOf = ({ method, schema = {}, config }: RouteOptions): readonly ProblemCode[] => [
  ...new Set([
    ...OF_ALL,
    ...(method === 'GET' ? [] : OF_BODIES),
    ...(hasFields(schema) ? OF_FIELDS : []),
    ...(config?.scope === undefined ? [] : OF_SCOPES),
    ...(config?.problems ?? []),
  ]),
];

const REQUEST_ID = {
  'x-request-id': { type: 'string', description: 'Under which the log has the call; as it was given, or made up.' },
};

const RETRY_AFTER = {
  'retry-after': { type: 'integer', minimum: 0, description: 'When to ask again, in seconds.' },
};

const refusals = (codes: readonly ProblemCode[]): JsonSchema => {
  const statuses = new Set(codes.map((code) => PROBLEMS[code].status));
  return Object.fromEntries(
    [...statuses].map((status) => [
      status,
      {
        description: codes
          .filter((code) => PROBLEMS[code].status === status)
          .map((code) => `\`${code}\`: ${PROBLEMS[code].meaning}`)
          .join('\n\n'),
        headers: { ...REQUEST_ID, ...([429, 503, 504].includes(status) ? RETRY_AFTER : {}) },
        content: { [PROBLEM_MEDIA_TYPE]: { schema: jsonSchemaOf(ProblemCodec) } },
      },
    ]),
  );
};

const good = (response: unknown, answers = 'application/json'): JsonSchema =>
  Object.fromEntries(
    Object.entries(response ?? {}).map(([status, codec]) => {
      const schema: JsonSchema = codec instanceof t.Type ? jsonSchemaOf(codec) : {};
      const description = typeof schema['description'] === 'string' ? schema['description'] : 'Done.';
      return [status, { description, headers: REQUEST_ID, content: { [answers]: { schema } } }];
    }),
  );

const PARTS = ['body', 'querystring', 'params', 'headers'] as const;

/** The schema of a route as the document needs it: each codec as JSON Schema, and every way to be refused. */
const described = (schema: FastifySchema, route: RouteOptions): FastifySchema => {
  const parts = PARTS.flatMap((part) => {
    const codec = schema[part];
    return codec instanceof t.Type ? [[part, jsonSchemaOf(codec)]] : [];
  });
  const response = { ...good(schema.response, route.config?.answers), ...refusals(problemsOf(route)) };
  const security = route.config?.scope === undefined ? [] : [{ apiKey: [] }];
  return { ...schema, ...Object.fromEntries(parts), response, security };
};

const INFO = {
  title: 'Onboarding gateway',
  version: '1',
  description:
    'Starts and follows onboardings at Verifik. Times are in ms since the Unix epoch unless they say otherwise.',
};

/** Serves the document at /openapi.json, and its page at /docs. Routes that come after it are in it. */
export const addDocument = async (app: Api): Promise<void> => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.1',
      info: INFO,
      components: {
        securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'An API key of the gateway.' } },
      },
    },
    transform: ({ schema, url, route }) => ({ schema: schema?.hide ? schema : described(schema ?? {}, route), url }),
    transformObject: (document) => ('openapiObject' in document ? withComponents(document.openapiObject) : {}),
  });
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => reply.send(app.swagger()));
};
