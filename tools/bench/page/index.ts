import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Results } from '../results.js';
import { audits, streams } from './batches.js';
import { growthChart, type PeerBar, peerChart, type RatioBar, ratioChart, soakChart } from './charts.js';
import { KINDS, measuredOn } from './section.js';
import { codec, costs, growth, peers, ratios, soak, webhooks } from './sections.js';
import { bytes } from './words.js';

/** Compiled code is in `dist/tools/bench/page`, and what it writes is beside the sources. */
const DOCS = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../../docs/' : '../../../../docs/', import.meta.url),
);
const PEERS_WORDS = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './peers.md' : '../../../../tools/bench/page/peers.md', import.meta.url),
);

export const RESULTS_FILE = join(DOCS, 'performance.json');

const machines = (results: Results): string => {
  const all = KINDS.flatMap((kind) => Object.values(results[kind])).map(({ machine }) => machine);
  const described = all.map(
    ({ cpu, cores, memoryBytes, node, system }) =>
      `${cores} cores (${cpu}), ${bytes(memoryBytes)}, ${system}, Node ${node}`,
  );
  return [...new Set(described)].map((text) => `- ${text}`).join('\n');
};

const introduction = (results: Results): string => `# Performance

<!-- Written by npm run bench from performance.json: do not edit. -->

What onboardings cost, how fast they are, and how that changes with many of them. Everything runs on one machine: the Temporal server and
its database, the worker, the sandbox, the gateway and the callers. So absolute figures are those of a small machine that does everything;
ratios are against something that was measured in the same run, in turns, and hold elsewhere. Medians of at least five rounds, with the
least and the most of them.

The production server is Temporal's server on PostgreSQL with durable settings ([servers](servers.md)); the development server is that of
the Temporal CLI, on SQLite.

${machines(results)}

\`npm run bench\` measures all of it anew and writes this page; \`npm run bench -- --only throughput,costs\` some of it; \`npm run bench --
--quick --json\` the main ratios in less than three minutes, as one line of JSON, and writes nothing.`;

/** Every part of the page, by its name in `docs/`. */
export const pageOf = async (results: Results): Promise<ReadonlyMap<string, string>> => {
  const page = [
    introduction(results),
    ratios(results),
    costs(results),
    growth(results),
    soak(results),
    peers(results, (await readFile(PEERS_WORDS, 'utf8')).trim()),
    webhooks(results),
    audits(results),
    streams(results),
    codec(results),
  ];
  return new Map([
    ['performance.md', `${page.filter((part) => part !== '').join('\n\n')}\n`],
    ...(await chartsOf(results)),
  ]);
};

const ratioBars = (results: Results): readonly RatioBar[] =>
  KINDS.flatMap((server) => {
    const { startAlone, startCrowded, throughput } = results[server];
    const bar = (
      figure: string,
      ratio: Pick<RatioBar, 'median' | 'least' | 'most'> | undefined,
    ): readonly RatioBar[] =>
      ratio === undefined ? [] : [{ figure, server, median: ratio.median, least: ratio.least, most: ratio.most }];
    return [
      ...bar('start, one at a time', startAlone?.figures.p50.ratio),
      ...bar('start, 50 at once', startCrowded?.figures.p50.ratio),
      ...bar('onboardings a second', throughput?.figures.perSecond.ratio),
      ...bar("worker's CPU time", throughput?.figures.workerCpuMs.ratio),
    ];
  });

const peerBars = ({ production: { peers: measured } }: Results): readonly PeerBar[] =>
  (['start, ms', 'all the way, a second', 'CPU ms each'] as const).flatMap((figure) =>
    (measured?.figures.systems ?? []).map(({ name, startMs, perSecond, cpuMs }) => ({
      system: name,
      figure,
      value: { 'start, ms': startMs, 'all the way, a second': perSecond, 'CPU ms each': cpuMs }[figure].median,
    })),
  );

const chartsOf = async (results: Results): Promise<readonly (readonly [string, string])[]> => {
  const stages = measuredOn(results, 'growth').flatMap(({ server, measured: { figures } }) =>
    figures.stages.map((stage) => ({ ...stage, server })),
  );
  const moments = measuredOn(results, 'soak').flatMap(({ server, measured: { figures } }) =>
    figures.moments.map((moment) => ({ ...moment, server })),
  );
  const [bars, peersBars] = [ratioBars(results), peerBars(results)];
  return [
    ...(bars.length === 0 ? [] : [['performance/ratios.svg', await ratioChart(bars)] as const]),
    ...(stages.length === 0 ? [] : [['performance/growth.svg', await growthChart(stages)] as const]),
    ...(moments.length === 0 ? [] : [['performance/soak.svg', await soakChart(moments)] as const]),
    ...(peersBars.length === 0 ? [] : [['performance/peers.svg', await peerChart(peersBars)] as const]),
  ];
};

/** Writes the page, its charts and the results that they are made of. */
export const writePage = async (results: Results): Promise<void> => {
  await writeFile(RESULTS_FILE, `${JSON.stringify(results, undefined, 2)}\n`);
  for (const [name, content] of await pageOf(results)) {
    const file = join(DOCS, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
};
