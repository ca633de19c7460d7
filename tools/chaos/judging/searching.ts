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
  const markers = new Set(places.flatMap(({ marker }) => (marker === undefined ? [] : [marker])));
  // They are looked for as everything else is: that they are found shows that the rest would be.
  const search = createSearch([...needles, ...[...markers].map((value) => ({ what: value, value }))]);
  const searched: Searched[] = [];
  // One after the other: a database is held in memory as a whole.
  for (const { where, file, marker } of places) {
    const content = await readFile(file);
    const seen = search(content);
    const found = seen.filter((what) => !markers.has(what));
    searched.push({
      where,
      file,
      bytes: content.length,
      seesMarker: marker === undefined || seen.includes(marker),
      found,
    });
  }
  return searched;
};
