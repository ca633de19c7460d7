import type { Payload } from '@temporalio/common';
import { type EncryptionCodec, UndecodablePayloadError } from '../../codec/index.js';
import type { Role } from './mask-json.js';
import { maskPayload } from './mask-payload.js';

export interface DecodedPayloads {
  /** In their order. A payload that cannot be decoded stays encrypted, and its metadata has the problem. */
  readonly payloads: readonly Payload[];
  readonly undecoded: readonly UndecodablePayloadError[];
}

const PROBLEM_METADATA = 'decoding-problem';

const encoder = new TextEncoder();

const decodeOne = async (
  codec: EncryptionCodec,
  role: Role,
  payload: Payload,
): Promise<Payload | UndecodablePayloadError> => {
  try {
    const [decoded = payload] = await codec.decode([payload]);
    return maskPayload(role, decoded);
  } catch (error) {
    if (error instanceof UndecodablePayloadError) return error;
    throw error;
  }
};

const isUndecoded = (result: Payload | UndecodablePayloadError): result is UndecodablePayloadError =>
  result instanceof UndecodablePayloadError;

const withProblem = (payload: Payload, { message }: UndecodablePayloadError): Payload => ({
  ...payload,
  metadata: { ...payload.metadata, [PROBLEM_METADATA]: encoder.encode(message) },
});

/**
 * Decodes each payload separately and masks it for the role. A payload that cannot be decoded does not fail the
 * request: the CLI would retry until its deadline and then show neither the history nor the reason.
 */
export const decodePayloads = async (
  codec: EncryptionCodec,
  role: Role,
  payloads: readonly Payload[],
): Promise<DecodedPayloads> => {
  const results = await Promise.all(
    payloads.map(async (payload) => ({ payload, result: await decodeOne(codec, role, payload) })),
  );
  return {
    payloads: results.map(({ payload, result }) => (isUndecoded(result) ? withProblem(payload, result) : result)),
    undecoded: results.map(({ result }) => result).filter(isUndecoded),
  };
};
