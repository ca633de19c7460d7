import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cipher, importCipher, MAX_SYNC_BYTES } from '../../codec/cipher.js';
import { EncryptionCodec, openKeyRing, type UndecodablePayloadError } from '../../codec/index.js';

const AAD = Buffer.from('bound');
/** Sizes on both sides of the limit from which another thread encrypts. */
const SIZES = [0, 1_000, MAX_SYNC_BYTES, MAX_SYNC_BYTES + 1] as const;

const nonceOf = (sealed: Uint8Array | null | undefined): string =>
  Buffer.from(sealed?.subarray(1, 13) ?? []).toString('hex');

/** True if the promise settles within microtasks, before the result of another thread can arrive. */
const isSettledAtOnce = async (promise: Promise<unknown>): Promise<boolean> => {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  for (let turn = 0; turn < 100; turn += 1) await undefined;
  return settled;
};

const encrypted = async (cipher: Cipher, size: number) => {
  const plain = randomBytes(size);
  return { plain, data: await cipher.encrypt([plain.subarray(0, 7), plain.subarray(7)], AAD) };
};

/** Decrypts, and rejects even if the cipher throws synchronously. */
const decrypt = async (cipher: Cipher, data: Uint8Array, aad = AAD): Promise<Uint8Array> => cipher.decrypt(data, aad);

const codecOf = async (onUndecodable?: (error: UndecodablePayloadError) => void) => {
  const keys = await openKeyRing({ read: async () => ({ current: 'a', keys: new Map([['a', randomBytes(32)]]) }) });
  return new EncryptionCodec({ keys, namespace: 'default', ...(onUndecodable === undefined ? {} : { onUndecodable }) });
};

const textOf = (size: number): Payload => defaultPayloadConverter.toPayload('x'.repeat(size));

describe('a cipher', () => {
  it.each(SIZES)('rejects %d bytes after a change, with other associated data and with another key', async (size) => {
    const cipher = await importCipher(randomBytes(32));
    const { plain, data } = await encrypted(cipher, size);
    expect(Buffer.compare(await decrypt(cipher, data), plain)).toBe(0);
    for (const at of [1, 13, data.length - 16, data.length - 1]) {
      const changed = Uint8Array.from(data);
      changed[at] = (data[at] ?? 0) ^ 1;
      await expect(decrypt(cipher, changed)).rejects.toThrow();
    }
    await expect(decrypt(cipher, data.subarray(0, -1))).rejects.toThrow();
    await expect(decrypt(cipher, data, Buffer.from('else'))).rejects.toThrow();
    await expect(decrypt(await importCipher(randomBytes(32)), data)).rejects.toThrow();
  });

  it('returns a Uint8Array with a buffer of its own for every size', async () => {
    const cipher = await importCipher(randomBytes(32));
    for (const size of SIZES) {
      const plain = await decrypt(cipher, (await encrypted(cipher, size)).data);
      expect([plain.constructor, plain.buffer.byteLength]).toEqual([Uint8Array, size]);
    }
  });

  it('does not reveal its key', async () => {
    const key = randomBytes(32);
    const shown = inspect(await importCipher(key), { depth: null, showHidden: true });
    for (const form of ['hex', 'base64', 'latin1'] as const) expect(shown).not.toContain(key.toString(form));
    expect(shown).not.toContain('KeyObject');
  });
});

describe('payloads that are encrypted concurrently', () => {
  it('each have a nonce of their own within a call and across calls', async () => {
    const codec = await codecOf();
    const call = Array.from({ length: 500 }, () => textOf(10));
    const calls = Array.from({ length: 40 }, () => codec.encode([...call, textOf(MAX_SYNC_BYTES)]));
    const nonces = (await Promise.all(calls)).flat().map(({ data }) => nonceOf(data));
    expect(nonces).toHaveLength(40 * 501);
    expect(new Set(nonces).size).toBe(nonces.length);
  });

  it('keep their order and contents for any mix of large and small ones in overlapping calls', async () => {
    const codec = await codecOf();
    const size = fc.constantFrom(0, 1, 300, 20_000, MAX_SYNC_BYTES, 2 * MAX_SYNC_BYTES);
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

  it('do not share metadata objects', async () => {
    const [one, other] = await (await codecOf()).encode([textOf(1), textOf(1)]);
    expect(one?.metadata).toEqual(other?.metadata);
    expect(one?.metadata).not.toBe(other?.metadata);
  });

  it('are each reported when they cannot be decoded', async () => {
    const reported: UndecodablePayloadError[] = [];
    const foreign = await (await codecOf()).encode([textOf(1), textOf(2 * MAX_SYNC_BYTES), textOf(2)]);
    const codec = await codecOf((error) => reported.push(error));
    await expect(codec.decode(foreign)).rejects.toThrow('cannot be read');
    // The large payload fails after the first error was thrown.
    await expect.poll(() => reported.length).toBe(3);
  });

  it('are encrypted at once if small, and in another thread if large', async () => {
    const codec = await codecOf();
    const [small, large] = [[textOf(16_000)], [textOf(2 * MAX_SYNC_BYTES)]];
    const [encryptedSmall, encryptedLarge] = [await codec.encode(small), await codec.encode(large)];
    expect(await isSettledAtOnce(codec.encode(small))).toBe(true);
    expect(await isSettledAtOnce(codec.decode(encryptedSmall))).toBe(true);
    const [encrypting, decrypting] = [codec.encode(large), codec.decode(encryptedLarge)];
    expect(await isSettledAtOnce(Promise.race([encrypting, decrypting]))).toBe(false);
    await Promise.all([encrypting, decrypting]);
  });
});
