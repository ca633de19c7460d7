import type { Payload } from '@temporalio/common';
import { type EncryptionCodec, UndecodablePayloadError } from '../../codec/index.js';
import type { Role } from './masking.js';
import { shownTo } from './shown-payload.js';

/** What became of the payloads, in their order. */
export interface Decoded {
  /** Those that could not be decoded are still encrypted, with the problem beside. */
  readonly payloads: readonly Payload[];
  readonly undecoded: readonly UndecodablePayloadError[];
}

/** Where in its metadata a payload that could not be decoded says why. */
const PROBLEM = 'decoding-problem';

const encoder = new TextEncoder();

const decodeOne = async (
  codec: EncryptionCodec,
  role: Role,
  payload: Payload,
): Promise<Payload | UndecodablePayloadError> => {
  try {
    const [decoded = payload] = await codec.decode([payload]);
    return shownTo(role, decoded);
  } catch (error) {
    if (error instanceof UndecodablePayloadError) return error;
    throw error;
  }
};

const isUndecoded = (result: Payload | UndecodablePayloadError): result is UndecodablePayloadError =>
  result instanceof UndecodablePayloadError;

const withProblem = (payload: Payload, { message }: UndecodablePayloadError): Payload => ({
  ...payload,
  metadata: { ...payload.metadata, [PROBLEM]: encoder.encode(message) },
});

/**
 * Decodes each payload by itself and masks what the role may not see. One that cannot be decoded hides no other, and is no error of the
 * call: the CLI repeats a call that failed until its time is up, and then shows neither the history nor the reason.
 */
export const decodeEach = async (
  codec: EncryptionCodec,
  role: Role,
  payloads: readonly Payload[],
): Promise<Decoded> => {
  const results = await Promise.all(
    payloads.map(async (payload) => ({ payload, result: await decodeOne(codec, role, payload) })),
  );
  return {
    payloads: results.map(({ payload, result }) => (isUndecoded(result) ? withProblem(payload, result) : result)),
    undecoded: results.map(({ result }) => result).filter(isUndecoded),
  };
};
