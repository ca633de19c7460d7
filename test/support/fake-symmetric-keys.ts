import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

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

export interface FakeService {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Serves JSON at a free port of the loopback interface. `answer` returns the status and the body of the response. */
export const serveJson = async (
  answer: (request: IncomingMessage, body: unknown) => Promise<readonly [number, object]>,
): Promise<FakeService> => {
  const server = createServer(async (request, response) => {
    const body = request.method === 'POST' ? await json(request) : undefined;
    const [status, answered] = await answer(request, body);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answered));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
