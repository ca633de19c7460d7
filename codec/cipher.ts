import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, webcrypto } from 'node:crypto';

/** How sealed data is laid out: this byte, the nonce, the ciphertext and its tag. */
export const LAYOUT = 1;
/** 96 random bits: what AES-GCM is made for (NIST SP 800-38D); good for 2^32 payloads a key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const OVERHEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES;

/**
 * Up to so many bytes are encrypted in passing. The event loop is busier with handing them to another thread and taking the answer back
 * than with encrypting them: with Node 20, 17 against 6 µs for 200 bytes, 35 against 11 for 16 KiB, 117 against 101 for 256 KiB. From
 * 512 KiB on the thread takes work off the loop.
 */
export const MOST_BYTES_IN_PASSING = 256 * 1_024;

/** What is sealed, in parts that need not be put together before. */
type Plain = readonly Uint8Array[];

/** AES-256-GCM under one key, which does not come out of it again. */
export interface Cipher {
  /** Seals the parts as one, under a random nonce of its own. Opening takes the same `bound`, which is authenticated, not encrypted. */
  readonly seal: (plain: Plain, bound: Uint8Array) => Uint8Array | Promise<Uint8Array>;
  /** What was sealed. Throws or rejects where that was changed, sealed under another key or bound to something else. */
  readonly open: (sealed: Uint8Array, bound: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

/** Whether the data can be what a cipher has sealed. */
export const isLaidOut = (data: Uint8Array): boolean => data[0] === LAYOUT && data.length >= OVERHEAD_BYTES;

/** A cipher of a raw key of 32 bytes. */
export const importCipher = async (raw: Uint8Array): Promise<Cipher> => {
  const key = createSecretKey(raw);
  const threaded = await webcrypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);

  const sealInPassing = (plain: Plain, nonce: Uint8Array, bound: Uint8Array): Uint8Array => {
    const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(bound);
    const sealed = plain.map((part) => cipher.update(part));
    return Buffer.concat([Uint8Array.of(LAYOUT), nonce, ...sealed, cipher.final(), cipher.getAuthTag()]);
  };

  const sealElsewhere = async (plain: Plain, iv: Uint8Array, additionalData: Uint8Array): Promise<Uint8Array> => {
    const whole = Buffer.concat(plain);
    const sealed = await webcrypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, threaded, whole);
    return Buffer.concat([Uint8Array.of(LAYOUT), iv, new Uint8Array(sealed)]);
  };

  const openInPassing = (sealed: Uint8Array, nonce: Uint8Array, bound: Uint8Array): Uint8Array => {
    const tag = sealed.subarray(-TAG_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    const plain = decipher.setAAD(bound).setAuthTag(tag).update(sealed.subarray(0, -TAG_BYTES));
    // Throws where the tag is another: nothing of it is given out before.
    decipher.final();
    // Plain bytes, as the other way gives them: what is read from a Buffer would be Buffers.
    return new Uint8Array(plain.buffer, plain.byteOffset, plain.byteLength);
  };

  const openElsewhere = async (sealed: Uint8Array, iv: Uint8Array, additionalData: Uint8Array): Promise<Uint8Array> =>
    new Uint8Array(await webcrypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, threaded, sealed));

  return {
    seal: (plain, bound) => {
      const bytes = plain.reduce((sum, { length }) => sum + length, 0);
      const seal = bytes > MOST_BYTES_IN_PASSING ? sealElsewhere : sealInPassing;
      return seal(plain, randomBytes(NONCE_BYTES), bound);
    },
    open: (data, bound) => {
      const open = data.length - OVERHEAD_BYTES > MOST_BYTES_IN_PASSING ? openElsewhere : openInPassing;
      return open(data.subarray(1 + NONCE_BYTES), data.subarray(1, 1 + NONCE_BYTES), bound);
    },
  };
};
