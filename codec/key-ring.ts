import { SECOND_MS } from '../shared/time.js';
import { importCipher } from './cipher.js';
import { type DataKeyOptions, DataKeys, type EncryptionKey } from './data-keys.js';
import {
  ANSWER_WITHIN_MS,
  isWrappingKey,
  KEY_BYTES,
  KeyId,
  type KeyProvider,
  type KeyProviderError,
  readKeys,
  type WrappingKey,
  wrongKeys,
} from './keys.js';

export interface KeyRing {
  readonly current: () => EncryptionKey;
  /**
   * Finds the key with this id, or unwraps the data key with it. Asks the provider again if the key is not known yet.
   *
   * @throws UndecodablePayloadError if the data key cannot be unwrapped.
   */
  readonly find: (id: string, dataKey?: Uint8Array) => Promise<EncryptionKey | undefined>;
}

export interface KeyRingOptions {
  /** The age at which keys are read from the provider again, in ms. Default 30 s. */
  readonly refreshAfterMs?: number;
  /** The time limit for the provider to answer, in ms. Default 10 s. */
  readonly answerWithinMs?: number;
  readonly now?: () => number;
  /** Called when the provider fails after the start. The known keys stay in use. */
  readonly onProblem?: (error: KeyProviderError) => void;
}

const REFRESH_AFTER_MS = 30_000;

/** Limits the load on the provider by payloads that name keys which do not exist. */
const MIN_REFRESH_INTERVAL_MS = 1_000;

type RingKey = EncryptionKey | DataKeys;
type RingKeys = ReadonlyMap<string, RingKey>;

/** Rejects wrong keys and ids, because payloads encrypted with them could not be decoded. */
const importKey = async (
  id: string,
  key: Uint8Array | WrappingKey,
  known: RingKey | undefined,
  options: DataKeyOptions,
): Promise<RingKey> => {
  if (!KeyId.is(id)) throw wrongKeys('keys', `each under ${KeyId.name}`);
  if (isWrappingKey(key))
    return known instanceof DataKeys && known.wrappingKey === key ? known : new DataKeys(id, key, options);
  if (!(key instanceof Uint8Array) || key.byteLength !== KEY_BYTES)
    throw wrongKeys(`keys.${id}`, `${KEY_BYTES} bytes, or an object with wrap and unwrap`);
  return { id, cipher: await importCipher(key) };
};

/** Returns the key that encrypts new payloads. */
const encrypting = (key: RingKey): EncryptionKey | Promise<EncryptionKey> =>
  key instanceof DataKeys ? key.own() : key;

/**
 * Opens a key ring that follows its provider: a new key is found when it is first needed, and a new current key is used
 * within half a minute.
 *
 * @throws KeyProviderError if the keys cannot be read at the start.
 */
export const openKeyRing = async (provider: KeyProvider, options: KeyRingOptions = {}): Promise<KeyRing> => {
  const { refreshAfterMs = REFRESH_AFTER_MS, answerWithinMs = ANSWER_WITHIN_MS, now = Date.now, onProblem } = options;
  let keys: RingKeys = new Map();
  let readAt = now();
  let refreshing: Promise<void> | undefined;

  /** Reads the keys, and returns the one that encrypts new payloads. Keeps the data keys that are known. */
  const read = async (): Promise<EncryptionKey> => {
    const source = await readKeys(provider, answerWithinMs);
    const imported = new Map<string, RingKey>();
    for (const [id, key] of source.keys)
      imported.set(id, await importKey(id, key, keys.get(id), { answerWithinMs, now }));
    const chosen = imported.get(source.current);
    if (chosen === undefined) throw wrongKeys('current', 'the id of one of the keys');
    // New keys decrypt even if the service does not wrap a data key.
    keys = imported;
    return encrypting(chosen);
  };

  let current = await read();

  const refresh = async (): Promise<void> => {
    readAt = now();
    current = await read();
  };

  const refreshOnce = (): Promise<void> => {
    refreshing ??= refresh()
      .catch((error: KeyProviderError) => onProblem?.(error))
      .finally(() => {
        refreshing = undefined;
      });
    return refreshing;
  };

  const refreshInBackground = (): void => {
    if (now() - readAt >= refreshAfterMs) void refreshOnce();
  };

  return {
    current: () => {
      refreshInBackground();
      return current;
    },
    find: async (id, dataKey) => {
      // A process that only decodes must drop removed keys, too.
      if (keys.has(id)) refreshInBackground();
      else if (refreshing !== undefined || now() - readAt >= MIN_REFRESH_INTERVAL_MS) await refreshOnce();
      const found = keys.get(id);
      return found instanceof DataKeys ? found.find(dataKey) : found;
    },
  };
};

/** The part of a logger that a key ring needs. */
interface ErrorLog {
  readonly error: (fields: object, message: string) => void;
}

/**
 * Opens the key ring of a process that runs for long, and logs later failures of its provider. The age of the keys is
 * checked every second: the ring itself reads them only when they are used, and an idle process would report nothing.
 */
export const openServiceKeys = async (provider: KeyProvider, logger: ErrorLog): Promise<KeyRing> => {
  const keys = await openKeyRing(provider, {
    onProblem: (error) =>
      logger.error({ problem: error.message }, 'encryption keys cannot be refreshed, the known ones stay in use'),
  });
  setInterval(keys.current, SECOND_MS).unref();
  return keys;
};
