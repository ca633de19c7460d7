/**
 * Formats a time (ms since the Unix epoch) to the minute, as people read it in the Temporal UI: `2026-11-25 09:30 UTC`.
 */
export const formatUtc = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
