import type { Payload } from '@temporalio/common';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { decodeFields, matching, type Read } from '../shared/decoding.js';

/** Accepts an absent or null field: protobuf JSON has either for an empty one. */
const absentOr = <A>(codec: t.Type<A, unknown, unknown>) =>
  new t.Type<A | undefined, unknown, unknown>(
    codec.name,
    (u): u is A | undefined => u === undefined || codec.is(u),
    (u, context) => (u === undefined || u === null ? t.success(undefined) : codec.validate(u, context)),
    t.identity,
  );

// As in protobuf JSON: the standard or the URL alphabet, with or without padding.
const Base64 = matching(/^[A-Za-z0-9+/_-]*={0,2}$/, 'base64');

// Not closed: newer versions of the message may have further fields.
const WirePayload = t.type(
  { metadata: absentOr(t.record(t.string, Base64, 'an object of base64 texts')), data: absentOr(Base64) },
  'a payload',
);

const PayloadList = t.array(WirePayload, 'a list of payloads');

/**
 * More than Temporal's limits allow in one message. A payload costs far more to answer than to send: a body full of
 * empty payloads would block the server for other requests.
 */
export const MAX_PAYLOADS = 10_000;

// Checks the number before the payloads.
const LimitedPayloads = new t.Type<t.TypeOf<typeof PayloadList>, unknown, unknown>(
  PayloadList.name,
  PayloadList.is,
  (u, context) =>
    Array.isArray(u) && u.length > MAX_PAYLOADS
      ? t.failure(u, context, `at most ${MAX_PAYLOADS} payloads`)
      : PayloadList.validate(u, context),
  t.identity,
);

const WirePayloads = t.type({ payloads: absentOr(LimitedPayloads) }, 'an object');

/** `temporal.api.common.v1.Payloads` as protobuf JSON, which the Temporal UI and the CLI send and expect. */
export interface Wire {
  readonly payloads: readonly { readonly metadata?: Readonly<Record<string, string>>; readonly data?: string }[];
}

/** Converts the bytes of a payload, without its empty fields. */
const convert = <A, B>(
  {
    metadata,
    data,
  }: { readonly metadata?: Readonly<Record<string, A>> | null | undefined; readonly data?: A | null | undefined },
  to: (bytes: A) => B,
) => ({
  ...(metadata ? { metadata: Object.fromEntries(Object.entries(metadata).map(([name, a]) => [name, to(a)])) } : {}),
  ...(data ? { data: to(data) } : {}),
});

/** Decodes the payloads of a request body. Errors name the path of the wrong field. */
export const readPayloads = (body: unknown): Read<readonly Payload[]> =>
  pipe(
    decodeFields(WirePayloads)(body),
    E.map(({ payloads = [] }) => payloads.map((payload) => convert(payload, (text) => Buffer.from(text, 'base64')))),
  );

export const writePayloads = (payloads: readonly Payload[]): Wire => ({
  payloads: payloads.map((payload) => convert(payload, (bytes) => Buffer.from(bytes).toString('base64'))),
});
