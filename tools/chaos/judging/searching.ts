import { readFile } from 'node:fs/promises';
import { createSearch, type ForbiddenValue } from './forbidden-values.js';
import type { SearchResult } from './observations.js';

/** A file to be searched. */
export interface Place {
  readonly where: string;
  readonly file: string;
  /** A text that the file must contain. Finding it shows that the search works. */
  readonly marker?: string;
}

/** Searches all files for forbidden values. */
export const searchAll = async (
  places: readonly Place[],
  values: readonly ForbiddenValue[],
): Promise<readonly SearchResult[]> => {
  const markers = new Set(places.flatMap(({ marker }) => (marker === undefined ? [] : [marker])));
  // Searched for in the same way as the forbidden values, so that a marker proves the search.
  const search = createSearch([...values, ...[...markers].map((value) => ({ what: value, value }))]);
  const searched: SearchResult[] = [];
  // One after the other, because a whole database dump is held in memory.
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
