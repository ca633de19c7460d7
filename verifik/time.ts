import type { EpochMs } from '../shared/time.js';

/** Numbers below this are seconds: as ms, they are before March 1973. */
const LEAST_MS = 1e11;

/** The maximum time value of a `Date` in ms (ECMA-262). */
const MAX_DATE_MS = 8.64e15;

const DATE_TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?$/;

const ofNumber = (value: number): EpochMs | undefined => {
  const ms = Math.floor(value < LEAST_MS ? value * 1_000 : value);
  return value >= 0 && ms <= MAX_DATE_MS ? ms : undefined;
};

/**
 * Reads a time of Verifik's: Unix seconds, ms, or a text such as `2026-09-09 22:14:14`, which is UTC where it names no
 * zone. Returns ms since the Unix epoch, or `undefined` for anything else.
 */
export const epochOf = (value: unknown): EpochMs | undefined => {
  if (typeof value === 'number') return ofNumber(value);
  if (typeof value !== 'string') return undefined;
  if (/^\d{9,16}$/.test(value)) return ofNumber(Number(value));
  const [, date, time, zone = 'Z'] = DATE_TIME.exec(value) ?? [];
  const ms = Date.parse(date === undefined ? '' : `${date}T${time}${zone}`);
  return Number.isNaN(ms) ? undefined : ms;
};
