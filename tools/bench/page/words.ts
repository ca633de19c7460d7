import type { Spread } from '../results.js';

const DIGITS = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** A figure to three digits, whole where it is large. */
export const figure = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : DIGITS.format(value);

/** The median, and how far the rounds lie apart. */
export const spread = ({ median, least, most }: Spread): string =>
  `${figure(median)} (${figure(least)} – ${figure(most)})`;

/** Bytes in the unit that people read them in. */
export const bytes = (value: number): string => {
  if (value >= 1e9) return `${figure(value / 1e9)} GB`;
  if (value >= 1e6) return `${figure(value / 1e6)} MB`;
  return value >= 1e3 ? `${figure(value / 1e3)} kB` : `${figure(value)} B`;
};

/** A day, as the results' dates have it. */
export const day = (iso: string): string => iso.slice(0, 10);
