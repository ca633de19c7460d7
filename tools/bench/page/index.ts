import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AlternativeFigures, Compared, Results, Spread } from '../results.js';
import { type AlternativeBar, alternativeChart, growthChart, type RatioBar, ratioChart, soakChart } from './charts.js';
import { bytes, KINDS, measuredOn } from './section.js';
import { alternatives, audits, codec, costs, growth, ratios, soak, streams, webhooks } from './sections.js';

/** The source tree, which has the documents, even if this file runs from `dist/`. */
const ROOT = new URL(import.meta.url.endsWith('.ts') ? '../../../' : '../../../../', import.meta.url);
const DOCS = fileURLToPath(new URL('docs/', ROOT));
const ALTERNATIVES_TEXT = fileURLToPath(new URL('tools/bench/page/alternatives.md', ROOT));

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
    const bar = (figure: string, compared: Compared | undefined): readonly RatioBar[] =>
      compared === undefined ? [] : [{ figure, server, ...compared.ratio }];
    return [
      ...bar('start, one at a time', startAlone?.figures.p50),
      ...bar('start, 50 at once', startCrowded?.figures.p50),
      ...bar('onboardings per second', throughput?.figures.perSecond),
      ...bar('worker CPU time', throughput?.figures.workerCpuMs),
    ];
  });

const alternativeBars = ({ production }: Results): readonly AlternativeBar[] => {
  const systems = production.alternatives?.figures.systems ?? [];
  const bars = (figure: string, of: (system: AlternativeFigures) => Spread): readonly AlternativeBar[] =>
    systems.map((system) => ({ system: system.name, figure, value: of(system).median }));
  return [
    ...bars('start, ms', ({ startMs }) => startMs),
    ...bars('completed per second', ({ perSecond }) => perSecond),
    ...bars('CPU ms each', ({ cpuMs }) => cpuMs),
  ];
};

const chartsOf = async (results: Results): Promise<readonly (readonly [string, string])[]> => {
  const chart = async <A>(name: string, draw: (values: readonly A[]) => Promise<string>, values: readonly A[]) =>
    values.length === 0 ? [] : [[`performance/${name}.svg`, await draw(values)] as const];
  const stages = measuredOn(results, 'growth').flatMap(({ server, figures }) =>
    figures.stages.map((stage) => ({ ...stage, server })),
  );
  const moments = measuredOn(results, 'soak').flatMap(({ server, figures }) =>
    figures.moments.map((moment) => ({ ...moment, server })),
  );
  return [
    ...(await chart('ratios', ratioChart, ratioBars(results))),
    ...(await chart('growth', growthChart, stages)),
    ...(await chart('soak', soakChart, moments)),
    ...(await chart('alternatives', alternativeChart, alternativeBars(results))),
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
