import { randomBytes, webcrypto } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { MAX_SYNC_BYTES } from '../../codec/cipher.js';
import { EncryptionCodec, openKeyRing } from '../../codec/index.js';

/** The bytes 0 to 31, which are no secret. */
const KEY = Uint8Array.from({ length: 32 }, (_, index) => index);
const CONTEXT = { type: 'workflow', namespace: 'default', workflowId: 'onboarding-7' } as const;
const WORKFLOW = { 'encryption-workflow-id': CONTEXT.workflowId } as const;

/** Payloads that the first version with encryption stored. */
const STORED: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  [
    'of no workflow',
    {},
    'Afvg8LNq8CwgRyVNt200TcH3wFVMFhOojffCXeWvI/01csz8dYxDlZwRkWEEzH7+sOBRUkplMJG7z+3WGWvEda0JD0Egd3lMfUAwHS4=',
  ],
  [
    'of a workflow',
    WORKFLOW,
    'AaBKXMpW/Qbc9YxLMu2slSnKOVh3HuaPisybDC9ivD9R2XgX+/RLXzOBgG8qW9yn4yqTu0ZzVmfSPYjEYta9h0RQGJIutrRrFb0cibU=',
  ],
];

const { Payload: PayloadProto } = proto.temporal.api.common.v1;
const { subtle } = webcrypto;
const encoder = new TextEncoder();

const metadataWith = (more: Readonly<Record<string, string>>): Record<string, Uint8Array> =>
  Object.fromEntries(
    Object.entries({ encoding: 'binary/encrypted', 'encryption-key-id': '2026-11', ...more }).map(([name, text]) => [
      name,
      encoder.encode(text),
    ]),
  );

const asBytes = ({ metadata, data }: Payload) => ({
  metadata: Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString()]),
  data: Buffer.from(data ?? []).toString('hex'),
});

/** A second implementation of the format, with WebCrypto. */
const webCryptoCodec = async () => {
  const key = await subtle.importKey('raw', KEY, 'AES-GCM', false, ['encrypt', 'decrypt']);
  const additionalData = encoder.encode(JSON.stringify(['layout 1', 'default', '2026-11', CONTEXT.workflowId]));
  return {
    write: async (payload: Payload): Promise<Payload> => {
      const iv = webcrypto.getRandomValues(new Uint8Array(12));
      const plain = PayloadProto.encode(payload).finish();
      const encrypted = new Uint8Array(await subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, plain));
      return { metadata: metadataWith(WORKFLOW), data: Buffer.concat([Uint8Array.of(1), iv, encrypted]) };
    },
    /** Decrypts to the protobuf message. */
    read: async ({ data }: Payload): Promise<Uint8Array> => {
      const bytes = Buffer.from(data ?? []);
      expect(bytes[0]).toBe(1);
      const iv = bytes.subarray(1, 13);
      const plain = await subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, bytes.subarray(13));
      return new Uint8Array(plain);
    },
  };
};

let codec: EncryptionCodec;
beforeAll(async () => {
  const keys = await openKeyRing({ read: async () => ({ current: '2026-11', keys: new Map([['2026-11', KEY]]) }) });
  codec = new EncryptionCodec({ keys, namespace: 'default' });
});

describe('a stored payload', () => {
  it.each(STORED)('%s can still be decoded', async (_what, more, base64) => {
    const stored = { metadata: metadataWith(more), data: new Uint8Array(Buffer.from(base64, 'base64')) };
    const [read] = await codec.decode([stored]);
    expect(read && defaultPayloadConverter.fromPayload(read)).toEqual({ status: 'validated' });
  });

  /** At this size, protobuf adds 4 bytes to the data of a payload without metadata. */
  const most = MAX_SYNC_BYTES - 4;
  it.each([0, 1, 200, 16_000, most, most + 1, 3 * most])(
    'of %d bytes is the same for the codec and for WebCrypto',
    async (bytes) => {
      const others = await webCryptoCodec();
      const payload: Payload = bytes === 0 ? {} : { data: randomBytes(bytes) };
      const [ours] = await codec.encode([payload], CONTEXT);
      if (ours === undefined) throw new Error('nothing was encoded');
      expect(asBytes(ours).metadata).toEqual(asBytes({ metadata: metadataWith(WORKFLOW) }).metadata);
      expect(asBytes(PayloadProto.decode(await others.read(ours)))).toEqual(asBytes(payload));
      const [read] = await codec.decode([await others.write(payload)]);
      expect(read && asBytes(read)).toEqual(asBytes(payload));
    },
  );

  it('contains the protobuf message of the payload, byte for byte', async () => {
    const others = await webCryptoCodec();
    const bytes = fc.uint8Array({ maxLength: 300 });
    const parts = { metadata: fc.dictionary(fc.string(), bytes), data: fc.option(bytes) };
    await fc.assert(
      fc.asyncProperty(fc.record(parts, { requiredKeys: [] }), async (payload) => {
        const [ours = {}] = await codec.encode([payload], CONTEXT);
        expect(Buffer.from(await others.read(ours))).toEqual(Buffer.from(PayloadProto.encode(payload).finish()));
      }),
    );
  });

  it('keeps its references to external payloads', async () => {
    const payload = { data: randomBytes(20), externalPayloads: [{}, {}] };
    const [read] = await codec.decode(await codec.encode([payload], CONTEXT));
    expect(read?.externalPayloads).toHaveLength(2);
    expect(read && asBytes(read)).toEqual(asBytes(payload));
  });
});
