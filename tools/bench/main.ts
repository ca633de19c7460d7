import { readFile } from 'node:fs/promises';
import { goThrough } from './candidates.js';
import { type Servers, withServers } from './environment/servers.js';
import type { ServerKind } from './environment/temporal-server.js';
import { type BenchOptions, readOptions } from './options.js';
import { RESULTS_FILE, writePage } from './page/index.js';
import {
  GROUPS,
  measureCodecPart,
  measurePart,
  PARTS,
  type Part,
  PRODUCTION_ONLY,
  QUICK,
  type Scope,
  type ServerPart,
} from './parts.js';
import { NO_RESULTS, type Results, readResults, type ServerResults } from './results.js';
import { summaryOf } from './summary.js';

const WARM_UP = 60;

const log = (text: string): void => void process.stderr.write(`${text}\n`);

/** Runs both candidates until the JIT compiler has optimised the workers' code. */
const warmUp = async ({ onboarding, baseline }: Servers): Promise<void> => {
  for (const candidate of [onboarding, baseline])
    await Promise.all(Array.from({ length: WARM_UP }, () => goThrough(candidate)));
};

/** Measures the parts on new servers, and saves the result of each part at once. */
const measureOn = (
  kind: ServerKind,
  parts: readonly ServerPart[],
  scope: Scope,
  keep: (measured: ServerResults) => Promise<void>,
): Promise<void> =>
  withServers(kind, async (servers) => {
    log(`${kind}: logs in ${servers.folder}`);
    await warmUp(servers);
    for (const part of parts) {
      log(`${kind}: ${PARTS[part].what}`);
      await keep(await measurePart(part, servers, scope));
    }
  });

const isWanted = ({ only }: BenchOptions, part: Part): boolean => only.length === 0 || only.includes(part);

/** Returns the groups of selected parts. The parts of a group share servers. */
const groupsOf = (kind: ServerKind, options: BenchOptions): readonly (readonly ServerPart[])[] => {
  const isPossible = (part: ServerPart) => kind === 'production' || !PRODUCTION_ONLY.includes(part);
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
  const scope: Scope = { rounds, quick, soakMinutes, tell: (what) => log(`  ${what}`) };
  const began = performance.now();
  let results = quick ? NO_RESULTS : await formerResults();
  const keep = async (next: Results): Promise<void> => {
    results = next;
    if (!quick) await writePage(results);
  };
  if (isWanted(options, 'codec')) {
    log(PARTS.codec.what);
    await keep({ ...results, ...(await measureCodecPart(quick)) });
  }
  const kinds = kindsOf(options);
  for (const kind of kinds)
    for (const group of groupsOf(kind, options))
      await measureOn(kind, group, scope, (measured) =>
        keep({ ...results, [kind]: { ...results[kind], ...measured } }),
      );
  const seconds = Math.round((performance.now() - began) / 1_000);
  const [kind = 'production'] = kinds;
  if (json) process.stdout.write(`${JSON.stringify(summaryOf(kind, results, seconds))}\n`);
  else log(`Took ${seconds} s.`);
};

const options = readOptions(process.argv.slice(2));
if (options.page) await writePage(await formerResults());
else await run(options);
