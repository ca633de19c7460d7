/** The longest `Retry-After` that is honoured: an hour. */
const MAX_RETRY_AFTER_MS = 3_600_000;

const DAY_NAME = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;

// The obsolete asctime form of an HTTP date names no zone and means GMT. `Date.parse` would also accept other text.
const httpDate = (text: string): number =>
  DAY_NAME.test(text) ? Date.parse(text.endsWith('GMT') ? text : `${text} GMT`) : Number.NaN;

/**
 * Parses `Retry-After` (seconds or an HTTP date; RFC 9110, section 10.2.3) and returns ms from now, at most an hour.
 * Returns undefined for any other value.
 */
export const readRetryAfter = (header: string | null, now: number): number | undefined => {
  if (header === null) return undefined;
  const text = header.trim();
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : httpDate(text) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
};
