import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { describeEncrypted, EncryptionCodec, KeyProviderError, type KeyRing, openKeyRing } from '../../codec/index.js';
import type { KeyRingSource, WrappingKey } from '../../codec/keys.js';

const HOUR_MS = 3_600_000;
const START = 1_800_000_000_000;
const RAW = randomBytes(32);

/** A key service in memory. It only returns a data key that it has wrapped. */
const keyService = () => {
  const held = new Map<string, Uint8Array>();
  const state = { wraps: 0, unwraps: 0, fails: undefined as 'wrap' | 'unwrap' | undefined, silent: false };
  const key: WrappingKey = {
    wrap: async (dataKey) => {
      state.wraps += 1;
      if (state.fails === 'wrap') throw new KeyProviderError('no right to wrap');
      const wrapped = randomBytes(184);
      held.set(wrapped.toString('hex'), Uint8Array.from(dataKey));
      return wrapped;
    },
    unwrap: async (wrapped) => {
      state.unwraps += 1;
      if (state.silent) await new Promise(() => {});
      if (state.fails === 'unwrap') throw new Error(`secret ${Buffer.from(RAW).toString('hex')}`);
      const dataKey = held.get(Buffer.from(wrapped).toString('hex'));
      if (dataKey === undefined) throw new KeyProviderError('never wrapped');
      return dataKey;
    },
  };
  return { state, key, held };
};

/** A process: its key ring, codec and clock. `ring` is what its provider answers from now on. */
const processWith = async (ring: { source: KeyRingSource }, answerWithinMs = 1_000) => {
  const clock = { now: 0 };
  const problems: unknown[] = [];
  const keys: KeyRing = await openKeyRing(
    { read: async () => ring.source },
    { now: () => START + clock.now, answerWithinMs, onProblem: (problem) => problems.push(problem) },
  );
  return { clock, problems, keys, codec: new EncryptionCodec({ keys, namespace: 'default' }) };
};

const ringOf = (current: string, keys: Readonly<Record<string, Uint8Array | WrappingKey>>) => ({
  source: { current, keys: new Map(Object.entries(keys)) },
});

const encode = async ({ codec }: { codec: EncryptionCodec }, text = 'value'): Promise<Payload> => {
  const [payload] = await codec.encode([defaultPayloadConverter.toPayload(text)]);
  if (payload === undefined) throw new Error('nothing was encoded');
  return payload;
};

const decode = async ({ codec }: { codec: EncryptionCodec }, payload: Payload): Promise<unknown> => {
  const [read] = await codec.decode([payload]);
  return read && defaultPayloadConverter.fromPayload(read);
};

const dataKeyOf = (payload: Payload): string => Buffer.from(describeEncrypted(payload)?.dataKey ?? []).toString('hex');

/** Lets the refresh that a use has started end. */
const refreshed = async ({ keys, clock }: { keys: KeyRing; clock: { now: number } }): Promise<void> => {
  keys.current();
  clock.now += 1_000;
  await keys.find('unknown');
};

describe('a key of a key management service', () => {
  it('wraps one data key for all payloads of a process within an hour, and then another', async () => {
    const { key, state } = keyService();
    const one = await processWith(ringOf('kms', { kms: key }));
    const first = await encode(one);
    one.clock.now = HOUR_MS - 2_000;
    await refreshed(one);
    expect(dataKeyOf(await encode(one))).toBe(dataKeyOf(first));
    expect(state.wraps).toBe(1);
    one.clock.now = HOUR_MS + 30_000;
    await refreshed(one);
    const second = await encode(one);
    expect(dataKeyOf(second)).not.toBe(dataKeyOf(first));
    expect(state.wraps).toBe(2);
    expect([await decode(one, first), await decode(one, second)]).toEqual(['value', 'value']);
  });

  it('is asked once an hour for the data key of another process, for any number of payloads', async () => {
    const { key, state } = keyService();
    const [writer, reader] = [
      await processWith(ringOf('kms', { kms: key })),
      await processWith(ringOf('kms', { kms: key })),
    ];
    const payloads = await Promise.all(Array.from({ length: 100 }, () => encode(writer)));
    expect(await Promise.all(payloads.map((payload) => decode(reader, payload)))).toEqual(payloads.map(() => 'value'));
    // Each process has also unwrapped its own.
    expect(state.unwraps).toBe(3);
    Object.assign(state, { fails: 'unwrap' });
    reader.clock.now = HOUR_MS;
    expect(await decode(reader, await encode(writer))).toBe('value');
    reader.clock.now = HOUR_MS + 1;
    await expect(decode(reader, await encode(writer))).rejects.toMatchObject({ why: 'keyService', keyId: 'kms' });
  });

  it('that fails or is silent leaves a payload undecoded until it answers, and its error shows no secret', async () => {
    const { key, state } = keyService();
    const writer = await processWith(ringOf('kms', { kms: key }));
    const reader = await processWith(ringOf('kms', { kms: key }), 20);
    const payload = await encode(writer);
    Object.assign(state, { fails: 'unwrap' });
    await expect(decode(reader, payload)).rejects.toMatchObject({
      why: 'keyService',
      message: 'A payload needs key kms of a key management service: its service failed (Error)',
    });
    Object.assign(state, { fails: undefined, silent: true });
    await expect(decode(reader, payload)).rejects.toThrow('did not unwrap a data key in 20 ms');
    Object.assign(state, { silent: false });
    expect(await decode(reader, payload)).toBe('value');
  });

  it('that does not wrap rejects the start, and later leaves the known key in use while new keys decrypt', async () => {
    const [service, other] = [keyService(), keyService()];
    service.state.fails = 'wrap';
    await expect(processWith(ringOf('kms', { kms: service.key }))).rejects.toThrow('no right to wrap');
    const ring = ringOf('old', { old: RAW });
    const one = await processWith(ring);
    ring.source = ringOf('kms', { old: RAW, kms: service.key, other: other.key }).source;
    one.clock.now = 30_000;
    await refreshed(one);
    expect(describeEncrypted(await encode(one))).toEqual({ keyId: 'old' });
    expect(one.problems).toHaveLength(1);
    expect(await decode(one, await encode(await processWith(ringOf('other', { other: other.key }))))).toBe('value');
  });

  it('encrypts nothing with a data key that the service does not unwrap, or unwraps to another', async () => {
    const { key, state } = keyService();
    const wrong: WrappingKey = { ...key, unwrap: async () => randomBytes(32) };
    await expect(processWith(ringOf('kms', { kms: wrong }))).rejects.toThrow('to unwrap what it has wrapped');
    state.fails = 'unwrap';
    await expect(processWith(ringOf('kms', { kms: key }))).rejects.toThrow(
      /^The encryption key kms cannot be used: its service failed \(Error\)$/,
    );
  });

  it('replaces a key of the ring, and the other way round, while every process reads the payloads of all', async () => {
    const { key } = keyService();
    const [before, during, after] = [
      ringOf('raw', { raw: RAW }),
      ringOf('raw', { raw: RAW, kms: key }),
      ringOf('kms', { raw: RAW, kms: key }),
    ];
    const [first, second, third] = [await processWith(before), await processWith(during), await processWith(after)];
    const payloads = [await encode(first, 'a'), await encode(second, 'b'), await encode(third, 'c')];
    expect(payloads.map((payload) => describeEncrypted(payload)?.keyId)).toEqual(['raw', 'raw', 'kms']);
    for (const reader of [second, third])
      expect(await Promise.all(payloads.map((payload) => decode(reader, payload)))).toEqual(['a', 'b', 'c']);
    await expect(decode(first, await encode(third))).rejects.toMatchObject({ why: 'missingKey', keyId: 'kms' });
  });

  it('cannot be used to read a payload whose data key was removed, exchanged or made too long', async () => {
    const { key } = keyService();
    const [one, other] = [
      await processWith(ringOf('kms', { kms: key })),
      await processWith(ringOf('kms', { kms: key })),
    ];
    const payload = await encode(one);
    const changed = (dataKey: Uint8Array) =>
      decode(one, { ...payload, metadata: { ...payload.metadata, 'encryption-data-key': dataKey } });
    const { 'encryption-data-key': _, ...metadata } = payload.metadata ?? {};
    await expect(decode(one, { ...payload, metadata })).rejects.toMatchObject({ why: 'unreadable' });
    const foreign = (await encode(other)).metadata?.['encryption-data-key'] ?? new Uint8Array();
    await expect(changed(foreign)).rejects.toMatchObject({ why: 'unreadable' });
    await expect(changed(randomBytes(2_000))).rejects.toMatchObject({ why: 'unreadable' });
    await expect(changed(randomBytes(184))).rejects.toMatchObject({ why: 'keyService' });
  });

  it('adds its wrapped data key to a payload, and the data key itself is neither in it nor shown by the key ring', async () => {
    const { key, held } = keyService();
    const [one, raw] = [await processWith(ringOf('kms', { kms: key })), await processWith(ringOf('raw', { raw: RAW }))];
    const size = ({ metadata, data }: Payload): number =>
      Object.entries(metadata ?? {}).reduce(
        (sum, [name, value]) => sum + name.length + value.length,
        data?.length ?? 0,
      );
    const payload = await encode(one);
    expect(size(payload) - size(await encode(raw))).toBe(184 + 'encryption-data-key'.length);
    const [dataKey = RAW] = [...held.values()];
    const shown = [
      inspect(one.keys, { depth: null, showHidden: true }),
      inspect(payload),
      Buffer.from(payload.data ?? []).toString('hex'),
    ];
    for (const form of ['hex', 'base64', 'latin1'] as const)
      expect(String(shown)).not.toContain(Buffer.from(dataKey).toString(form));
  });

  it.each([
    ['nothing', undefined, 'the key provider failed (TypeError)'],
    ['keys without a Map', { current: 'a', keys: { a: RAW } }, 'keys: expected a Map of keys by id'],
    [
      'a key that is neither',
      { current: 'a', keys: new Map([['a', 'text']]) },
      'keys.a: expected 32 bytes, or an object',
    ],
  ])('is not mistaken for %s, which is rejected', async (_what, source, said) => {
    await expect(openKeyRing({ read: async () => source && Object(source) })).rejects.toThrow(said);
  });
});
