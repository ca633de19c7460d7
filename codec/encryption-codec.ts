import { webcrypto } from 'node:crypto';
import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import proto from '@temporalio/proto';
import { missingKey, UndecodablePayloadError, unreadable } from './errors.js';
import type { KeyRing } from './key-ring.js';
import { KeyId } from './keys.js';

/** The encoding that encrypted payloads state, as in Temporal's samples. */
export const ENCRYPTED = 'binary/encrypted';

const METADATA = { encoding: 'encoding', keyId: 'encryption-key-id', workflowId: 'encryption-workflow-id' } as const;

/** How the data is laid out: this byte, the nonce, the ciphertext and its tag. */
const LAYOUT = 1;
/** 96 random bits: what AES-GCM is made for (NIST SP 800-38D); good for 2^32 payloads a key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

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

  encode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    return Promise.all(payloads.map((payload) => this.#encrypt(payload, context?.workflowId)));
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

  async #encrypt(payload: Payload, workflowId: string | undefined): Promise<Payload> {
    const { id: keyId, key } = this.#keys.current();
    const nonce = webcrypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const described: EncryptedPayload = { keyId, ...(workflowId === undefined ? {} : { workflowId }) };
    const plain = PayloadProto.encode(payload).finish();
    const sealed = await webcrypto.subtle.encrypt(this.#parameters(nonce, described), key, plain);
    return {
      metadata: {
        [METADATA.encoding]: encoder.encode(ENCRYPTED),
        [METADATA.keyId]: encoder.encode(keyId),
        ...(workflowId === undefined ? {} : { [METADATA.workflowId]: encoder.encode(workflowId) }),
      },
      data: Buffer.concat([Uint8Array.of(LAYOUT), nonce, new Uint8Array(sealed)]),
    };
  }

  async #decrypt({ data }: Payload, described: EncryptedPayload): Promise<Payload> {
    const { keyId } = described;
    if (data === undefined || data === null || data[0] !== LAYOUT || data.length < 1 + NONCE_BYTES + TAG_BYTES)
      throw unreadable(keyId, 'it is not laid out as this version writes it');
    const found = await this.#keys.find(keyId);
    if (found === undefined) throw missingKey(keyId);
    const nonce = data.subarray(1, 1 + NONCE_BYTES);
    const sealed = data.subarray(1 + NONCE_BYTES);
    const plain = await webcrypto.subtle.decrypt(this.#parameters(nonce, described), found.key, sealed).catch(() => {
      throw unreadable(
        keyId,
        `it was changed, belongs to another namespace than ${this.#namespace}, or the key is not what it was`,
      );
    });
    return PayloadProto.decode(new Uint8Array(plain));
  }

  #parameters(nonce: Uint8Array, { keyId, workflowId }: EncryptedPayload): webcrypto.AesGcmParams {
    const bound = [`layout ${LAYOUT}`, this.#namespace, keyId, workflowId ?? ''];
    return { name: 'AES-GCM', iv: nonce, additionalData: encoder.encode(JSON.stringify(bound)) };
  }
}
