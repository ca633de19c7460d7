import { readFile } from 'node:fs/promises';
import { goThrough } from './contenders.js';
import { type BenchOptions, readOptions } from './options.js';
import { RESULTS_FILE, writePage } from './page/index.js';
import {
  type Extent,
  GROUPS,
  MEASURES,
  measureCodecPart,
  ON_PRODUCTION_ALONE,
  PARTS,
  type Part,
  QUICK,
  type ServerPart,
} from './parts.js';
import { NO_RESULTS, type Results, readResults, type ServerResults } from './results.js';
import { type Servers, withServers } from './setting/servers.js';
import type { ServerKind } from './setting/temporal-server.js';
import { summaryOf } from './summary.js';

const WARM_UP = 60;

const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** Until all code of the workers is compiled and cached, every figure is another. */
const warmUp = async ({ onboarding, floor }: Servers): Promise<void> => {
  for (const contender of [onboarding, floor])
    await Promise.all(Array.from({ length: WARM_UP }, () => goThrough(contender)));
};

/** Measures the parts on servers of their own; each is kept as soon as it is there. */
const measureOn = (
  kind: ServerKind,
  parts: readonly ServerPart[],
  extent: Extent,
  keep: (measured: ServerResults) => Promise<void>,
): Promise<void> =>
  withServers(kind, async (servers) => {
    say(`${kind}: logs in ${servers.folder}`);
    await warmUp(servers);
    for (const part of parts) {
      say(`${kind}: ${PARTS[part].what}`);
      await keep(await MEASURES[part](servers, extent));
    }
  });

const isWanted = ({ only }: BenchOptions, part: Part): boolean => only.length === 0 || only.includes(part);

/** The groups of parts that share servers of this kind. */
const groupsOf = (kind: ServerKind, options: BenchOptions): readonly (readonly ServerPart[])[] => {
  const isPossible = (part: ServerPart) => kind === 'production' || !ON_PRODUCTION_ALONE.includes(part);
  const groups = options.quick && options.only.length === 0 ? [QUICK] : GROUPS;
  return groups
    .map((group) => group.filter((part) => isPossible(part) && isWanted(options, part)))
    .filter((group) => group.length > 0);
};

const kindsOf = ({ server, quick }: BenchOptions): readonly ServerKind[] => {
  if (server !== 'both') return [server];
  return quick ? ['production'] : ['production', 'development'];
};

const formerResults = async (): Promise<Results> => {
  try {
    return readResults(await readFile(RESULTS_FILE, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return NO_RESULTS;
    throw error;
  }
};

const run = async (options: BenchOptions): Promise<void> => {
  const { quick, json, rounds, soakMinutes } = options;
  const extent: Extent = { rounds, quick, soakMinutes, tell: (what) => say(`  ${what}`) };
  const began = performance.now();
  let results = quick ? NO_RESULTS : await formerResults();
  const keep = async (next: Results): Promise<void> => {
    results = next;
    if (!quick) await writePage(results);
  };
  if (isWanted(options, 'codec')) {
    say(PARTS.codec.what);
    await keep({ ...results, ...(await measureCodecPart(quick)) });
  }
  const kinds = kindsOf(options);
  for (const kind of kinds)
    for (const group of groupsOf(kind, options))
      await measureOn(kind, group, extent, (measured) =>
        keep({ ...results, [kind]: { ...results[kind], ...measured } }),
      );
  const seconds = Math.round((performance.now() - began) / 1_000);
  const [kind = 'production'] = kinds;
  if (json) process.stdout.write(`${JSON.stringify(summaryOf(kind, results, seconds))}\n`);
  else say(`Took ${seconds} s.`);
};

const options = readOptions(process.argv.slice(2));
if (options.page) await writePage(await formerResults());
else await run(options);
