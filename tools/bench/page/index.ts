import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Results } from '../results.js';
import { audits, streams } from './batches.js';
import { type AlternativeBar, alternativeChart, growthChart, type RatioBar, ratioChart, soakChart } from './charts.js';
import { bytes, KINDS, measuredOn } from './section.js';
import { alternatives, codec, costs, growth, ratios, soak, webhooks } from './sections.js';

/** The documents are in the source tree, even if this file runs from `dist/`. */
const DOCS = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../../docs/' : '../../../../docs/', import.meta.url),
);
const ALTERNATIVES_TEXT = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? './alternatives.md' : '../../../../tools/bench/page/alternatives.md',
    import.meta.url,
  ),
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

The latency, throughput and cost of onboardings, and how they change with the number of open onboardings. Everything runs on one small
machine: the Temporal server and its database, the worker, the sandbox, the gateway and the callers. Absolute figures depend on that machine.
Ratios hold elsewhere too, because both sides were measured in turns in the same run. Figures are medians of at least five rounds, with the
minimum and the maximum in parentheses.

The production server is Temporal's server on PostgreSQL with durable settings ([servers](servers.md)); the development server is the one of
the Temporal CLI, on SQLite.

${machines(results)}

\`npm run bench\` measures everything and writes this page; \`npm run bench -- --only throughput,costs\` measures two parts; \`npm run bench --
--quick --json\` measures the main ratios in under three minutes, prints them as one line of JSON, and writes no files.`;

/** Creates the page and its charts, by their names in \`docs/\`. */
export const pageOf = async (results: Results): Promise<ReadonlyMap<string, string>> => {
  const page = [
    introduction(results),
    ratios(results),
    costs(results),
    growth(results),
    soak(results),
    alternatives(results, (await readFile(ALTERNATIVES_TEXT, 'utf8')).trim()),
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
      ...bar('onboardings per second', throughput?.figures.perSecond.ratio),
      ...bar('worker CPU time', throughput?.figures.workerCpuMs.ratio),
    ];
  });

const alternativeBars = ({ production: { alternatives: measured } }: Results): readonly AlternativeBar[] =>
  (['start, ms', 'completed per second', 'CPU ms each'] as const).flatMap((figure) =>
    (measured?.figures.systems ?? []).map(({ name, startMs, perSecond, cpuMs }) => ({
      system: name,
      figure,
      value: { 'start, ms': startMs, 'completed per second': perSecond, 'CPU ms each': cpuMs }[figure].median,
    })),
  );

const chartsOf = async (results: Results): Promise<readonly (readonly [string, string])[]> => {
  const stages = measuredOn(results, 'growth').flatMap(({ server, measured: { figures } }) =>
    figures.stages.map((stage) => ({ ...stage, server })),
  );
  const moments = measuredOn(results, 'soak').flatMap(({ server, measured: { figures } }) =>
    figures.moments.map((moment) => ({ ...moment, server })),
  );
  const [bars, alternativesBars] = [ratioBars(results), alternativeBars(results)];
  return [
    ...(bars.length === 0 ? [] : [['performance/ratios.svg', await ratioChart(bars)] as const]),
    ...(stages.length === 0 ? [] : [['performance/growth.svg', await growthChart(stages)] as const]),
    ...(moments.length === 0 ? [] : [['performance/soak.svg', await soakChart(moments)] as const]),
    ...(alternativesBars.length === 0
      ? []
      : [['performance/alternatives.svg', await alternativeChart(alternativesBars)] as const]),
  ];
};

/** Writes the results, the page and its charts. */
export const writePage = async (results: Results): Promise<void> => {
  await writeFile(RESULTS_FILE, `${JSON.stringify(results, undefined, 2)}\n`);
  for (const [name, content] of await pageOf(results)) {
    const file = join(DOCS, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
};
