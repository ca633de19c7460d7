import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifySchema, RouteOptions } from 'fastify';
import * as t from 'io-ts';
import { EvidenceCodec } from '../../domain/evidence/evidence.js';
import { DescribedType, documented, oneOf } from '../../shared/decoding.js';
import { type JsonSchema, jsonSchemaOf } from '../../shared/json-schema.js';
import type { Api } from '../codecs.js';
import { PROBLEM_MEDIA_TYPE, PROBLEMS, type ProblemCode } from '../problems.js';
import { StoppedCodec } from '../schemas/onboarding.js';
import { eventWebhooks } from './event-webhooks.js';

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
        documented(
          t.type({
            field: documented(t.string, { examples: ['contact.email'] }),
            in: oneOf(['body', 'query', 'path', 'header']),
            expected: t.string,
          }),
          { title: 'FieldError' },
        ),
      ),
      stopped: StoppedCodec,
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
  'noWorker',
  'stopping',
  'timedOut',
];

const BODY_PROBLEMS: readonly ProblemCode[] = ['requestTimeout', 'tooLarge', 'unsupportedMediaType'];

const PARTS = ['body', 'querystring', 'params', 'headers'] as const;

const problemsOf = ({ method, schema = {}, config: { scope, problems = [] } = {} }: RouteOptions) =>
  new Set<ProblemCode>([
    ...COMMON_PROBLEMS,
    ...(method === 'GET' ? [] : BODY_PROBLEMS),
    ...(PARTS.some((part) => schema[part] !== undefined) ? (['invalidRequest'] as const) : []),
    ...(scope === undefined ? [] : (['scope'] as const)),
    ...problems,
  ]);

const REQUEST_ID = {
  'x-request-id': {
    type: 'string',
    description: 'The id of the request in the log: the one of the request header, or a generated one.',
  },
};

const RETRY_AFTER = {
  'retry-after': { type: 'integer', minimum: 0, description: 'The time after which to retry, in seconds.' },
};

const ETAG = { etag: { type: 'string', description: 'The version of the response, for `If-None-Match`.' } };

type Components = Record<string, JsonSchema>;

const errorResponses = (route: RouteOptions, components: Components): JsonSchema => {
  const codes = [...problemsOf(route)];
  const response = (status: number) => ({
    description: codes
      .filter((code) => PROBLEMS[code].status === status)
      .map((code) => `\`${code}\`: ${PROBLEMS[code].meaning}`)
      .join('\n\n'),
    headers: { ...REQUEST_ID, ...([429, 503, 504].includes(status) ? RETRY_AFTER : {}) },
    content: { [PROBLEM_MEDIA_TYPE]: { schema: jsonSchemaOf(ProblemCodec, components) } },
  });
  return Object.fromEntries(codes.map((code) => [PROBLEMS[code].status, response(PROBLEMS[code].status)]));
};

/** The framework adds a body to each response whose type is not null. */
const contentOf = (codec: t.Any, mediaType: string, components: Components): JsonSchema =>
  codec instanceof DescribedType && codec.base instanceof t.UndefinedType
    ? { type: 'null' }
    : { content: { [mediaType]: { schema: jsonSchemaOf(codec, components) } } };

const successResponses = (
  { response = {}, produces: [mediaType = 'application/json'] = [] }: FastifySchema,
  components: Components,
): JsonSchema => {
  const codecs: Readonly<Record<string, t.Any>> = Object(response);
  const headers = { ...REQUEST_ID, ...('304' in codecs ? ETAG : {}) };
  return Object.fromEntries(
    Object.entries(codecs).map(([status, codec]) => {
      const description = (codec instanceof DescribedType && codec.keywords.description) || 'Done.';
      return [status, { description, headers, ...contentOf(codec, mediaType, components) }];
    }),
  );
};

/** Converts the schema of a route for the document: codecs become JSON Schema, and error responses are added. */
const described = (schema: FastifySchema, route: RouteOptions, components: Components): FastifySchema => {
  const parts = PARTS.flatMap((part) => {
    const codec = schema[part];
    return codec instanceof t.Type ? [[part, jsonSchemaOf(codec, components)]] : [];
  });
  const response = { ...successResponses(schema, components), ...errorResponses(route, components) };
  const security = route.config?.scope === undefined ? [] : [{ apiKey: [] }];
  return { ...schema, ...Object.fromEntries(parts), response, security };
};

const INFO = {
  title: 'Onboarding gateway',
  version: '1',
  description:
    'Starts and follows onboardings at Verifik. Times are in ms since the Unix epoch unless stated otherwise.',
};

/** Serves the OpenAPI document at /openapi.json and its page at /docs. Documents the routes that are added after it. */
export const addDocument = async (app: Api): Promise<void> => {
  const schemas: Components = {};
  // The payload of the signed evidence.
  jsonSchemaOf(EvidenceCodec, schemas);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.1',
      info: INFO,
      servers: [{ url: '/', description: 'The gateway that serves this document.' }],
      components: {
        securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'An API key of the gateway.' } },
      },
    },
    transform: ({ schema = {}, url, route }) => ({
      schema: schema.hide ? schema : described(schema, route, schemas),
      url,
    }),
    transformObject: (document) => {
      if (!('openapiObject' in document)) return {};
      const { openapiObject } = document;
      return {
        ...openapiObject,
        webhooks: eventWebhooks(schemas),
        components: { ...openapiObject.components, schemas },
      };
    },
  });
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => reply.send(app.swagger()));
};
