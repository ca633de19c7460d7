/** A source of numbers that look random and are the same for the same seed (mulberry32). */
export interface Random {
  /** From 0, below 1. */
  next(): number;
  /** A whole number below `n`. */
  below(n: number): number;
  /** `length` digits. */
  digits(length: number): string;
  /** An id of 24 hexadecimal digits, as Verifik's are. */
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
