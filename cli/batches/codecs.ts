import * as t from 'io-ts';
import { perCheck } from '../../domain/checks.js';
import { CheckNameCodec } from '../../domain/ids.js';
import type { DescribedType } from '../../shared/decoding.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../shared/time.js';

const fromText = <A>(name: string, type: t.Type<A>, read: (text: string) => A | undefined): t.Type<A, A, unknown> =>
  new t.Type<A, A, unknown>(
    name,
    type.is,
    (u, context) => {
      const value = typeof u === 'string' ? read(u.trim()) : undefined;
      const isNone = value === undefined || (typeof value === 'number' && !Number.isFinite(value));
      return isNone ? t.failure(u, context, name) : t.success(value);
    },
    t.identity,
  );

/** `Date.parse` accepts invalid days such as 2026-02-31, as days of the next month. */
const isDay = (day: string): boolean => {
  const at = Date.parse(day);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day);
};

/** Decodes a day (its start in UTC) or a time with its zone to ms since the Unix epoch. */
export const Moment = fromText('a date such as 2026-01-31, or a time such as 2026-01-31T09:30:00Z', t.number, (text) =>
  /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text) && isDay(text.slice(0, 10))
    ? Date.parse(text)
    : undefined,
);

export const Decimal = fromText('a number', t.number, (text) =>
  /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined,
);

const UNITS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

const inUnits = (ms: number): string => {
  const [unit, size] = Object.entries(UNITS).findLast(([, of]) => ms > 0 && ms % of === 0) ?? ['m', MINUTE_MS];
  return `${Math.ceil(ms / size)}${unit}`;
};

/** Decodes a duration to ms, within the limits of the field that it is for. */
export const durationFor = ({ is, keywords: { minimum = 0, maximum = 0 } }: DescribedType<t.NumberC>) =>
  fromText(`a duration in m, h or d from ${inUnits(minimum)} to ${inUnits(maximum)}, such as 30m`, t.number, (text) => {
    const [, amount, unit = ''] = text.match(/^(\d+)([mhd])$/) ?? [];
    const ms = Number(amount) * (UNITS[unit] ?? Number.NaN);
    return is(ms) ? ms : undefined;
  });

export const Prices = fromText('prices such as email=1,biometric=4', t.partial(perCheck(() => t.number)), (text) => {
  const read = text.split(',').map((part) => part.trim().match(/^(\w+)=(\d{1,9})$/) ?? []);
  const isKnown = read.every(([, check]) => CheckNameCodec.is(check));
  return isKnown ? Object.fromEntries(read.map(([, check, price]) => [check, Number(price)])) : undefined;
});
