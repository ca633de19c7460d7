import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  describeEncrypted,
  EncryptionCodec,
  type KeyRing,
  openKeyRing,
  UndecodablePayloadError,
} from '../../codec/index.js';

const SECRET = 'someone.secret@example.com';
const ring = (current: string, keys: Readonly<Record<string, Uint8Array>>): Promise<KeyRing> =>
  openKeyRing({ read: async () => ({ current, keys: new Map(Object.entries(keys)) }) });

const OLD = randomBytes(32);
const NEW = randomBytes(32);

const codecWith = async (
  {
    current = 'old',
    keys = { old: OLD },
    namespace = 'default',
  }: {
    current?: string;
    keys?: Record<string, Uint8Array>;
    namespace?: string;
  } = {},
  onUndecodable?: (error: UndecodablePayloadError) => void,
) =>
  new EncryptionCodec({
    keys: await ring(current, keys),
    namespace,
    ...(onUndecodable === undefined ? {} : { onUndecodable }),
  });

const payloadOf = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const readBack = (payload: Payload | undefined): unknown =>
  payload === undefined ? undefined : defaultPayloadConverter.fromPayload(payload);

const CONTEXT = { type: 'workflow', namespace: 'default', workflowId: 'onboarding-7' } as const;

const encodeOne = async (codec: EncryptionCodec, value: unknown): Promise<Payload> => {
  const [payload] = await codec.encode([payloadOf(value)], CONTEXT);
  if (payload === undefined) throw new Error('nothing was encoded');
  return payload;
};

const flipped = (bytes: Uint8Array, index: number): Uint8Array =>
  bytes.map((byte, at) => (at === index ? byte ^ 1 : byte));

describe('an encrypted payload', () => {
  it('decodes to the original value, whatever its type', async () => {
    const codec = await codecWith();
    const anything = fc.oneof(fc.jsonValue(), fc.uint8Array(), fc.constant(undefined));
    await fc.assert(
      fc.asyncProperty(fc.array(anything), async (values) => {
        const payloads = values.map(payloadOf);
        expect((await codec.decode(await codec.encode(payloads))).map(readBack)).toEqual(payloads.map(readBack));
      }),
    );
  });

  it('contains nothing of the value in the clear, and differs each time', async () => {
    const codec = await codecWith();
    const [one, other] = [await encodeOne(codec, { email: SECRET }), await encodeOne(codec, { email: SECRET })];
    const shown = Buffer.from(one.data ?? []).toString('latin1');
    for (const part of [SECRET, 'email', 'json/plain']) expect(shown).not.toContain(part);
    expect(Buffer.from(one.data ?? []).equals(Buffer.from(other.data ?? []))).toBe(false);
  });

  it('can be decoded whatever characters its workflow id has', async () => {
    const codec = await codecWith();
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (id) => {
        const encoded = await codec.encode([payloadOf(SECRET)], { ...CONTEXT, workflowId: `\ufeff${id}` });
        expect((await codec.decode(encoded)).map(readBack)).toEqual([SECRET]);
      }),
    );
  });

  it('names its key and its workflow', async () => {
    const codec = await codecWith();
    expect(describeEncrypted(await encodeOne(codec, 1))).toEqual({ keyId: 'old', workflowId: 'onboarding-7' });
    expect(describeEncrypted(payloadOf(1))).toBeUndefined();
  });

  it('is at most 170 bytes longer than the value', async () => {
    const plain = payloadOf({ status: 'validated' });
    const bytes = ({ metadata, data }: Payload) =>
      Object.entries(metadata ?? {}).reduce((sum, [key, value]) => sum + key.length + value.length, data?.length ?? 0);
    const [encrypted] = await (await codecWith()).encode([plain], CONTEXT);
    expect(bytes(encrypted ?? {}) - bytes(plain)).toBeLessThan(170);
  });

  it('is rejected after any change', async () => {
    const codec = await codecWith();
    const encrypted = await encodeOne(codec, { email: SECRET });
    const data = encrypted.data ?? new Uint8Array();
    for (let index = 0; index < data.length; index += 1)
      await expect(codec.decode([{ ...encrypted, data: flipped(data, index) }])).rejects.toThrow(
        UndecodablePayloadError,
      );
    const elsewhere = { ...encrypted.metadata, 'encryption-workflow-id': Buffer.from('onboarding-8') };
    await expect(codec.decode([{ ...encrypted, metadata: elsewhere }])).rejects.toThrow(UndecodablePayloadError);
  });

  it.each([
    ['nothing', undefined],
    ['no bytes', new Uint8Array()],
    ['too few bytes', new Uint8Array(20).fill(1)],
    ['undecodable', randomBytes(200)],
  ])('with %s as its data is rejected', async (_what, data) => {
    const codec = await codecWith();
    const { metadata = null } = await encodeOne(codec, 1);
    const undecodable = { metadata, ...(data === undefined ? {} : { data: new Uint8Array(data).fill(1, 0, 1) }) };
    await expect(codec.decode([undecodable])).rejects.toThrow(UndecodablePayloadError);
  });

  it('is bound to its namespace', async () => {
    const encrypted = await encodeOne(await codecWith({ namespace: 'production' }), { email: SECRET });
    await expect((await codecWith({ namespace: 'staging' })).decode([encrypted])).rejects.toThrow(
      /another namespace than staging/,
    );
  });

  it('can be decoded with every key of the ring, and new ones use the current key', async () => {
    const before = await encodeOne(await codecWith(), 'before');
    const codec = await codecWith({ current: 'new', keys: { old: OLD, new: NEW } });
    const after = await encodeOne(codec, 'after');
    expect((await codec.decode([before, after])).map(readBack)).toEqual(['before', 'after']);
    expect(describeEncrypted(after)?.keyId).toBe('new');
  });

  it('without its key in the ring is rejected and reported with the key id', async () => {
    const told: UndecodablePayloadError[] = [];
    const encrypted = await encodeOne(await codecWith({ current: 'new', keys: { new: NEW } }), { email: SECRET });
    const codec = await codecWith({}, (undecodable) => told.push(undecodable));
    const error = await codec.decode([encrypted]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UndecodablePayloadError);
    expect(error).toMatchObject({ why: 'missingKey', keyId: 'new', message: expect.stringContaining('key new') });
    expect(told).toEqual([error]);
  });

  it('with a malformed key id is rejected without showing the id', async () => {
    const codec = await codecWith();
    const { data, metadata } = await encodeOne(codec, 1);
    const forged = { ...metadata, 'encryption-key-id': Buffer.from(`x\n${SECRET}`) };
    const read = codec.decode([{ metadata: forged, ...(data === undefined || data === null ? {} : { data }) }]);
    await expect(read).rejects.toThrow(/key \(malformed\)/);
  });

  it('can be mixed with unencrypted payloads, which are decoded unchanged', async () => {
    const codec = await codecWith();
    const plain = payloadOf({ status: 'validated' });
    const [first, second] = await codec.decode([plain, await encodeOne(codec, 'encrypted')]);
    expect(first).toBe(plain);
    expect(readBack(second)).toBe('encrypted');
  });
});
