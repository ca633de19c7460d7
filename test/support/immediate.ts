/** Settings of a sandbox that compares faces at once, and whose applicants make no pauses. */
export const IMMEDIATE = { compareDelayMs: 0, applicantPauseMs: 0 } as const;
