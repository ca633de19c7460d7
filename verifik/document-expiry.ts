import * as t from 'io-ts';
import { DAY_MS, type EpochMs } from '../shared/time.js';

/** The names under which Verifik's pages and readers of documents keep the date. */
const Dates = t.partial({ expirationDate: t.unknown, dateOfExpiry: t.unknown });

const OcrResults = t.type({ fields: Dates });

/** Returns the end of a day in UTC; `undefined` for anything but a day that exists, such as `2030-01-15`. */
const endOfDay = (date: unknown): EpochMs | undefined => {
  if (typeof date !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(date)) return undefined;
  const start = Date.parse(date);
  // `Date.parse` accepts 2026-02-31 as a day of March.
  const exists = !Number.isNaN(start) && new Date(start).toISOString().startsWith(date);
  return exists ? start + DAY_MS - 1 : undefined;
};

const inDates = (fields: unknown): EpochMs | undefined =>
  Dates.is(fields) ? (endOfDay(fields.expirationDate) ?? endOfDay(fields.dateOfExpiry)) : undefined;

/** Returns the last moment of the day on which a document expires (UTC), where Verifik read a plain ISO date. */
export const documentExpiry = ({
  documentData,
  ocrResults,
}: {
  readonly documentData?: unknown;
  readonly ocrResults?: unknown;
}): EpochMs | undefined =>
  inDates(documentData) ?? (OcrResults.is(ocrResults) ? inDates(ocrResults.fields) : undefined);
