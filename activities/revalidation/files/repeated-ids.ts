/** The number of different ids that are remembered, which takes 60 MB. */
const MAX_REMEMBERED = 1_000_000;

/**
 * Returns a function that is true for an id that it was given before, in capitals or not. Beyond a million different
 * ids, it forgets further ones.
 */
export const repeatedIds = (): ((id: string) => boolean) => {
  const seen = new Set<string>();
  return (id) => {
    const key = id.toLowerCase();
    if (seen.has(key)) return true;
    if (seen.size < MAX_REMEMBERED) seen.add(key);
    return false;
  };
};
