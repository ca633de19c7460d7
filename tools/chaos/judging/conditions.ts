/** Verifik's statuses of a passed validation, in all of its API versions. */
export const PASSED: ReadonlySet<string> = new Set(['validated', 'completed', 'VALIDATED', 'ACTIVE']);

/** Returns the descriptions of those conditions that are true. */
export const found = (...described: readonly (string | false)[]): readonly string[] =>
  described.filter((what) => what !== false);
