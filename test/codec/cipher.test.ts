import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cipher, importCipher, MOST_BYTES_IN_PASSING } from '../../codec/cipher.js';
import { EncryptionCodec, openKeyRing, type UndecodablePayloadError } from '../../codec/index.js';

const BOUND = Buffer.from('bound');
/** On both sides of the size from which on another thread encrypts. */
const SIZES = [0, 1_000, MOST_BYTES_IN_PASSING, MOST_BYTES_IN_PASSING + 1] as const;

const nonceOf = (sealed: Uint8Array | null | undefined): string =>
  Buffer.from(sealed?.subarray(1, 13) ?? []).toString('hex');

/** Whether it is settled by what this process does alone: no thread's answer can come in meanwhile. */
const isSettledAtOnce = async (promise: Promise<unknown>): Promise<boolean> => {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  for (let turn = 0; turn < 100; turn += 1) await undefined;
  return settled;
};

const sealed = async (cipher: Cipher, size: number) => {
  const plain = randomBytes(size);
  return { plain, data: await cipher.seal([plain.subarray(0, 7), plain.subarray(7)], BOUND) };
};

/** What `open` does, whether it throws or rejects. */
const opened = async (cipher: Cipher, data: Uint8Array, bound = BOUND): Promise<Uint8Array> => cipher.open(data, bound);

const codecOf = async (onUndecodable?: (error: UndecodablePayloadError) => void) => {
  const keys = await openKeyRing({ read: async () => ({ current: 'a', keys: new Map([['a', randomBytes(32)]]) }) });
  return new EncryptionCodec({ keys, namespace: 'default', ...(onUndecodable === undefined ? {} : { onUndecodable }) });
};

const textOf = (size: number): Payload => defaultPayloadConverter.toPayload('x'.repeat(size));

describe('a cipher', () => {
  it.each(SIZES)('refuses %d bytes that were changed, are bound to something else or of another key', async (size) => {
    const cipher = await importCipher(randomBytes(32));
    const { plain, data } = await sealed(cipher, size);
    expect(Buffer.compare(await opened(cipher, data), plain)).toBe(0);
    for (const at of [1, 13, data.length - 16, data.length - 1]) {
      const changed = Uint8Array.from(data);
      changed[at] = (data[at] ?? 0) ^ 1;
      await expect(opened(cipher, changed)).rejects.toThrow();
    }
    await expect(opened(cipher, data.subarray(0, -1))).rejects.toThrow();
    await expect(opened(cipher, data, Buffer.from('else'))).rejects.toThrow();
    await expect(opened(await importCipher(randomBytes(32)), data)).rejects.toThrow();
  });

  it('gives plain bytes in memory of their own, whatever their size', async () => {
    const cipher = await importCipher(randomBytes(32));
    for (const size of SIZES) {
      const plain = await opened(cipher, (await sealed(cipher, size)).data);
      expect([plain.constructor, plain.buffer.byteLength]).toEqual([Uint8Array, size]);
    }
  });

  it('does not show its key', async () => {
    const key = randomBytes(32);
    const shown = inspect(await importCipher(key), { depth: null, showHidden: true });
    for (const form of ['hex', 'base64', 'latin1'] as const) expect(shown).not.toContain(key.toString(form));
    expect(shown).not.toContain('KeyObject');
  });
});

describe('payloads that are encrypted at once', () => {
  it('each have a nonce of their own, within a call and across calls', async () => {
    const codec = await codecOf();
    const call = Array.from({ length: 500 }, () => textOf(10));
    const calls = Array.from({ length: 40 }, () => codec.encode([...call, textOf(MOST_BYTES_IN_PASSING)]));
    const nonces = (await Promise.all(calls)).flat().map(({ data }) => nonceOf(data));
    expect(nonces).toHaveLength(40 * 501);
    expect(new Set(nonces).size).toBe(nonces.length);
  });

  it('keep their order and contents, however large and small ones are mixed in calls that overlap', async () => {
    const codec = await codecOf();
    const size = fc.constantFrom(0, 1, 300, 20_000, MOST_BYTES_IN_PASSING, 2 * MOST_BYTES_IN_PASSING);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(size, { maxLength: 5 }), { maxLength: 5 }), async (calls) => {
        const read = await Promise.all(
          calls.map(async (sizes, call) => {
            const context = { type: 'workflow', namespace: 'default', workflowId: `onboarding-${call}` } as const;
            return codec.decode(await codec.encode(sizes.map(textOf), context));
          }),
        );
        const lengths = read.map((payloads) =>
          payloads.map((p) => defaultPayloadConverter.fromPayload<string>(p).length),
        );
        expect(lengths).toEqual(calls);
      }),
      { numRuns: 30 },
    );
  });

  it('have metadata of their own', async () => {
    const [one, other] = await (await codecOf()).encode([textOf(1), textOf(1)]);
    expect(one?.metadata).toEqual(other?.metadata);
    expect(one?.metadata).not.toBe(other?.metadata);
  });

  it('are each told of when they cannot be read', async () => {
    const told: UndecodablePayloadError[] = [];
    const foreign = await (await codecOf()).encode([textOf(1), textOf(2 * MOST_BYTES_IN_PASSING), textOf(2)]);
    const codec = await codecOf((error) => told.push(error));
    await expect(codec.decode(foreign)).rejects.toThrow('cannot be read');
    // The large one's answer comes after the first error was thrown.
    await expect.poll(() => told.length).toBe(3);
  });

  it('wait for no thread where they are small, and leave the event loop to others where they are large', async () => {
    const codec = await codecOf();
    const [small, large] = [[textOf(16_000)], [textOf(2 * MOST_BYTES_IN_PASSING)]];
    const [sealedSmall, sealedLarge] = [await codec.encode(small), await codec.encode(large)];
    expect(await isSettledAtOnce(codec.encode(small))).toBe(true);
    expect(await isSettledAtOnce(codec.decode(sealedSmall))).toBe(true);
    const [sealing, opening] = [codec.encode(large), codec.decode(sealedLarge)];
    expect(await isSettledAtOnce(Promise.race([sealing, opening]))).toBe(false);
    await Promise.all([sealing, opening]);
  });
});
