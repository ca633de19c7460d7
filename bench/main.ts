import { readFile } from 'node:fs/promises';
import { goThrough } from './contenders.js';
import { type BenchOptions, readOptions } from './options.js';
import { RESULTS_FILE, writePage } from './page/index.js';
import {
  APART,
  type Extent,
  MEASURES,
  measureCodecPart,
  PARTS,
  type Part,
  QUICK,
  type ServerPart,
  TOGETHER,
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

const measureOn = (kind: ServerKind, parts: readonly ServerPart[], extent: Extent): Promise<ServerResults> =>
  withServers(kind, async (servers) => {
    say(`${kind}: logs in ${servers.folder}`);
    await warmUp(servers);
    let results: ServerResults = {};
    for (const part of parts) {
      say(`${kind}: ${PARTS[part].what}`);
      results = { ...results, ...(await MEASURES[part](servers, extent)) };
    }
    return results;
  });

const wanted = <Name extends Part>(all: readonly Name[], { only }: BenchOptions): readonly Name[] =>
  only.length === 0 ? all : all.filter((part) => only.includes(part));

/** The groups of parts that share servers. */
const groupsOf = (kind: ServerKind, options: BenchOptions): readonly (readonly ServerPart[])[] =>
  (options.quick && options.only.length === 0
    ? [QUICK]
    : [TOGETHER, ...APART.filter((part) => part !== 'peers' || kind === 'production').map((part) => [part])]
  )
    .map((group: readonly ServerPart[]) => wanted(group, options))
    .filter((group) => group.length > 0);

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
  const began = performance.now();
  let results = quick ? NO_RESULTS : await formerResults();
  const keep = async (): Promise<void> => {
    if (!quick) await writePage(results);
  };
  if (wanted(['codec'], options).length > 0) {
    say(PARTS.codec.what);
    results = { ...results, ...(await measureCodecPart(quick)) };
    await keep();
  }
  const kinds = kindsOf(options);
  for (const kind of kinds)
    for (const group of groupsOf(kind, options)) {
      const measured = await measureOn(kind, group, { rounds, quick, soakMinutes, tell: (what) => say(`  ${what}`) });
      results = { ...results, [kind]: { ...results[kind], ...measured } };
      await keep();
    }
  const seconds = Math.round((performance.now() - began) / 1_000);
  const [kind = 'production'] = kinds;
  if (json) process.stdout.write(`${JSON.stringify(summaryOf(kind, results, seconds))}\n`);
  else say(`Took ${seconds} s.`);
};

await run(readOptions(process.argv.slice(2)));
