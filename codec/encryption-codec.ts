import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import proto from '@temporalio/proto';
import { isLaidOut, LAYOUT } from './cipher.js';
import { missingKey, UndecodablePayloadError, unreadable } from './errors.js';
import type { EncryptionKey, KeyRing } from './key-ring.js';
import { KeyId } from './keys.js';

/** The encoding that encrypted payloads state, as in Temporal's samples. */
export const ENCRYPTED = 'binary/encrypted';

const METADATA = { encoding: 'encoding', keyId: 'encryption-key-id', workflowId: 'encryption-workflow-id' } as const;

const { Payload: PayloadProto } = proto.temporal.api.common.v1;
const encoder = new TextEncoder();
// What is bound to a payload has to be read back as it was written, to the byte.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** What an encrypted payload says of itself in the clear. */
export interface EncryptedPayload {
  readonly keyId: string;
  /** The workflow that it was encrypted for, where the process that did so knew it. */
  readonly workflowId?: string;
}

const metadataText = ({ metadata }: Payload, name: string): string | undefined => {
  const value = metadata?.[name];
  return value === undefined || value === null ? undefined : decoder.decode(value);
};

/** What the payload says of itself where it is encrypted, and undefined where it is not. */
export const describeEncrypted = (payload: Payload): EncryptedPayload | undefined => {
  if (metadataText(payload, METADATA.encoding) !== ENCRYPTED) return undefined;
  const keyId = metadataText(payload, METADATA.keyId) ?? '';
  const workflowId = metadataText(payload, METADATA.workflowId);
  // It comes from outside, and goes into messages.
  return { keyId: KeyId.is(keyId) ? keyId : '(malformed)', ...(workflowId === undefined ? {} : { workflowId }) };
};

const metadataOf = ({ keyId, workflowId }: EncryptedPayload): Record<string, Uint8Array> => ({
  [METADATA.encoding]: encoder.encode(ENCRYPTED),
  [METADATA.keyId]: encoder.encode(keyId),
  ...(workflowId === undefined ? {} : { [METADATA.workflowId]: encoder.encode(workflowId) }),
});

/** The tag of `data` among the fields of a payload: its number, and that a length comes next. */
const DATA_FIELD = (2 << 3) | 2;

/** The payload as protocol buffers have it, in parts that together are one message: its data last, which may be large, and not copied. */
const plainOf = (payload: Payload): readonly Uint8Array[] => {
  const { data } = payload;
  if (!data?.length) return [PayloadProto.encode(payload).finish()];
  const rest = PayloadProto.encode({ ...payload, data: null });
  return [rest.uint32(DATA_FIELD).uint32(data.length).finish(), data];
};

export interface EncryptionCodecOptions {
  readonly keys: KeyRing;
  /** Payloads are bound to it: what was copied from another namespace cannot be read. */
  readonly namespace: string;
  /** Told of each payload that cannot be decoded, before the error is thrown. */
  readonly onUndecodable?: (error: UndecodablePayloadError) => void;
}

/**
 * Encrypts payloads with AES-256-GCM: the whole payload, its own metadata included. Namespace, key id and workflow id are bound to
 * it as associated data. Payloads that are not encrypted are read as they are: those from before encryption, and those that people
 * send from the UI or the CLI.
 *
 * Reading throws UndecodablePayloadError. In a worker that fails the workflow task, which Temporal repeats: once the
 * key is back, the workflow goes on as if nothing had been.
 */
export class EncryptionCodec implements PayloadCodec {
  readonly #keys: KeyRing;
  readonly #namespace: string;
  readonly #onUndecodable: EncryptionCodecOptions['onUndecodable'];

  constructor({ keys, namespace, onUndecodable }: EncryptionCodecOptions) {
    this.#keys = keys;
    this.#namespace = namespace;
    this.#onUndecodable = onUndecodable;
  }

  async encode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    const { id: keyId, cipher } = this.#keys.current();
    const workflowId = context?.workflowId;
    const described: EncryptedPayload = { keyId, ...(workflowId === undefined ? {} : { workflowId }) };
    // One key and one workflow for the whole call: what states them is made once.
    const metadata = metadataOf(described);
    const bound = this.#boundTo(described);
    return Promise.all(
      payloads.map(async (payload) => ({
        metadata: { ...metadata },
        data: await cipher.seal(plainOf(payload), bound),
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
          if (error instanceof UndecodablePayloadError) this.#onUndecodable?.(error);
          throw error;
        }
      }),
    );
  }

  async #decrypt({ data }: Payload, described: EncryptedPayload): Promise<Payload> {
    const { keyId } = described;
    if (data === undefined || data === null || !isLaidOut(data))
      throw unreadable(keyId, 'it is not laid out as this version writes it');
    const found = await this.#keys.find(keyId);
    if (found === undefined) throw missingKey(keyId);
    return PayloadProto.decode(await this.#open(found, data, described));
  }

  async #open({ cipher }: EncryptionKey, data: Uint8Array, described: EncryptedPayload): Promise<Uint8Array> {
    try {
      return await cipher.open(data, this.#boundTo(described));
    } catch {
      throw unreadable(
        described.keyId,
        `it was changed, belongs to another namespace than ${this.#namespace}, or the key is not what it was`,
      );
    }
  }

  #boundTo({ keyId, workflowId }: EncryptedPayload): Uint8Array {
    return encoder.encode(JSON.stringify([`layout ${LAYOUT}`, this.#namespace, keyId, workflowId ?? '']));
  }
}
