import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifySchema, FastifyTypeProvider, RawServerDefault } from 'fastify';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { decodeFields } from '../shared/decoding.js';
import type { Scope } from './auth/api-keys.js';
import { type Place, Problem, type ProblemCode } from './problems.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The scope that an API key needs for the route. */
    scope?: Scope;
    problems?: readonly ProblemCode[];
  }
}

/** Types the requests and responses of a route by the codecs of its schema. */
export interface CodecTypeProvider extends FastifyTypeProvider {
  readonly validator: this['schema'] extends t.Any ? t.TypeOf<this['schema']> : unknown;
  readonly serializer: this['schema'] extends t.Any ? t.TypeOf<this['schema']> : unknown;
}

/** A Fastify instance whose route schemas are codecs. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  CodecTypeProvider
>;

/** Makes the options of routes with a tag: the scope, the problems besides the common ones, and the schema. */
export const routesOf =
  (tag: string) =>
  <S extends FastifySchema>(scope: Scope, problems: readonly ProblemCode[], schema: S) => ({
    config: { scope, problems },
    exposeHeadRoute: false,
    schema: { tags: [tag], ...schema },
  });

const PLACES: Readonly<Record<string, Place>> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'header',
};

/** A body can have thousands of wrong fields. */
const MAX_REPORTED_FIELDS = 20;

/** Validates requests with the codecs of their routes. A problem names each wrong field. */
export const addCodecs = (app: Api): void => {
  app.setValidatorCompiler(({ schema, httpPart }) => {
    const place = PLACES[httpPart ?? ''] ?? 'body';
    if (!(schema instanceof t.Type)) throw new Error(`The schema of a route's ${place} must be a codec.`);
    const decode = decodeFields(schema);
    return (input: unknown) => {
      const read = decode(input);
      if (E.isRight(read)) return { value: read.right };
      const errors = read.left.slice(0, MAX_REPORTED_FIELDS).map((error) => ({ ...error, in: place }));
      return { error: new Problem('invalidRequest', { errors }) };
    };
  });
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
};
