import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** The symmetric keys of a fake key management service. Errors have the names by which a caller selects a response. */
export interface FakeSymmetricKeys {
  readonly create: (name: string) => void;
  /** Replaces the key material. What the former material has encrypted can still be decrypted. */
  readonly rotate: (name: string) => void;
  readonly encrypt: (name: string, aad: string, plain: Buffer) => Buffer;
  readonly decrypt: (name: string, aad: string, encrypted: Buffer) => Buffer;
}

const NONCE = 12;
const TAG = 16;

/** Creates keys whose ciphertexts are `overhead` bytes longer than the plaintext, as those of the real service are. */
export const fakeSymmetricKeys = (overhead: number): FakeSymmetricKeys => {
  const keys = new Map<string, Uint8Array[]>();
  const header = overhead - NONCE - TAG;
  const materialsOf = (name: string): readonly Uint8Array[] => {
    const materials = keys.get(name);
    if (materials === undefined) throw new Error('NotFound');
    return materials;
  };
  return {
    create: (name) => void keys.set(name, [randomBytes(32)]),
    rotate: (name) => void keys.get(name)?.push(randomBytes(32)),
    encrypt: (name, aad, plain) => {
      const materials = materialsOf(name);
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv('aes-256-gcm', materials.at(-1) ?? '', nonce).setAAD(Buffer.from(aad));
      const encrypted = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
      return Buffer.concat([Uint8Array.of(materials.length - 1), randomBytes(header - 1), nonce, encrypted]);
    },
    decrypt: (name, aad, encrypted) => {
      const material = materialsOf(name)[encrypted[0] ?? 0];
      try {
        const decipher = createDecipheriv('aes-256-gcm', material ?? '', encrypted.subarray(header, header + NONCE));
        decipher.setAAD(Buffer.from(aad)).setAuthTag(encrypted.subarray(-TAG));
        return Buffer.concat([decipher.update(encrypted.subarray(header + NONCE, -TAG)), decipher.final()]);
      } catch {
        throw new Error('InvalidCiphertext');
      }
    },
  };
};
