import { getBorderCharacters, table } from 'table';
import { replaceEmails, withoutTokens } from '../../shared/masking.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';

/** Puts a text on one line, and removes control characters, email addresses and tokens. */
export const plain = (text: string): string =>
  replaceEmails(withoutTokens(text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()), () => '[email]');

export const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  table(
    [head, ...rows].map((row) => [...row]),
    {
      border: getBorderCharacters('void'),
      columnDefault: { paddingLeft: 0, paddingRight: 2 },
      drawHorizontalLine: () => false,
    },
  )
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd();

const UNITS = [
  ['day', DAY_MS],
  ['hour', HOUR_MS],
  ['minute', MINUTE_MS],
  ['second', SECOND_MS],
] as const;

const RELATIVE_TIME = new Intl.RelativeTimeFormat('en', { numeric: 'always' });

/** Formats the distance of a time from now: `3 minutes ago`, `in 6 days`. */
export const relative = (at: number, now: number): string => {
  const distance = at - now;
  const [unit, size] = UNITS.find(([, ms]) => Math.abs(distance) >= ms) ?? UNITS[3];
  const value = Math.trunc(distance / size);
  return value === 0 ? 'now' : RELATIVE_TIME.format(value, unit);
};

const twoDigits = (n: number): string => String(Math.trunc(n)).padStart(2, '0');

/** Formats a time as ISO 8601 in the local time zone: `2026-11-26T09:30:00-05:00`. */
export const localIso = (at: number): string => {
  const offsetMinutes = -new Date(at).getTimezoneOffset();
  const shifted = new Date(at + offsetMinutes * MINUTE_MS).toISOString().slice(0, 19);
  const distance = Math.abs(offsetMinutes);
  return `${shifted}${offsetMinutes < 0 ? '-' : '+'}${twoDigits(distance / 60)}:${twoDigits(distance % 60)}`;
};

export const formatTime = (at: number, now: number): string => `${localIso(at)} (${relative(at, now)})`;
