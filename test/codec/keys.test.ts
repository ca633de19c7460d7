import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { configuredKeys, type KeyProvider, KeyProviderError, openKeyRing, openServiceKeys } from '../../codec/index.js';
import { decodeKeyRing } from '../../codec/key-ring-json.js';
import { KEY_URI_FORMS } from '../../codec/kms/index.js';
import { developmentKeys, developmentKeysPath, fileKeys } from '../../codec/providers.js';
import { newKey } from '../support/encryption-keys.js';

const folder = () => mkdtempSync(join(tmpdir(), 'onboarding-keys-'));

const keysOf = ([current = '', ...others]: readonly string[]): KeyProvider => ({
  read: async () => ({ current, keys: new Map([current, ...others].map((id) => [id, randomBytes(32)])) }),
});

const fieldsOf = (input: unknown): string => {
  const read = decodeKeyRing(input);
  return E.isLeft(read) ? read.left.map(({ field, expected }) => `${field}: ${expected}`).join('; ') : 'right';
};

describe('a key ring', () => {
  it.each([
    [{ current: 'a', keys: { a: newKey(), b: newKey() } }, 'right'],
    [{ current: 'c', keys: { a: newKey() } }, 'current: the id of one of the keys'],
    [{ current: 'a', keys: {} }, 'current: the id of one of the keys'],
    [{ current: 'toString', keys: { a: newKey() } }, 'current: the id of one of the keys'],
    [{ current: 'a', keys: { a: randomBytes(16).toString('base64') } }, 'keys.a: base64 of 32 bytes'],
    [{ current: 'a', keys: { a: 'not base64!' } }, 'keys.a: base64 of 32 bytes'],
    [{ current: 'a b', keys: { a: newKey() } }, 'current: a key id of 1 to 64 letters, digits and . _ -'],
    [
      { current: 'a', keys: { a: newKey(), 'b c': newKey() } },
      'keys: each under a key id of 1 to 64 letters, digits and . _ -',
    ],
    [{ current: 'a', keys: { a: newKey() }, newest: 'a' }, 'newest: no such field'],
    ['text', '(root): an object'],
  ])('has each field checked (%#)', (input, said) => {
    expect(fieldsOf(input)).toContain(said);
  });

  it.each([
    ['an id that payload metadata cannot hold', 'arn:aws:kms:1', 32, 'keys: expected each under a key id of 1 to 64'],
    ['a key of another cipher', 'a', 16, 'keys.a: expected 32 bytes'],
    ['no current key', 'b', 32, 'current: expected the id of one of the keys'],
  ])('is rejected if the provider returns %s', async (_what, current, bytes, said) => {
    const keys = new Map([[current === 'b' ? 'a' : current, randomBytes(bytes)]]);
    const opened = openKeyRing({ read: async () => ({ current, keys }) });
    await expect(opened).rejects.toThrow(KeyProviderError);
    await expect(opened).rejects.toThrow(said);
  });

  it('is never repeated in an error message', async () => {
    const key = newKey().slice(4);
    const file = join(folder(), 'keys.json');
    writeFileSync(file, JSON.stringify({ current: 'a', keys: { a: key } }));
    const error = await openKeyRing(fileKeys(file)).catch((thrown: unknown) => thrown);
    expect(String(error)).toBe(
      `KeyProviderError: The encryption keys of ONBOARDING_ENCRYPTION_KEYS_FILE (${file}) are wrong. keys.a: expected base64 of 32 bytes, or a key in a key management service: ${KEY_URI_FORMS}`,
    );
    await expect(openKeyRing(fileKeys(`${file}.missing`))).rejects.toThrow(
      `ONBOARDING_ENCRYPTION_KEYS_FILE (${file}.missing): expected a file that can be read (no such file or directory)`,
    );
  });
});

/** A provider whose keys can be replaced, and a clock that the test sets. */
const rotating = async (refreshAfterMs?: number) => {
  const held = { current: 'one', ids: ['one'], broken: false, reads: 0, now: 0 };
  const provider: KeyProvider = {
    read: async () => {
      held.reads += 1;
      if (held.broken) throw new Error('the provider is away');
      return { current: held.current, keys: new Map(held.ids.map((id) => [id, randomBytes(32)])) };
    },
  };
  const problems: unknown[] = [];
  const ring = await openKeyRing(provider, {
    now: () => held.now,
    onProblem: (problem) => problems.push(problem),
    ...(refreshAfterMs === undefined ? {} : { refreshAfterMs }),
  });
  return { held, provider, ring, problems };
};

describe('keys that are rotated', () => {
  it('are found without a restart when a payload first names them', async () => {
    const { held, ring } = await rotating();
    held.ids = ['one', 'two'];
    held.now += 1_000;
    expect((await ring.find('two'))?.id).toBe('two');
    expect(ring.current().id).toBe('one');
  });

  it('encrypt new payloads within half a minute, without delaying a call', async () => {
    const { held, ring } = await rotating();
    Object.assign(held, { current: 'two', ids: ['one', 'two'], now: 29_999 });
    expect(ring.current().id).toBe('one');
    expect(held.reads).toBe(1);
    held.now = 30_000;
    expect(ring.current().id).toBe('one');
    await expect.poll(() => ring.current().id).toBe('two');
  });

  it('are read once for any number of payloads with an unknown key, and again only after a second', async () => {
    const { held, ring } = await rotating();
    held.now += 1_000;
    const found = await Promise.all(Array.from({ length: 100 }, () => ring.find('forged')));
    expect(found.every((key) => key === undefined)).toBe(true);
    await ring.find('another-forged');
    expect(held.reads).toBe(2);
    held.now += 1_000;
    await ring.find('forged');
    expect(held.reads).toBe(3);
  });

  it('stay in use when their provider fails, and the failure is reported', async () => {
    const { held, ring, problems } = await rotating();
    Object.assign(held, { broken: true, now: 60_000 });
    expect(await ring.find('two')).toBeUndefined();
    expect((await ring.find('one'))?.id).toBe('one');
    expect(problems).toEqual([
      new KeyProviderError('The encryption keys cannot be read: the key provider failed (Error)'),
    ]);
  });

  it('stay in use when their provider throws synchronously or returns wrong keys', async () => {
    const held = { now: 0, read: keysOf(['one']).read };
    const problems: unknown[] = [];
    const onProblem = (problem: unknown) => problems.push(problem);
    const ring = await openKeyRing({ read: () => held.read() }, { now: () => held.now, onProblem });
    const failures: KeyProvider['read'][] = [
      () => {
        throw new Error('at once');
      },
      () => Promise.reject(new Error('later')),
      keysOf([]).read,
    ];
    for (const read of failures) {
      Object.assign(held, { read, now: held.now + 30_000 });
      expect(await ring.find('two')).toBeUndefined();
      expect(ring.current().id).toBe('one');
    }
    expect(problems).toHaveLength(failures.length);
  });

  it('are read by an idle service every 30 s, and each failure is logged without the message of its error', async () => {
    vi.useFakeTimers();
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const { held, provider } = await rotating();
    const entries: unknown[] = [];
    const ring = await openServiceKeys(provider, { error: (fields) => entries.push(fields) });
    Object.assign(held, { current: 'two', ids: ['one', 'two'] });
    await vi.advanceTimersByTimeAsync(31_000);
    expect(held.reads).toBe(3);
    expect(ring.current().id).toBe('two');
    held.broken = true;
    await vi.advanceTimersByTimeAsync(61_000);
    const problem = 'The encryption keys cannot be read: the key provider failed (Error)';
    expect(entries).toEqual([{ problem }, { problem }]);
  });

  it('are dropped after their removal, also by a process that only decodes', async () => {
    const { held, ring } = await rotating();
    Object.assign(held, { current: 'two', ids: ['two'], now: 30_000 });
    expect((await ring.find('one'))?.id).toBe('one');
    await expect.poll(() => ring.find('one')).toBeUndefined();
  });

  it('are refreshed again after a read that the provider never answered', async () => {
    const held = { hangs: false, now: 0, ids: ['one'] };
    const problems: unknown[] = [];
    const read = async () => ({ current: 'one', keys: new Map(held.ids.map((id) => [id, randomBytes(32)])) });
    const provider: KeyProvider = { read: () => (held.hangs ? new Promise(() => {}) : read()) };
    const onProblem = (problem: unknown) => problems.push(problem);
    const ring = await openKeyRing(provider, { answerWithinMs: 20, now: () => held.now, onProblem });
    Object.assign(held, { hangs: true, now: 1_000, ids: ['one', 'two'] });
    expect(await ring.find('two')).toBeUndefined();
    expect(String(problems)).toContain('the key provider did not answer in 20 ms');
    Object.assign(held, { hangs: false, now: 2_000 });
    expect((await ring.find('two'))?.id).toBe('two');
  });
});

describe('the key provider of the settings', () => {
  const json = JSON.stringify({ current: 'a', keys: { a: newKey() } });

  it('takes one of the settings, and errors name the wrong field', () => {
    const field = 'ONBOARDING_ENCRYPTION_KEYS, ONBOARDING_ENCRYPTION_KEYS_FILE, ONBOARDING_KEY_PROVIDER_MODULE';
    for (const other of [{ encryptionKeysFile: 'keys.json' }, { keyProviderModule: 'keys.js' }])
      expect(configuredKeys({ encryptionKeys: json, ...other }, true)).toEqual(
        E.left([{ field, expected: 'only one of them' }]),
      );
    expect(configuredKeys({ encryptionKeys: '{"current":"a"}' }, true)).toMatchObject({
      left: [{ field: 'ONBOARDING_ENCRYPTION_KEYS.keys' }],
    });
    expect(configuredKeys({ encryptionKeys: json }, true)).toMatchObject({ _tag: 'Right' });
  });

  it('is required in production', () => {
    expect(configuredKeys({}, true)).toMatchObject({ _tag: 'Left' });
    expect(configuredKeys({}, false)).toMatchObject({ _tag: 'Right' });
  });

  it('is in development a file that only its user can read, created once by the first process', async () => {
    const path = join(folder(), 'made', 'keys.json');
    const rings = await Promise.all(Array.from({ length: 10 }, () => developmentKeys(path).read()));
    const keys = rings.map((ring) => JSON.stringify(ring.keys.get('development')));
    expect(new Set(keys).size).toBe(1);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(path, 'utf8')).current).toBe('development');
  });

  it('names the path of a development key that can be neither read nor created', async () => {
    const path = folder();
    const opened = openKeyRing(developmentKeys(path));
    await expect(opened).rejects.toThrow(KeyProviderError);
    await expect(opened).rejects.toThrow(path);
  });

  it('is in development a file outside of the checkout, which no commit can contain', () => {
    const checkout = fileURLToPath(new URL('../../', import.meta.url));
    expect(developmentKeysPath({}).startsWith(checkout)).toBe(false);
    expect(developmentKeysPath({ XDG_DATA_HOME: 'relative' })).toBe(developmentKeysPath({}));
    expect(developmentKeysPath({ XDG_DATA_HOME: tmpdir() }).startsWith(tmpdir())).toBe(true);
  });
});
