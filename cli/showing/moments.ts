import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';

const UNITS = [
  ['day', DAY_MS],
  ['hour', HOUR_MS],
  ['minute', MINUTE_MS],
  ['second', SECOND_MS],
] as const;

const WORDS = new Intl.RelativeTimeFormat('en', { numeric: 'always' });

/** How long ago, or in how long: `3 minutes ago`, `in 6 days`. */
export const relative = (at: number, now: number): string => {
  const distance = at - now;
  const [unit, size] = UNITS.find(([, ms]) => Math.abs(distance) >= ms) ?? UNITS[3];
  const many = Math.trunc(distance / size);
  return many === 0 ? 'now' : WORDS.format(many, unit);
};

const two = (n: number): string => String(Math.trunc(n)).padStart(2, '0');

/** The moment as ISO 8601 in the zone of whoever reads it: `2026-11-26T09:30:00-05:00`. */
export const localIso = (at: number): string => {
  const eastMinutes = -new Date(at).getTimezoneOffset();
  const shifted = new Date(at + eastMinutes * MINUTE_MS).toISOString().slice(0, 19);
  const distance = Math.abs(eastMinutes);
  return `${shifted}${eastMinutes < 0 ? '-' : '+'}${two(distance / 60)}:${two(distance % 60)}`;
};

/** A moment as people read it, with its distance from now. */
export const moment = (at: number, now: number): string => `${localIso(at)} (${relative(at, now)})`;
