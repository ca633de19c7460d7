import { readFile } from 'node:fs/promises';
import type { Searched } from './evidence.js';
import { createSearch, type Needle } from './needles.js';

/** A file that is to be searched. */
export interface Place {
  readonly where: string;
  readonly file: string;
  /** What has to be in it, where something has: if it is not found, the search is blind. */
  readonly marker?: string;
}

/** Searches all places for what may not be in them. */
export const searchAll = async (places: readonly Place[], needles: readonly Needle[]): Promise<readonly Searched[]> => {
  const search = createSearch(needles);
  const searched: Searched[] = [];
  // One after the other: a database is held in memory as a whole.
  for (const { where, file, marker } of places) {
    const content = await readFile(file);
    searched.push({
      where,
      bytes: content.length,
      seesMarker: marker === undefined || content.includes(marker),
      found: search(content),
    });
  }
  return searched;
};
