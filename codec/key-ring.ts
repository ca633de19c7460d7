import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Cipher, importCipher } from './cipher.js';
import { KEY_BYTES, KeyId, type KeyProvider, KeyProviderError, type KeyRingSource } from './keys.js';

/** A key that is ready to use and cannot be taken out of its cipher again. */
export interface EncryptionKey {
  readonly id: string;
  readonly cipher: Cipher;
}

/** The keys in use. */
export interface KeyRing {
  /** The key that encrypts what is new. */
  readonly current: () => EncryptionKey;
  /** The key with this id, whether it was known before or has been given since; undefined where there is none. */
  readonly find: (id: string) => Promise<EncryptionKey | undefined>;
}

export interface KeyRingOptions {
  /** The provider is asked again when what it said is older than this, in ms. Default 30 s. */
  readonly refreshAfterMs?: number;
  /** The provider has failed when it takes longer than this to answer, in ms. Default 10 s. */
  readonly answerWithinMs?: number;
  /** ms since the Unix epoch. Default: the system's clock. */
  readonly now?: () => number;
  /** Told when the provider fails later on: the keys that are known stay in use. */
  readonly onProblem?: (error: unknown) => void;
}

const REFRESH_AFTER_MS = 30_000;
const ANSWER_WITHIN_MS = 10_000;

/** Payloads can name keys that never were: asking for them may not become a load on the provider. */
const ASK_AGAIN_AFTER_MS = 1_000;

interface Ring {
  readonly current: EncryptionKey;
  readonly keys: ReadonlyMap<string, EncryptionKey>;
}

const wrong = (field: string, expected: string): KeyProviderError =>
  new KeyProviderError(`The encryption keys of the key provider are wrong. ${field}: expected ${expected}`);

/** A key of another length would make another cipher, and what is encrypted under an id that is none can never be read again. */
const importKey = async (id: string, raw: Uint8Array): Promise<EncryptionKey> => {
  if (!KeyId.is(id)) throw wrong('keys', `each under ${KeyId.name}`);
  if (raw.byteLength !== KEY_BYTES) throw wrong(`keys.${id}`, `${KEY_BYTES} bytes`);
  return { id, cipher: await importCipher(raw) };
};

const importRing = async ({ current, keys }: KeyRingSource): Promise<Ring> => {
  const imported = new Map<string, EncryptionKey>();
  for (const [id, raw] of keys) imported.set(id, await importKey(id, raw));
  const chosen = imported.get(current);
  if (chosen === undefined) throw wrong('current', 'the id of one of the keys');
  return { current: chosen, keys: imported };
};

/** A provider that hangs may not keep everyone waiting who comes after. */
const answerOf = async (provider: KeyProvider, withinMs: number): Promise<KeyRingSource> => {
  const answer = provider.read();
  const answered = new AbortController();
  const late = pause(withinMs, undefined, { signal: answered.signal }).then(() => {
    throw new KeyProviderError(`The encryption keys cannot be read: the key provider did not answer in ${withinMs} ms`);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    answered.abort();
  }
};

/**
 * Reads the keys and keeps them fresh: a key that the provider has been given is found when it is first needed, and a new current
 * one is taken up within half a minute.
 *
 * @throws KeyProviderError when the provider cannot give them at the start.
 */
export const openKeyRing = async (provider: KeyProvider, options: KeyRingOptions = {}): Promise<KeyRing> => {
  const { refreshAfterMs = REFRESH_AFTER_MS, answerWithinMs = ANSWER_WITHIN_MS, now = Date.now, onProblem } = options;
  const read = async (): Promise<Ring> => importRing(await answerOf(provider, answerWithinMs));
  let ring = await read();
  let askedAt = now();
  let underWay: Promise<void> | undefined;

  const refresh = async (): Promise<void> => {
    askedAt = now();
    try {
      ring = await read();
    } catch (error) {
      onProblem?.(error);
    }
  };

  const refreshed = (): Promise<void> => {
    underWay ??= refresh().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };

  /** In the background: nobody waits for it. */
  const keepFresh = (): void => {
    if (now() - askedAt >= refreshAfterMs) void refreshed();
  };

  return {
    current: () => {
      keepFresh();
      return ring.current;
    },
    find: async (id) => {
      const known = ring.keys.get(id);
      if (known !== undefined) {
        // Processes that only read are to drop keys that were taken out, too.
        keepFresh();
        return known;
      }
      if (underWay !== undefined || now() - askedAt >= ASK_AGAIN_AFTER_MS) await refreshed();
      return ring.keys.get(id);
    },
  };
};

/** Opens the key ring of a process. When its provider fails later on, the log says so. */
export const openServiceKeys = (provider: KeyProvider, logger: Logger): Promise<KeyRing> =>
  openKeyRing(provider, {
    onProblem: (error) =>
      logger.error(
        { problem: error instanceof KeyProviderError ? error.message : 'unknown' },
        'the encryption keys cannot be read again',
      ),
  });
