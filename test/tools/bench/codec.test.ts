import { expect, it } from 'vitest';
import { measureCodec } from '../../../tools/bench/benchmarks/codec.js';

it('measureCodec compares both directions with the baseline, for every size and batch', async () => {
  const figures = await measureCodec({ rounds: 2, msEach: 1, sizes: [200, 1_000], batches: [1, 4] });
  expect(figures.cases.map(({ bytes, batch }) => [bytes, batch])).toEqual([
    [200, 1],
    [200, 4],
    [1_000, 1],
    [1_000, 4],
  ]);
  const directions = figures.cases.flatMap(({ encode, decode }) => [encode, decode]);
  for (const { ratio, oursMicros, baselineMicros } of directions) {
    expect(Math.min(oursMicros, baselineMicros, ratio.least)).toBeGreaterThan(0);
    expect(ratio.median).toBeGreaterThanOrEqual(ratio.least);
    expect(ratio.median).toBeLessThanOrEqual(ratio.most);
  }
  expect(figures.ratioEncode).toBe(Math.min(...figures.cases.map(({ encode }) => encode.ratio.median)));
  expect(figures.ratioDecode).toBe(Math.min(...figures.cases.map(({ decode }) => decode.ratio.median)));
});
