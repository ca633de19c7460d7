import { randomBytes, webcrypto } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import { EncryptionCodec, openKeyRing } from '../../../codec/index.js';
import type { CodecCase, CodecDirection, CodecFigures } from '../results.js';
import { inTurns, ratiosOf, spreadOf } from '../rounds.js';

export interface CodecMeasurement {
  /** Each round measures the baseline and the codec once, in turns. Default 21: many short rounds even out noise. */
  readonly rounds?: number;
  /** The duration of each measurement, in ms. Default 8. */
  readonly msEach?: number;
  /** The payload sizes in bytes. Default 200, 1,000 and 16,000. */
  readonly sizes?: readonly number[];
  /** The numbers of payloads per call. Default 1, 4 and 16. */
  readonly batches?: readonly number[];
}

/** Processes one batch. */
type Work = () => Promise<unknown>;

const CONTEXT = { type: 'workflow', namespace: 'default', workflowId: 'onboarding-3f1c9a52-7d0e' } as const;
const NONCE_BYTES = 12;
const QUOTES = 2;

const { subtle } = webcrypto;
const { Payload: PayloadProto } = proto.temporal.api.common.v1;

/** Returns the µs per payload. */
const microsOf = async (work: Work, batch: number, ms: number): Promise<number> => {
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

/** Compares the codec with the baseline in turns. */
const compare = async (
  ours: Work,
  baseline: Work,
  batch: number,
  { rounds = 21, msEach = 8 }: CodecMeasurement,
): Promise<CodecDirection> => {
  const taken: Record<'ours' | 'baseline', number[]> = { ours: [], baseline: [] };
  const measureOurs = async () => taken.ours.push(await microsOf(ours, batch, msEach));
  const measureBaseline = async () => taken.baseline.push(await microsOf(baseline, batch, msEach));
  // The first round is the warm-up.
  await inTurns(rounds + 1, measureOurs, measureBaseline);
  const [oursMicros, baselineMicros] = [taken.ours.slice(1), taken.baseline.slice(1)];
  return {
    ratio: ratiosOf(baselineMicros, oursMicros),
    oursMicros: spreadOf(oursMicros).median,
    baselineMicros: spreadOf(baselineMicros).median,
  };
};

/** WebCrypto alone, with the same bytes and key, but without additional data and without payload encoding. */
const baselineOf = async (raw: Uint8Array, payload: Payload, batch: number) => {
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
  measurement: CodecMeasurement,
): Promise<CodecCase> => {
  const payload = defaultPayloadConverter.toPayload('x'.repeat(bytes - QUOTES));
  const payloads = Array.from({ length: batch }, () => payload);
  const encoded = await codec.encode(payloads, CONTEXT);
  const baseline = await baselineOf(raw, payload, batch);
  return {
    bytes,
    batch,
    encode: await compare(() => codec.encode(payloads, CONTEXT), baseline.encode, batch, measurement),
    decode: await compare(() => codec.decode(encoded), baseline.decode, batch, measurement),
  };
};

/**
 * Measures the rates of encryption and decryption relative to WebCrypto alone. Runs in this process without a server;
 * takes about 8 s with the defaults.
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
