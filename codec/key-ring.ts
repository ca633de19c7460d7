import { setTimeout as pause } from 'node:timers/promises';
import { type Cipher, importCipher } from './cipher.js';
import { KEY_BYTES, KeyId, type KeyProvider, KeyProviderError, type KeyRingSource } from './keys.js';

export interface EncryptionKey {
  readonly id: string;
  readonly cipher: Cipher;
}

export interface KeyRing {
  readonly current: () => EncryptionKey;
  /** Finds the key with this id. Asks the provider again if the key is not known yet. */
  readonly find: (id: string) => Promise<EncryptionKey | undefined>;
}

export interface KeyRingOptions {
  /** The age at which keys are read from the provider again, in ms. Default 30 s. */
  readonly refreshAfterMs?: number;
  /** The time limit for the provider to answer, in ms. Default 10 s. */
  readonly answerWithinMs?: number;
  readonly now?: () => number;
  /** Called when the provider fails after the start. The known keys stay in use. */
  readonly onProblem?: (error: unknown) => void;
}

const REFRESH_AFTER_MS = 30_000;
const ANSWER_WITHIN_MS = 10_000;

/** Limits the load on the provider by payloads that name keys which do not exist. */
const MIN_REFRESH_INTERVAL_MS = 1_000;

interface Ring {
  readonly current: EncryptionKey;
  readonly keys: ReadonlyMap<string, EncryptionKey>;
}

const wrong = (field: string, expected: string): KeyProviderError =>
  new KeyProviderError(`The encryption keys of the key provider are wrong. ${field}: expected ${expected}`);

/** Rejects wrong keys and ids, because payloads encrypted with them could not be decoded. */
const importRing = async ({ current, keys }: KeyRingSource): Promise<Ring> => {
  const imported = new Map<string, EncryptionKey>();
  for (const [id, raw] of keys) {
    if (!KeyId.is(id)) throw wrong('keys', `each under ${KeyId.name}`);
    if (raw.byteLength !== KEY_BYTES) throw wrong(`keys.${id}`, `${KEY_BYTES} bytes`);
    imported.set(id, { id, cipher: await importCipher(raw) });
  }
  const chosen = imported.get(current);
  if (chosen === undefined) throw wrong('current', 'the id of one of the keys');
  return { current: chosen, keys: imported };
};

const readWithin = async (provider: KeyProvider, withinMs: number): Promise<KeyRingSource> => {
  const keys = provider.read();
  const answered = new AbortController();
  const timeout = pause(withinMs, undefined, { signal: answered.signal }).then(() => {
    throw new KeyProviderError(`The encryption keys cannot be read: the key provider did not answer in ${withinMs} ms`);
  });
  try {
    return await Promise.race([keys, timeout]);
  } finally {
    answered.abort();
  }
};

/**
 * Opens a key ring that follows its provider: a new key is found when it is first needed, and a new current key is used
 * within half a minute.
 *
 * @throws KeyProviderError if the keys cannot be read at the start.
 */
export const openKeyRing = async (provider: KeyProvider, options: KeyRingOptions = {}): Promise<KeyRing> => {
  const { refreshAfterMs = REFRESH_AFTER_MS, answerWithinMs = ANSWER_WITHIN_MS, now = Date.now, onProblem } = options;
  const read = async (): Promise<Ring> => importRing(await readWithin(provider, answerWithinMs));
  let ring = await read();
  let readAt = now();
  let refreshing: Promise<void> | undefined;

  const refresh = async (): Promise<void> => {
    readAt = now();
    ring = await read();
  };

  const refreshOnce = (): Promise<void> => {
    refreshing ??= refresh()
      .catch((error: unknown) => onProblem?.(error))
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
      return ring.current;
    },
    find: async (id) => {
      const known = ring.keys.get(id);
      if (known !== undefined) {
        // A process that only decodes must drop removed keys, too.
        refreshInBackground();
        return known;
      }
      if (refreshing !== undefined || now() - readAt >= MIN_REFRESH_INTERVAL_MS) await refreshOnce();
      return ring.keys.get(id);
    },
  };
};

/** The part of a logger that a key ring needs. */
interface ErrorLog {
  readonly error: (fields: object, message: string) => void;
}

/** Opens the key ring of a process and logs later failures of its provider. */
export const openServiceKeys = (provider: KeyProvider, logger: ErrorLog): Promise<KeyRing> =>
  openKeyRing(provider, {
    onProblem: (error) =>
      logger.error(
        { problem: error instanceof KeyProviderError ? error.message : 'unknown' },
        'encryption keys cannot be refreshed, the known ones stay in use',
      ),
  });
