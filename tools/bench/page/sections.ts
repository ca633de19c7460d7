import { sum } from 'simple-statistics';
import type { Compared, Counts, Results } from '../results.js';
import { bytes, figure, KINDS, measuredOn, section, table } from './section.js';

export const ratios = (results: Results): string => {
  const rows = KINDS.flatMap((server) => {
    const { startAlone, startCrowded, throughput, replay } = results[server];
    const crowded = `start, ${startCrowded?.figures.concurrency} at once`;
    const row = (name: string, compared: Compared | undefined) =>
      compared === undefined ? [] : [{ name, server, ...compared }];
    return [
      ...row('start, one at a time, median, ms', startAlone?.figures.p50),
      ...row('start, one at a time, 99 %, ms', startAlone?.figures.p99),
      ...row(`${crowded}, median, ms`, startCrowded?.figures.p50),
      ...row(`${crowded}, 99 %, ms`, startCrowded?.figures.p99),
      ...row('completed per second', throughput?.figures.perSecond),
      ...row('worker CPU time for each, ms', throughput?.figures.workerCpuMs),
      ...row('the same with pauses between the reports', throughput?.figures.paced.workerCpuMs),
      ...row('replayed events per second', replay?.figures.eventsPerSecond),
    ];
  });
  return section(
    'Compared with a minimal workflow',
    (['startAlone', 'startCrowded', 'throughput', 'replay'] as const).flatMap((part) => measuredOn(results, part)),
    'The baseline is a minimal workflow on the same SDK with the same worker settings: an update-with-start that answers when one empty activity has run, then four signals, and the end. It has no encryption, search attributes, timers or vendor calls. An onboarding creates a registration at the sandbox over HTTP, which answers at once, receives four reports, and is confirmed by one read. Its payloads are encrypted, and it has search attributes. The same process calls both in the same way.',
    '![Ratios to the baseline](performance/ratios.svg)',
    table(
      rows,
      [
        ['', ({ name }) => name],
        ['server', ({ server }) => server],
        ['onboarding', ({ onboarding }) => onboarding],
        ['baseline', ({ baseline }) => baseline],
        ['onboarding ÷ baseline', ({ ratio }) => ratio],
      ],
      2,
    ),
    'One start at a time is faster than that of the baseline, because the onboarding creates the registration in a local activity, within the workflow task that the caller waits for. The normal activity of the baseline needs another round trip to the server.',
  );
};

export const costs = (results: Results): string => {
  const [first] = measuredOn(results, 'costs');
  if (first === undefined) return '';
  const { onboarding, baseline } = first.figures;
  type Cost = typeof onboarding;
  const compare = (rows: readonly string[], name: string, cellOf: (cost: Cost, row: string) => string | number) =>
    table(rows, [
      [name, (row) => row],
      ['onboarding', (row) => cellOf(onboarding, row)],
      ['baseline', (row) => cellOf(baseline, row)],
    ]);
  const compareCounts = (name: string, countsOf: (cost: Cost) => Counts) =>
    compare(
      [...new Set([onboarding, baseline].flatMap(countsOf).map(({ what }) => what))],
      name,
      (cost, row) => countsOf(cost).find(({ what }) => what === row)?.count ?? 0,
    );
  const totals: Readonly<Record<string, (cost: Cost) => string | number>> = {
    'history events': ({ historyEvents }) => historyEvents,
    'bytes of history': ({ historyBytes }) => bytes(historyBytes),
    'Temporal Cloud actions': ({ actions }) => sum(actions.map(({ count }) => count)),
  };
  return section(
    'History and Temporal Cloud actions',
    [first],
    'Figures of the most expensive happy path, in which each report has its own workflow task. Reports that arrive close together share a task.',
    compare(Object.keys(totals), '', (cost, row) => totals[row]?.(cost) ?? ''),
    "Actions according to Temporal Cloud's [rules](https://docs.temporal.io/cloud/actions), counted from the history:",
    compareCounts('action', ({ actions }) => actions),
    'History events:',
    compareCounts('event', ({ events }) => events),
  );
};

export const codec = ({ codec: measured }: Results): string =>
  measured === undefined
    ? ''
    : section(
        'Encryption',
        [measured],
        `The codec encrypts at ${figure(measured.figures.ratioEncode)} and decrypts at ${figure(measured.figures.ratioDecode)} of the rate of WebCrypto alone, or faster (the lowest medians below), with the same bytes and the same number of payloads at once. Above 1, the codec is faster, because it processes small payloads without a round trip to another thread.`,
        table(
          measured.figures.cases,
          [
            ['bytes', ({ bytes: size }) => size],
            ['at once', ({ batch }) => batch],
            ['encrypt, µs', ({ encode }) => encode.oursMicros],
            ['WebCrypto, µs', ({ encode }) => encode.baselineMicros],
            ['ratio', ({ encode }) => encode.ratio],
            ['decrypt, µs', ({ decode }) => decode.oursMicros],
            ['WebCrypto, µs', ({ decode }) => decode.baselineMicros],
            ['ratio', ({ decode }) => decode.ratio],
          ],
          0,
        ),
      );

export const webhooks = (results: Results): string => {
  const all = measuredOn(results, 'webhooks');
  return section(
    'Webhooks',
    all,
    'Webhooks per second that the gateway answers with 200, from one caller, about onboardings that it has started. The gateway answers a new webhook when Temporal has recorded it as a signal; signals are those that a client sends to the minimal workflow, 20 at once as well. Workers process both meanwhile, on the same cores. Plain Fastify checks the secret, parses the body and answers.',
    table(all, [
      ['server', ({ server }) => server],
      ['connections', ({ figures }) => figures.connections],
      ['new', ({ figures }) => figures.new],
      ['repeated', ({ figures }) => figures.repeated],
      ['signals', ({ figures }) => figures.signals],
      ['plain Fastify', ({ figures }) => figures.bareFastify],
      ['new ÷ signals', ({ figures }) => figures.newRatio],
      ['repeated ÷ Fastify', ({ figures }) => figures.repeatedRatio],
    ]),
  );
};

export const growth = (results: Results): string => {
  const all = measuredOn(results, 'growth');
  return section(
    'With many open onboardings',
    all,
    'Onboardings are open for days, so the cost of each should not depend on the number of open ones. Latencies are medians of sequential calls; the rate is that of other onboardings that run to their end meanwhile, 50 at once.',
    '![Latency and rate with many open onboardings](performance/growth.svg)',
    table(
      all.flatMap(({ server, figures }) => figures.stages.map((stage) => ({ ...stage, server }))),
      [
        ['server', ({ server }) => server],
        ['open', ({ open }) => open],
        ['opened per second', ({ openedPerSecond }) => openedPerSecond],
        ['start, ms', ({ startMs }) => startMs],
        ['status, ms', ({ statusMs }) => statusMs],
        ['completed per second', ({ perSecond }) => perSecond],
        ['worker CPU ms each', ({ workerCpuMs }) => workerCpuMs],
        ['cached', ({ cachedWorkflows }) => cachedWorkflows],
        ['worker memory', ({ workerResidentBytes }) => bytes(workerResidentBytes)],
        ['database', ({ databaseBytes }) => bytes(databaseBytes)],
      ],
    ),
    ...all.map(
      ({ server, figures: { coldStart, residentBytesPerCachedWorkflow } }) =>
        `On the ${server} server an onboarding in the worker's cache takes ${bytes(residentBytesPerCachedWorkflow)} of resident memory. A worker that was killed and restarted with ${figure(coldStart.open)} open onboardings was ready after ${figure(coldStart.readyMs)} ms. It answered the first status after ${figure(coldStart.firstStatusMs)} ms, because Temporal asks the previous worker first, until the client repeats the query after three seconds, and ${figure(coldStart.statuses)} statuses with a median of ${figure(coldStart.statusP50Ms)} ms (99 %: ${figure(coldStart.statusP99Ms)} ms), each with a replay of its history. Immediately afterwards ${figure(coldStart.perSecond)} other onboardings per second ran to their end.`,
    ),
  );
};

export const soak = (results: Results): string => {
  const all = measuredOn(results, 'soak');
  return section(
    'Soak',
    all,
    ...all.map(
      ({ server, figures }) =>
        `${figure(figures.open)} onboardings are open on the ${server} server for ${figures.minutes} minutes, while ${figures.startsPerSecond} others per second start and run to their end.`,
    ),
    '![Latency and memory over time](performance/soak.svg)',
    table(
      all.flatMap(({ server, figures }) => figures.moments.map((moment) => ({ ...moment, server }))),
      [
        ['server', ({ server }) => server],
        ['minute', ({ minute }) => minute],
        ['start, median, ms', ({ startP50Ms }) => startP50Ms],
        ['start, 99 %, ms', ({ startP99Ms }) => startP99Ms],
        ['finished', ({ finished }) => finished],
        ['worker memory', ({ workerResidentBytes }) => bytes(workerResidentBytes)],
        ['Temporal server memory', ({ serverResidentBytes }) => bytes(serverResidentBytes)],
        ['cached', ({ cachedWorkflows }) => cachedWorkflows],
      ],
    ),
  );
};

/** The two ways in which this project is measured. */
const OURS = ['verifik-onboarding', 'verifik-onboarding, by its client'];

/** Formats the comparison with the alternatives, followed by its discussion. */
export const alternatives = ({ production: { alternatives: measured } }: Results, words: string): string => {
  if (measured === undefined) return '';
  const { concurrency, perRound, systems } = measured.figures;
  return section(
    'Compared with alternatives',
    [measured],
    `The same onboarding over HTTP, against the same sandbox, measured in turns in one run: start, four reports, outcome. Latencies are those of one onboarding at a time; the rate is measured with ${concurrency} at once, ${perRound} in each of ${systems[0]?.startMs.rounds ?? 0} rounds. CPU time is that of the machine without the callers and the sandbox.`,
    '![Compared with alternatives](performance/alternatives.svg)',
    table(systems, [
      ['', ({ name }) => name],
      ['start, ms', ({ startMs }) => startMs],
      ['last report to outcome, ms', ({ endMs }) => endMs],
      ['completed per second', ({ perSecond }) => perSecond],
      ['CPU ms each', ({ cpuMs }) => cpuMs],
      ['memory without PostgreSQL', ({ residentBytes }) => bytes(residentBytes)],
    ]),
    'The CPU time of each process for one onboarding, in ms:',
    table(
      OURS.flatMap((name) => systems.filter((system) => system.name === name)),
      [
        ['', ({ name }) => name],
        ...['gateway', 'worker', 'Temporal server', 'PostgreSQL and the kernel'].map((process) => {
          type System = (typeof systems)[number];
          const cell = ({ processes }: System) => processes.find(({ name }) => name === process)?.cpuMs ?? '';
          return [process, cell] as const;
        }),
      ],
    ),
    words,
  );
};

export const audits = (results: Results): string => {
  const all = measuredOn(results, 'audit');
  return section(
    'Audits',
    all,
    'An audit by ids makes one call to Verifik for each id. All workers share the limit of calls. The last column is the maximum number of calls within any ten seconds, which must not exceed ten times the limit.',
    table(all, [
      ['server', ({ server }) => server],
      ['workers', ({ figures }) => figures.workers],
      ['registrations', ({ figures }) => figures.registrations],
      ['limit, calls per second', ({ figures }) => figures.limit],
      ['made, calls per second', ({ figures }) => figures.callsPerSecond],
      ['of the limit', ({ figures }) => `${figure((figures.callsPerSecond / figures.limit) * 100)} %`],
      ['most in 10 s', ({ figures }) => figures.busiestTenSeconds],
    ]),
    'The latency of starts on the same workers, one at a time, without and with an audit in progress:',
    table(all, [
      ['server', ({ server }) => server],
      ['start, median, ms', ({ figures }) => figures.liveStarts.idleMs],
      ['during an audit, ms', ({ figures }) => figures.liveStarts.besideMs],
      ['during ÷ without', ({ figures }) => figures.liveStarts.ratio],
    ]),
  );
};

export const streams = (results: Results): string => {
  const all = measuredOn(results, 'stream');
  return section(
    'Files of ids',
    all,
    "A dry run reads a file of ids and writes a report with a line for each. The worker's peak resident memory should not depend on the number of ids.",
    table(
      all.flatMap(({ server, figures }) => figures.files.map((file) => ({ ...file, server }))),
      [
        ['server', ({ server }) => server],
        ['ids', ({ ids }) => ids],
        ['seconds', ({ seconds }) => seconds],
        ['worker', ({ workerResidentBytes }) => bytes(workerResidentBytes)],
      ],
    ),
  );
};
