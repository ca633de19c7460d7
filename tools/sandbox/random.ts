/** A deterministic pseudo-random number generator (mulberry32). */
export interface Random {
  next(): number;
  /** A whole number from 0 to `n` − 1. */
  below(n: number): number;
  digits(length: number): string;
  id(): string;
}

export const createRandom = (seed: number): Random => {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (n: number) => Math.floor(next() * n);
  const text = (length: number, radix: number) => Array.from({ length }, () => below(radix).toString(radix)).join('');
  return { next, below, digits: (length) => text(length, 10), id: () => text(24, 16) };
};
