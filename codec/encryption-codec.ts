import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import proto from '@temporalio/proto';
import { defined } from '../shared/defined.js';
import { FORMAT_VERSION, hasKnownFormat } from './cipher.js';
import { missingKey, UndecodablePayloadError, unreadable } from './errors.js';
import type { KeyRing } from './key-ring.js';
import { KeyId } from './keys.js';

/** The `encoding` metadata of encrypted payloads, as in Temporal's samples. */
export const ENCRYPTED = 'binary/encrypted';

const METADATA = {
  encoding: 'encoding',
  keyId: 'encryption-key-id',
  dataKey: 'encryption-data-key',
  workflowId: 'encryption-workflow-id',
} as const;

const { Payload: PayloadProto } = proto.temporal.api.common.v1;
const encoder = new TextEncoder();
// Keeps a byte order mark: metadata is authenticated byte for byte.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The unencrypted metadata of an encrypted payload. */
export interface EncryptedPayload {
  readonly keyId: string;
  /** The data key, wrapped by the key with this id in a key management service. */
  readonly dataKey?: Uint8Array;
  /** The workflow that the payload was encrypted for, if the encrypting process knew it. */
  readonly workflowId?: string;
}

const metadataText = ({ metadata }: Payload, name: string): string | undefined => {
  const value = metadata?.[name];
  return value === undefined || value === null ? undefined : decoder.decode(value);
};

/** Reads the metadata of an encrypted payload. Returns `undefined` for one that is not encrypted. */
export const describeEncrypted = (payload: Payload): EncryptedPayload | undefined => {
  if (metadataText(payload, METADATA.encoding) !== ENCRYPTED) return undefined;
  const keyId = metadataText(payload, METADATA.keyId) ?? '';
  // The key id comes from outside and is used in messages.
  return defined({
    keyId: KeyId.is(keyId) ? keyId : '(malformed)',
    dataKey: payload.metadata?.[METADATA.dataKey] ?? undefined,
    workflowId: metadataText(payload, METADATA.workflowId),
  });
};

const metadataOf = ({ keyId, dataKey, workflowId }: EncryptedPayload): Record<string, Uint8Array> => ({
  [METADATA.encoding]: encoder.encode(ENCRYPTED),
  [METADATA.keyId]: encoder.encode(keyId),
  ...(dataKey === undefined ? {} : { [METADATA.dataKey]: dataKey }),
  ...(workflowId === undefined ? {} : { [METADATA.workflowId]: encoder.encode(workflowId) }),
});

/** The protobuf tag of the field `data` (number 2, length-delimited). */
const DATA_FIELD = (2 << 3) | 2;

/** Serializes a payload to protobuf in parts. The data, which may be large, is the last part and is not copied. */
const serialize = (payload: Payload): readonly Uint8Array[] => {
  const { data } = payload;
  if (!data?.length) return [PayloadProto.encode(payload).finish()];
  const rest = PayloadProto.encode({ ...payload, data: null });
  return [rest.uint32(DATA_FIELD).uint32(data.length).finish(), data];
};

export interface EncryptionCodecOptions {
  readonly keys: KeyRing;
  /** Payloads are bound to their namespace: one copied from another namespace cannot be decrypted. */
  readonly namespace: string;
  /** Called for each payload that cannot be decoded, before the error is thrown. */
  readonly onUndecodable?: (error: UndecodablePayloadError) => void;
}

/**
 * Encrypts whole payloads, including their metadata, with AES-256-GCM. Namespace, key id and workflow id are
 * authenticated as additional data, and a wrong data key cannot decrypt. Unencrypted payloads, such as those sent from
 * the UI or the CLI, are decoded unchanged.
 *
 * Decoding throws UndecodablePayloadError. In a worker this fails the workflow task, which Temporal retries: the
 * workflow continues once the key is available again.
 */
export class EncryptionCodec implements PayloadCodec {
  readonly #options: EncryptionCodecOptions;

  constructor(options: EncryptionCodecOptions) {
    this.#options = options;
  }

  async encode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    const { id: keyId, cipher, dataKey } = this.#options.keys.current();
    const described: EncryptedPayload = defined({ keyId, dataKey, workflowId: context?.workflowId });
    const metadata = metadataOf(described);
    const aad = this.#aad(described);
    return Promise.all(
      payloads.map(async (payload) => ({
        metadata: { ...metadata },
        data: await cipher.encrypt(serialize(payload), aad),
      })),
    );
  }

  decode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.all(
      payloads.map(async (payload) => {
        const described = describeEncrypted(payload);
        if (described === undefined) return payload;
        try {
          return await this.#decrypt(payload, described);
        } catch (error) {
          if (error instanceof UndecodablePayloadError) this.#options.onUndecodable?.(error);
          throw error;
        }
      }),
    );
  }

  async #decrypt({ data }: Payload, described: EncryptedPayload): Promise<Payload> {
    const { keyId, dataKey } = described;
    if (data === undefined || data === null || !hasKnownFormat(data))
      throw unreadable(keyId, 'this version does not know its format');
    const { keys, namespace } = this.#options;
    const key = await keys.find(keyId, dataKey);
    if (key === undefined) throw missingKey(keyId);
    let decrypted: Uint8Array;
    try {
      decrypted = await key.cipher.decrypt(data, this.#aad(described));
    } catch {
      const why = `the payload was changed, is from another namespace than ${namespace}, or this id had another key then`;
      throw unreadable(keyId, why);
    }
    return PayloadProto.decode(decrypted);
  }

  #aad({ keyId, workflowId }: EncryptedPayload): Uint8Array {
    return encoder.encode(
      JSON.stringify([`layout ${FORMAT_VERSION}`, this.#options.namespace, keyId, workflowId ?? '']),
    );
  }
}
