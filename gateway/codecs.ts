import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyTypeProvider, RawServerDefault } from 'fastify';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { decodeFields } from '../shared/decoding.js';
import { type Place, Problem } from './problems.js';

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
