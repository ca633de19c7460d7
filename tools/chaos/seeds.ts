import { readFile } from 'node:fs/promises';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';

const Seeds = t.readonlyArray(
  t.intersection([
    t.type({
      seed: t.number,
      onboardings: t.number,
      server: t.keyof({ production: null, dev: null }),
      /** The defect that the run showed. */
      why: t.string,
    }),
    t.partial({ atOnce: t.number, faultCount: t.number }),
  ]),
);

// The compiler does not copy JSON files to dist.
const FILE = new URL(
  import.meta.url.endsWith('.ts') ? 'seeds.json' : '../../../tools/chaos/seeds.json',
  import.meta.url,
);

/** Reads the runs that failed in the past. */
export const readSeeds = async (): Promise<t.TypeOf<typeof Seeds>> => {
  const read = Seeds.decode(JSON.parse(await readFile(FILE, 'utf8')));
  if (E.isLeft(read)) throw new Error('tools/chaos/seeds.json: expected a list of {seed, onboardings, server, why}');
  return read.right;
};
