import { getBorderCharacters, type TableUserConfig, table } from 'table';
import { replaceEmails, withoutTokens } from '../../shared/masking.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';

/** Puts a text on one line, and removes control characters, email addresses and tokens. */
export const plain = (text: string): string =>
  replaceEmails(withoutTokens(text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()), () => '[email]');

const layOut = (rows: readonly (readonly string[])[], columns: TableUserConfig['columns'] = {}): string =>
  table(
    rows.map((row) => [...row]),
    {
      border: getBorderCharacters('void'),
      columnDefault: { paddingLeft: 0, paddingRight: 2 },
      columns,
      drawHorizontalLine: () => false,
    },
  )
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd();

const MIN_WIDTH = 8;

/** Lays out a table. If it is wider than `maxWidth`, the cells of its first column are shortened. */
export const tableOf = (
  head: readonly string[],
  body: readonly (readonly string[])[],
  maxWidth = Number.POSITIVE_INFINITY,
): string => {
  const rows = [head, ...body];
  const laidOut = layOut(rows);
  const excess = Math.max(...laidOut.split('\n').map((line) => line.length)) - maxWidth;
  if (excess <= 0) return laidOut;
  const widest = Math.max(...rows.map(([first = '']) => first.length));
  const width = Math.max(widest - excess, MIN_WIDTH);
  return layOut(rows, { 0: { width, truncate: width } });
};

/** The units of relative times, each with the number of them in the next one. */
const UNITS = [
  ['second', SECOND_MS, 60],
  ['minute', MINUTE_MS, 60],
  ['hour', HOUR_MS, 24],
  ['day', DAY_MS, Number.POSITIVE_INFINITY],
] as const;

const LONG = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
const SHORT = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'narrow' });

const relativeIn = (format: Intl.RelativeTimeFormat, distance: number): string => {
  // Rounded before the unit is chosen: 59 minutes and 50 seconds are an hour, and not 60 minutes.
  const [unit, size] = UNITS.find(([, ms, limit]) => Math.round(Math.abs(distance) / ms) < limit) ?? UNITS[3];
  const value = Math.sign(distance) * Math.round(Math.abs(distance) / size);
  return value === 0 ? 'now' : format.format(value, unit);
};

/** Formats the distance of a time from now, rounded to the nearest unit: `3 minutes ago`, `in 6 days`. */
export const relative = (at: number, now: number): string => relativeIn(LONG, at - now);

/** Formats the distance of a time from now for a table: `3min ago`, `in 6d`. */
export const relativeShort = (at: number, now: number): string => relativeIn(SHORT, at - now);

const twoDigits = (n: number): string => String(Math.trunc(n)).padStart(2, '0');

/** Formats a time as ISO 8601 in the local time zone: `2026-11-26T09:30:00-05:00`. */
export const localIso = (at: number): string => {
  const offsetMinutes = -new Date(at).getTimezoneOffset();
  const shifted = new Date(at + offsetMinutes * MINUTE_MS).toISOString().slice(0, 19);
  const distance = Math.abs(offsetMinutes);
  return `${shifted}${offsetMinutes < 0 ? '-' : '+'}${twoDigits(distance / 60)}:${twoDigits(distance % 60)}`;
};

export const formatTime = (at: number, now: number): string => `${localIso(at)} (${relative(at, now)})`;
