import { randomBytes, webcrypto } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import { EncryptionCodec, openKeyRing } from '../../../codec/index.js';
import type { CodecCase, CodecDirection, CodecFigures } from '../results.js';
import { spreadOf } from '../statistics.js';

export interface CodecMeasurement {
  /** Each round measures the floor and ours once, in turns. Default 21: many short ones, as machines are seldom quiet. */
  readonly rounds?: number;
  /** How long each of them runs in a round, in ms. Default 8. */
  readonly msEach?: number;
  /** Bytes of data. Default 200, 1,000 and 16,000. */
  readonly sizes?: readonly number[];
  /** Default 1 (one after the other), 4 and 16. */
  readonly batches?: readonly number[];
}

/** Does one batch. */
type Work = () => Promise<unknown>;

const CONTEXT = { type: 'workflow', namespace: 'default', workflowId: 'onboarding-3f1c9a52-7d0e' } as const;
const NONCE_BYTES = 12;
const QUOTES = 2;

const { subtle } = webcrypto;
const { Payload: PayloadProto } = proto.temporal.api.common.v1;

/** µs for each payload. */
const timed = async (work: Work, batch: number, ms: number): Promise<number> => {
  const began = performance.now();
  let batches = 0;
  let passed = 0;
  do {
    await work();
    batches += 1;
    passed = performance.now() - began;
  } while (passed < ms);
  return (passed * 1_000) / (batches * batch);
};

/** Ours against the floor, who goes first by turns: what slows the machine down meanwhile slows both. */
const compare = async (
  ours: Work,
  floor: Work,
  batch: number,
  rounds: number,
  msEach: number,
): Promise<CodecDirection> => {
  const taken: { readonly ours: number; readonly floor: number }[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const first = await timed(round % 2 === 0 ? floor : ours, batch, msEach);
    const second = await timed(round % 2 === 0 ? ours : floor, batch, msEach);
    // The round before the first one warms up.
    if (round >= 0) taken.push(round % 2 === 0 ? { floor: first, ours: second } : { ours: first, floor: second });
  }
  const ratios = taken.map((round) => round.floor / round.ours);
  return {
    ratio: spreadOf(ratios),
    oursMicros: spreadOf(taken.map(({ ours: micros }) => micros)).median,
    floorMicros: spreadOf(taken.map(({ floor: micros }) => micros)).median,
  };
};

/** WebCrypto alone, with nonces of its own: the same bytes under the same key, with nothing bound to them and no payload around. */
const floorOf = async (raw: Uint8Array, payload: Payload, batch: number) => {
  const key = await subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  const plain = PayloadProto.encode(payload).finish();
  const seal = async () => {
    const iv = webcrypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    return { iv, sealed: await subtle.encrypt({ name: 'AES-GCM', iv }, key, plain) };
  };
  const { iv, sealed } = await seal();
  const each = (work: Work): Work => {
    const places = Array.from({ length: batch }, () => work);
    return () => Promise.all(places.map((one) => one()));
  };
  return { encode: each(seal), decode: each(() => subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed)) };
};

const measureCase = async (
  codec: EncryptionCodec,
  raw: Uint8Array,
  { bytes, batch }: Pick<CodecCase, 'bytes' | 'batch'>,
  { rounds = 21, msEach = 8 }: CodecMeasurement,
): Promise<CodecCase> => {
  const payload = defaultPayloadConverter.toPayload('x'.repeat(bytes - QUOTES));
  const payloads = Array.from({ length: batch }, () => payload);
  const encoded = await codec.encode(payloads, CONTEXT);
  const floor = await floorOf(raw, payload, batch);
  return {
    bytes,
    batch,
    encode: await compare(() => codec.encode(payloads, CONTEXT), floor.encode, batch, rounds, msEach),
    decode: await compare(() => codec.decode(encoded), floor.decode, batch, rounds, msEach),
  };
};

/**
 * How fast payloads are encrypted and read, as a share of what WebCrypto alone does with the same bytes. Everything in this process,
 * without a server; some 8 s with what is given by default.
 */
export const measureCodec = async (measurement: CodecMeasurement = {}): Promise<CodecFigures> => {
  const { sizes = [200, 1_000, 16_000], batches = [1, 4, 16] } = measurement;
  const raw = randomBytes(32);
  const keys = await openKeyRing({ read: async () => ({ current: '2026-11', keys: new Map([['2026-11', raw]]) }) });
  const codec = new EncryptionCodec({ keys, namespace: CONTEXT.namespace });
  const cases: CodecCase[] = [];
  for (const bytes of sizes)
    for (const batch of batches) cases.push(await measureCase(codec, raw, { bytes, batch }, measurement));
  return {
    ratioEncode: Math.min(...cases.map(({ encode }) => encode.ratio.median)),
    ratioDecode: Math.min(...cases.map(({ decode }) => decode.ratio.median)),
    cases,
  };
};
