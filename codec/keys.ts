import { setTimeout as pause } from 'node:timers/promises';
import { MisconfiguredError } from '../shared/config.js';
import { matching } from '../shared/decoding.js';

/** The id of a key, which is unencrypted metadata of each payload that the key encrypts. */
export const KeyId = matching(/^[A-Za-z0-9._-]{1,64}$/, 'a key id of 1 to 64 letters, digits and . _ -');

/** AES-256 takes keys of 32 bytes. */
export const KEY_BYTES = 32;

/**
 * A key that never leaves its key management service. Payloads are encrypted with data keys of 32 bytes, which the
 * service encrypts ("wraps") with this key.
 *
 * Errors are shown only if they are KeyProviderErrors, because the messages of others may contain a key.
 */
export interface WrappingKey {
  /** Returns the wrapped data key, of at most 1,024 bytes. Each payload contains it. */
  readonly wrap: (dataKey: Uint8Array) => Promise<Uint8Array>;
  readonly unwrap: (wrapped: Uint8Array) => Promise<Uint8Array>;
}

/** Providers may be JavaScript. */
export const isWrappingKey = (key: unknown): key is WrappingKey =>
  typeof key === 'object' &&
  key !== null &&
  'wrap' in key &&
  typeof key.wrap === 'function' &&
  'unwrap' in key &&
  typeof key.unwrap === 'function';

/** The keys of a provider. `current` encrypts new payloads; the others only decrypt. */
export interface KeyRingSource<K = Uint8Array | WrappingKey> {
  readonly current: string;
  readonly keys: ReadonlyMap<string, K>;
}

/**
 * A source of keys, such as a file, the environment or a key management service. Keys are read at the start, at
 * intervals, and when a payload names an unknown key, so that they can be rotated without a restart.
 */
export interface KeyProvider {
  /**
   * Returns the keys. A WrappingKey must be the same object each time: with another object, a new data key is wrapped.
   *
   * @throws KeyProviderError if the keys cannot be read or are wrong.
   */
  readonly read: () => Promise<KeyRingSource>;
}

/** Providers may be JavaScript. */
export const isKeyProvider = (value: unknown): value is KeyProvider =>
  typeof value === 'object' && value !== null && 'read' in value && typeof value.read === 'function';

/** The keys cannot be read or are wrong. The message names the field, never a key. */
export class KeyProviderError extends MisconfiguredError {
  override readonly name = 'KeyProviderError';
  override readonly temporary: boolean;

  constructor(message: string, { temporary = false }: { readonly temporary?: boolean } = {}) {
    super(message);
    this.temporary = temporary;
  }
}

const isWord = (value: unknown): value is string => typeof value === 'string' && /^[A-Za-z]\w{1,39}$/.test(value);

/** Describes an error by its code or its name. Its message may contain a key. */
export const kindOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'a value that is not an Error';
  const code = 'code' in error ? error.code : undefined;
  if (typeof code === 'number') return `code ${code}`;
  if (isWord(code)) return code;
  // Node's fetch has the reason in the cause.
  if (error.cause instanceof Error) return kindOf(error.cause);
  return isWord(error.name) ? error.name : 'Error';
};

/** Codes of Node, fetch and the SDKs for a service that cannot be reached, or is too busy to answer. */
const UNREACHABLE: readonly string[] = [
  ...['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE'],
  ...['UND_ERR_CONNECT_TIMEOUT', 'REQUEST_SEND_ERROR', 'TimeoutError', 'ThrottlingException', 'code 429', 'code 503'],
];

/** Describes the failure of a provider or a service by the kind of its error only, unless it is a KeyProviderError. */
export const providerFailure = (error: unknown, describe: (kind: string) => string): KeyProviderError => {
  if (error instanceof KeyProviderError) return error;
  const kind = kindOf(error);
  return new KeyProviderError(describe(kind), { temporary: UNREACHABLE.includes(kind) });
};

/** Waits for an answer, and rejects with a KeyProviderError that has this message if it does not come in time. */
export const answerWithin = async <A>(answer: Promise<A>, withinMs: number, message: string): Promise<A> => {
  const answered = new AbortController();
  const timeout = pause(withinMs, undefined, { signal: answered.signal }).then(() => {
    throw new KeyProviderError(message, { temporary: true });
  });
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    answered.abort();
  }
};

export const wrongKeys = (field: string, expected: string): KeyProviderError =>
  new KeyProviderError(`The encryption keys of the key provider are wrong. ${field}: expected ${expected}`);

/** The time limit for a provider to answer. */
export const ANSWER_WITHIN_MS = 10_000;

/**
 * Reads the keys of a provider.
 *
 * @throws KeyProviderError if they cannot be read. The message of another error may contain a key.
 */
export const readKeys = async (provider: KeyProvider, withinMs = ANSWER_WITHIN_MS): Promise<KeyRingSource> => {
  const silence = `The encryption keys cannot be read: the key provider did not answer in ${withinMs} ms`;
  try {
    const source = await answerWithin(provider.read(), withinMs, silence);
    if (!(source.keys instanceof Map)) throw wrongKeys('keys', 'a Map of keys by id');
    return source;
  } catch (error) {
    throw providerFailure(error, (kind) => `The encryption keys cannot be read: the key provider failed (${kind})`);
  }
};
