import type { Payload } from '@temporalio/common';
import { type EncryptionCodec, UndecodablePayloadError } from '../../codec/index.js';
import type { Role } from './mask-json.js';
import { maskPayload } from './mask-payload.js';

const PROBLEM_METADATA = 'decoding-problem';

const encoder = new TextEncoder();

interface Decoded {
  readonly payload: Payload;
  readonly problem?: UndecodablePayloadError;
}

const decodeOne = async (codec: EncryptionCodec, role: Role, payload: Payload): Promise<Decoded> => {
  try {
    const [decoded = payload] = await codec.decode([payload]);
    return { payload: maskPayload(role, decoded) };
  } catch (problem) {
    if (!(problem instanceof UndecodablePayloadError)) throw problem;
    const metadata = { ...payload.metadata, [PROBLEM_METADATA]: encoder.encode(problem.message) };
    return { payload: { ...payload, metadata }, problem };
  }
};

/**
 * Decodes each payload separately and masks it for the role. A payload that cannot be decoded stays encrypted, and its
 * metadata has the problem. It does not fail the request: the CLI would retry until its deadline and then show neither
 * the history nor the reason.
 */
export const decodePayloads = async (codec: EncryptionCodec, role: Role, payloads: readonly Payload[]) => {
  const decoded = await Promise.all(payloads.map((payload) => decodeOne(codec, role, payload)));
  return {
    payloads: decoded.map(({ payload }) => payload),
    undecoded: decoded.flatMap(({ problem }) => problem ?? []),
  };
};
