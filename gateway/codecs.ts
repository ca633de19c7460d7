import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyTypeProvider, RawServerDefault } from 'fastify';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { decodeFields } from '../shared/decoding.js';
import { type Place, Problem } from './problems.js';

/** Types requests and answers of a route by the codecs of its schema. */
export interface CodecTypeProvider extends FastifyTypeProvider {
  readonly validator: this['schema'] extends t.Any ? t.TypeOf<this['schema']> : unknown;
  readonly serializer: this['schema'] extends t.Any ? t.TypeOf<this['schema']> : unknown;
}

/** A server whose routes have codecs for schemas. */
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

/** A body can be wrong in thousands of places: the first ones tell enough. */
const MOST_TOLD = 20;

/** Reads requests by the codecs of their routes, and says each field that is wrong. */
export const addCodecs = (app: Api): void => {
  app.setValidatorCompiler(({ schema, httpPart }) => {
    const place = PLACES[httpPart ?? ''] ?? 'body';
    if (!(schema instanceof t.Type)) throw new Error(`The schema of a route's ${place} has to be a codec.`);
    const decode = decodeFields(schema);
    return (input: unknown) => {
      const read = decode(input);
      if (E.isRight(read)) return { value: read.right };
      const errors = read.left.slice(0, MOST_TOLD).map((error) => ({ ...error, in: place }));
      return { error: new Problem('invalidRequest', { errors }) };
    };
  });
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
};
