import type { Payload } from '@temporalio/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as E from 'fp-ts/lib/Either.js';
import type { EncryptionCodec } from '../codec/index.js';
import { describeFieldErrors, type FieldError } from '../shared/decoding.js';
import { idsOf } from './audit.js';
import { authenticate, type Credentials, requireRole } from './auth/authentication.js';
import { decodePayloads } from './masking/decode-payloads.js';
import { Refusal } from './refusals.js';
import { readPayloads, type Wire, writePayloads } from './wire.js';

/** A body can have thousands of wrong fields. */
const MAX_REPORTED_FIELDS = 5;

const describeFirst = (errors: readonly FieldError[]): string => {
  const hidden = errors.length - MAX_REPORTED_FIELDS;
  const more = hidden > 0 ? `; and ${hidden} more` : '';
  return describeFieldErrors(errors.slice(0, MAX_REPORTED_FIELDS)) + more;
};

const payloadsIn = ({ body, auditContext }: FastifyRequest): readonly Payload[] => {
  const read = readPayloads(body);
  if (E.isLeft(read)) throw new Refusal('malformed', describeFirst(read.left));
  auditContext.payloads = read.right.length;
  return read.right;
};

/** The codecs of the namespaces. Requests without a namespace use the first. */
export type Codecs = ReadonlyMap<string, EncryptionCodec>;

const codecFor = (codecs: Codecs, { headers, auditContext }: FastifyRequest): EncryptionCodec => {
  const [first] = codecs.keys();
  // The CLI sends an empty header without `--namespace`.
  const namespace = headers['x-namespace'] || first;
  const codec = typeof namespace === 'string' ? codecs.get(namespace) : undefined;
  if (codec === undefined || typeof namespace !== 'string') throw new Refusal('foreignNamespace');
  auditContext.namespace = namespace;
  return codec;
};

export const addPayloads = (app: FastifyInstance, codecs: Codecs, credentials: Credentials): void => {
  // Authenticates before the body is read.
  const onRequest = (request: FastifyRequest) => authenticate(credentials, request);

  app.post('/encode', { onRequest }, async (request): Promise<Wire> => {
    const codec = codecFor(codecs, request);
    const encoded = await codec.encode([...payloadsIn(request)]);
    Object.assign(request.auditContext, idsOf(encoded));
    return writePayloads(encoded);
  });

  app.post('/decode', { onRequest }, async (request): Promise<Wire> => {
    const { role } = requireRole(request.auditContext.caller);
    const codec = codecFor(codecs, request);
    const encoded = payloadsIn(request);
    Object.assign(request.auditContext, idsOf(encoded));
    const { payloads, undecoded } = await decodePayloads(codec, role, encoded);
    request.auditContext.undecoded = undecoded;
    return writePayloads(payloads);
  });
};
