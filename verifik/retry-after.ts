/** No vendor is waited for longer than this on its own word: an hour. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** `Retry-After` in either of its forms (seconds, or an HTTP date) as ms from now; RFC 9110, section 10.2.3. Bounded to an hour. */
export const readRetryAfter = (header: string | null, now: number): number | undefined => {
  if (header === null) return undefined;
  const text = header.trim();
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
};
