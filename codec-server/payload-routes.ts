import type { Payload } from '@temporalio/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as E from 'fp-ts/lib/Either.js';
import type { EncryptionCodec } from '../codec/index.js';
import { describeFieldErrors, type FieldError } from '../shared/decoding.js';
import { idsOf } from './audit.js';
import { authenticate, withRole } from './callers/authentication.js';
import type { Credentials } from './callers/caller.js';
import { Refusal } from './refusals.js';
import { decodeEach } from './showing/decoding.js';
import { readPayloads, type Wire, writePayloads } from './wire.js';

/** A body can be wrong in thousands of places: the first ones tell enough. */
const MOST_TOLD = 5;

const describeFirst = (errors: readonly FieldError[]): string => {
  const more = errors.length > MOST_TOLD ? `; and ${errors.length - MOST_TOLD} more` : '';
  return describeFieldErrors(errors.slice(0, MOST_TOLD)) + more;
};

const payloadsIn = ({ body, facts }: FastifyRequest): readonly Payload[] => {
  const read = readPayloads(body);
  if (E.isLeft(read)) throw new Refusal('malformed', describeFirst(read.left));
  facts.payloads = read.right.length;
  return read.right;
};

/** One codec for each namespace: payloads are bound to theirs. The first is meant where a call names none. */
export type Codecs = ReadonlyMap<string, EncryptionCodec>;

const codecFor = (codecs: Codecs, { headers, facts }: FastifyRequest): EncryptionCodec => {
  const [first] = codecs.keys();
  // The CLI sends an empty one where it is told of none.
  const named = headers['x-namespace'] || first;
  const codec = typeof named === 'string' ? codecs.get(named) : undefined;
  if (codec === undefined || typeof named !== 'string') throw new Refusal('foreignNamespace');
  facts.namespace = named;
  return codec;
};

/** The two calls of remote codecs, as Temporal's own SDKs, CLI and UI make them. */
export const addPayloads = (app: FastifyInstance, codecs: Codecs, credentials: Credentials): void => {
  // Before the body is read: strangers are not listened to.
  const onRequest = (request: FastifyRequest) => authenticate(credentials, request);

  app.post('/encode', { onRequest }, async (request): Promise<Wire> => {
    const codec = codecFor(codecs, request);
    const encoded = await codec.encode([...payloadsIn(request)]);
    Object.assign(request.facts, idsOf(encoded));
    return writePayloads(encoded);
  });

  app.post('/decode', { onRequest }, async (request): Promise<Wire> => {
    const { role } = withRole(request.facts.caller);
    const codec = codecFor(codecs, request);
    const encoded = payloadsIn(request);
    Object.assign(request.facts, idsOf(encoded));
    const { payloads, undecoded } = await decodeEach(codec, role, encoded);
    request.facts.undecoded = undecoded;
    return writePayloads(payloads);
  });
};
