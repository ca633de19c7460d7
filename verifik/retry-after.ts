/** No vendor is waited for longer than this on its own word: an hour. */
const MAX_RETRY_AFTER_MS = 3_600_000;

const DAY_NAME = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;

// The oldest of the three forms of an HTTP date names no zone, and means GMT like the others. Anything else is no date at all,
// though `Date.parse` would make something of it.
const httpDate = (text: string): number =>
  DAY_NAME.test(text) ? Date.parse(text.endsWith('GMT') ? text : `${text} GMT`) : Number.NaN;

/**
 * `Retry-After` in either of its forms (seconds, or an HTTP date) as ms from now; RFC 9110, section 10.2.3. Bounded to an hour;
 * undefined where it is neither.
 */
export const readRetryAfter = (header: string | null, now: number): number | undefined => {
  if (header === null) return undefined;
  const text = header.trim();
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : httpDate(text) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
};
