import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifySchema, RouteOptions } from 'fastify';
import * as t from 'io-ts';
import { documented, oneOf } from '../../shared/decoding.js';
import type { Api } from '../codecs.js';
import { PROBLEM_MEDIA_TYPE, PROBLEMS, type ProblemCode } from '../problems.js';
import { type JsonSchema, jsonSchemaOf } from './json-schema.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    problems?: readonly ProblemCode[];
    responseType?: string;
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
      code: documented(oneOf(CODES), { description: 'The error code, for programs.' }),
      requestId: documented(t.string, { description: 'The id of the request in the log of the gateway.' }),
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
  { title: 'Problem', description: 'Problem details (RFC 9457). They never repeat a part of the request.' },
);

const COMMON_PROBLEMS: readonly ProblemCode[] = [
  'malformed',
  'unauthenticated',
  'tooManyRequests',
  'failed',
  'encryptionKeys',
  'unavailable',
  'stopping',
  'timedOut',
];

const SCOPE_PROBLEMS: readonly ProblemCode[] = ['scope'];

const BODY_PROBLEMS: readonly ProblemCode[] = ['requestTimeout', 'tooLarge', 'unsupportedMediaType'];

const FIELD_PROBLEMS: readonly ProblemCode[] = ['invalidRequest'];

const hasFields = ({ body, querystring, params, headers }: FastifySchema): boolean =>
  [body, querystring, params, headers].some((part) => part !== undefined);

export const problemsOf = ({ method, schema = {}, config }: RouteOptions): readonly ProblemCode[] => [
  ...new Set([
    ...COMMON_PROBLEMS,
    ...(method === 'GET' ? [] : BODY_PROBLEMS),
    ...(hasFields(schema) ? FIELD_PROBLEMS : []),
    ...(config?.scope === undefined ? [] : SCOPE_PROBLEMS),
    ...(config?.problems ?? []),
  ]),
];

const REQUEST_ID = {
  'x-request-id': {
    type: 'string',
    description: 'The id of the request in the log: the one of the request header, or a generated one.',
  },
};

const RETRY_AFTER = {
  'retry-after': { type: 'integer', minimum: 0, description: 'The time after which to retry, in seconds.' },
};

const errorResponses = (codes: readonly ProblemCode[]): JsonSchema => {
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

const successResponses = (response: unknown, mediaType = 'application/json'): JsonSchema =>
  Object.fromEntries(
    Object.entries(response ?? {}).map(([status, codec]) => {
      const schema: JsonSchema = codec instanceof t.Type ? jsonSchemaOf(codec) : {};
      const description = typeof schema['description'] === 'string' ? schema['description'] : 'Done.';
      return [status, { description, headers: REQUEST_ID, content: { [mediaType]: { schema } } }];
    }),
  );

const PARTS = ['body', 'querystring', 'params', 'headers'] as const;

/** Converts the schema of a route for the document: codecs become JSON Schema, and error responses are added. */
const described = (schema: FastifySchema, route: RouteOptions): FastifySchema => {
  const parts = PARTS.flatMap((part) => {
    const codec = schema[part];
    return codec instanceof t.Type ? [[part, jsonSchemaOf(codec)]] : [];
  });
  const response = {
    ...successResponses(schema.response, route.config?.responseType),
    ...errorResponses(problemsOf(route)),
  };
  const security = route.config?.scope === undefined ? [] : [{ apiKey: [] }];
  return { ...schema, ...Object.fromEntries(parts), response, security };
};

const INFO = {
  title: 'Onboarding gateway',
  version: '1',
  description:
    'Starts and follows onboardings at Verifik. Times are in ms since the Unix epoch unless stated otherwise.',
};

type Json = Readonly<Record<string, unknown>>;

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

const lift = (value: unknown, schemas: Record<string, unknown>): unknown => {
  if (Array.isArray(value)) return value.map((item) => lift(item, schemas));
  if (!isJson(value)) return value;
  const lifted = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, lift(inner, schemas)]));
  const { title } = value;
  if (typeof title !== 'string' || !('type' in value)) return lifted;
  schemas[title] = lifted;
  return { $ref: `#/components/schemas/${title}` };
};

const withComponents = <D extends object>(document: D): D => {
  const schemas: Record<string, unknown> = {};
  if (!('paths' in document)) return document;
  const paths = lift(document.paths, schemas);
  const components = 'components' in document && isJson(document.components) ? document.components : {};
  return { ...document, paths, components: { ...components, schemas } };
};

/** Serves the OpenAPI document at /openapi.json and its page at /docs. Documents the routes that are added after it. */
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
