import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { HOUR_MS } from '../shared/time.js';
import { type Cipher, importCipher } from './cipher.js';
import { keyServiceFailed, unreadable } from './errors.js';
import { answerWithin, KEY_BYTES, KeyProviderError, providerFailure, type WrappingKey } from './keys.js';

export interface EncryptionKey {
  readonly id: string;
  readonly cipher: Cipher;
  /** The wrapped data key, if the id names a wrapping key. Each payload contains it. */
  readonly dataKey?: Uint8Array;
}

export interface DataKeyOptions {
  readonly answerWithinMs: number;
  readonly now: () => number;
}

/** The age at which a process replaces its data key, and at which it asks the service again for one of a payload. */
const LIFETIME_MS = HOUR_MS;

/** An unwrapped key takes less than 1 kB. */
const MAX_UNWRAPPED = 10_000;

const MAX_WRAPPED_BYTES = 1_024;

const hasSize = (wrapped: Uint8Array | undefined): wrapped is Uint8Array =>
  wrapped instanceof Uint8Array && wrapped.length > 0 && wrapped.length <= MAX_WRAPPED_BYTES;

const textOf = (wrapped: Uint8Array): string => Buffer.from(wrapped).toString('base64');

const failureOf = (error: unknown): KeyProviderError =>
  providerFailure(error, (kind) => `its service failed (${kind})`);

/** The data keys of one wrapping key: the one of this process, and those that payloads contain. */
export class DataKeys {
  readonly id: string;
  readonly wrappingKey: WrappingKey;
  readonly #options: DataKeyOptions;
  readonly #unwrapped: LRUCache<string, EncryptionKey, Uint8Array>;
  #own: { readonly key: EncryptionKey; readonly since: number } | undefined;

  constructor(id: string, wrappingKey: WrappingKey, options: DataKeyOptions) {
    this.id = id;
    this.wrappingKey = wrappingKey;
    this.#options = options;
    this.#unwrapped = new LRUCache<string, EncryptionKey, Uint8Array>({
      max: MAX_UNWRAPPED,
      ttl: LIFETIME_MS,
      ttlResolution: 0,
      perf: options,
      ignoreFetchAbort: true,
      fetchMethod: (_text, _stale, { context }) => this.#unwrap(context),
    });
  }

  /**
   * Returns the data key that encrypts new payloads, and replaces it every hour.
   *
   * @throws KeyProviderError if the service does not wrap a new one.
   */
  async own(): Promise<EncryptionKey> {
    const since = this.#options.now();
    if (this.#own !== undefined && since - this.#own.since < LIFETIME_MS) return this.#own.key;
    try {
      this.#own = { key: await this.#create(), since };
      return this.#own.key;
    } catch (error) {
      const { message, temporary } = failureOf(error);
      throw new KeyProviderError(`The encryption key ${this.id} cannot be used: ${message}`, { temporary });
    }
  }

  /**
   * Returns the data key that a payload contains. Payloads with the same one cause one request an hour.
   *
   * @throws UndecodablePayloadError
   */
  async find(wrapped: Uint8Array | undefined): Promise<EncryptionKey> {
    if (!hasSize(wrapped)) throw unreadable(this.id, 'it does not contain its wrapped data key');
    try {
      return await this.#unwrapped.forceFetch(textOf(wrapped), { context: wrapped });
    } catch (error) {
      throw keyServiceFailed(this.id, failureOf(error).message);
    }
  }

  async #create(): Promise<EncryptionKey> {
    const raw = randomBytes(KEY_BYTES);
    const dataKey = await this.#ask('wrap', raw);
    if (!hasSize(dataKey)) throw new KeyProviderError(`expected wrapped data keys of 1 to ${MAX_WRAPPED_BYTES} bytes`);
    // Payloads would be lost if the service did not unwrap it.
    if (!raw.equals(await this.#ask('unwrap', dataKey)))
      throw new KeyProviderError(`expected its service to unwrap what it has wrapped`);
    const key = { id: this.id, cipher: await importCipher(raw), dataKey };
    this.#unwrapped.set(textOf(dataKey), key);
    return key;
  }

  async #unwrap(wrapped: Uint8Array): Promise<EncryptionKey> {
    const raw = await this.#ask('unwrap', wrapped);
    if (raw.byteLength === KEY_BYTES) return { id: this.id, cipher: await importCipher(raw) };
    throw new KeyProviderError(`expected data keys of ${KEY_BYTES} bytes`);
  }

  #ask(call: keyof WrappingKey, bytes: Uint8Array): Promise<Uint8Array> {
    const { answerWithinMs } = this.#options;
    const silence = `its service did not ${call} a data key in ${answerWithinMs} ms`;
    return answerWithin(this.wrappingKey[call](bytes), answerWithinMs, silence);
  }
}
