import type { Alternatives, Compared, Results } from '../results.js';
import { bytes, figure, KINDS, measuredOn, section, spread, table } from './section.js';

const comparedRow = (name: string, server: string, { onboarding, baseline, ratio }: Compared): readonly string[] => [
  name,
  server,
  spread(onboarding),
  spread(baseline),
  spread(ratio),
];

export const ratios = (results: Results): string => {
  const rows = KINDS.flatMap((server) => {
    const { startAlone, startCrowded, throughput, replay } = results[server];
    return [
      ...(startAlone === undefined
        ? []
        : [
            comparedRow('start, one at a time, median, ms', server, startAlone.figures.p50),
            comparedRow('start, one at a time, 99 %, ms', server, startAlone.figures.p99),
          ]),
      ...(startCrowded === undefined
        ? []
        : [
            comparedRow(
              `start, ${startCrowded.figures.concurrency} at once, median, ms`,
              server,
              startCrowded.figures.p50,
            ),
            comparedRow(
              `start, ${startCrowded.figures.concurrency} at once, 99 %, ms`,
              server,
              startCrowded.figures.p99,
            ),
          ]),
      ...(throughput === undefined
        ? []
        : [
            comparedRow('completed per second', server, throughput.figures.perSecond),
            comparedRow('worker CPU time for each, ms', server, throughput.figures.workerCpuMs),
          ]),
      ...(replay === undefined
        ? []
        : [comparedRow('replayed events per second', server, replay.figures.eventsPerSecond)]),
    ];
  });
  const parts = (['startAlone', 'startCrowded', 'throughput', 'replay'] as const).flatMap((part) =>
    measuredOn(results, part).map(({ measured }) => measured),
  );
  return section(
    'Compared with a minimal workflow',
    parts,
    'The baseline is a minimal workflow on the same SDK with the same worker settings: an update-with-start that answers when one empty activity has run, then four signals, and the end. It has no encryption, search attributes, timers or vendor calls. An onboarding creates a registration at the sandbox over HTTP, which answers at once, receives four reports, and is confirmed by one read. Its payloads are encrypted, and it has search attributes. The same process calls both in the same way.',
    '![Ratios to the baseline](performance/ratios.svg)',
    table(['', 'server', 'onboarding', 'baseline', 'onboarding ÷ baseline'], rows, 2),
    'One start at a time is faster than that of the baseline, because the onboarding creates the registration in a local activity, within the workflow task that the caller waits for. The normal activity of the baseline needs another round trip to the server.',
  );
};

export const costs = (results: Results): string => {
  const [first] = measuredOn(results, 'costs');
  if (first === undefined) return '';
  const { onboarding, baseline } = first.measured.figures;
  const names = [...new Set([...onboarding.actions, ...baseline.actions].map(({ what }) => what))];
  const countOf = (counts: typeof onboarding.actions, what: string): number =>
    counts.find((one) => one.what === what)?.count ?? 0;
  const total = (counts: typeof onboarding.actions): number => counts.reduce((sum, { count }) => sum + count, 0);
  const types = [...new Set([...onboarding.events, ...baseline.events].map(({ what }) => what))];
  return section(
    'History and Temporal Cloud actions',
    [first.measured],
    'Figures of the most expensive happy path, in which each report has its own workflow task. Reports that arrive close together share a task.',
    table(
      ['', 'onboarding', 'baseline'],
      [
        ['history events', figure(onboarding.historyEvents), figure(baseline.historyEvents)],
        ['bytes of history', bytes(onboarding.historyBytes), bytes(baseline.historyBytes)],
        ['Temporal Cloud actions', figure(total(onboarding.actions)), figure(total(baseline.actions))],
      ],
    ),
    "Actions according to Temporal Cloud's [rules](https://docs.temporal.io/cloud/actions), counted from the history:",
    table(
      ['action', 'onboarding', 'baseline'],
      names.map((what) => [what, String(countOf(onboarding.actions, what)), String(countOf(baseline.actions, what))]),
    ),
    'History events:',
    table(
      ['event', 'onboarding', 'baseline'],
      types.map((what) => [what, String(countOf(onboarding.events, what)), String(countOf(baseline.events, what))]),
    ),
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
          ['bytes', 'at once', 'encrypt, µs', 'WebCrypto, µs', 'ratio', 'decrypt, µs', 'WebCrypto, µs', 'ratio'],
          measured.figures.cases.map(({ bytes: size, batch, encode, decode }) => [
            figure(size),
            String(batch),
            figure(encode.oursMicros),
            figure(encode.baselineMicros),
            spread(encode.ratio),
            figure(decode.oursMicros),
            figure(decode.baselineMicros),
            spread(decode.ratio),
          ]),
          0,
        ),
      );

export const webhooks = (results: Results): string => {
  const all = measuredOn(results, 'webhooks');
  return section(
    'Webhooks',
    all.map(({ measured }) => measured),
    'Webhooks per second that the gateway answers with 200, from one caller. The gateway answers a new webhook when Temporal has recorded it. Plain Fastify checks the secret, parses the body and answers.',
    table(
      ['server', 'connections', 'new', 'repeated', 'plain Fastify', 'new ÷ Fastify', 'repeated ÷ Fastify'],
      all.map(({ server, measured: { figures } }) => [
        server,
        String(figures.connections),
        spread(figures.new),
        spread(figures.repeated),
        spread(figures.bareFastify),
        spread(figures.ratio),
        spread(figures.repeatedRatio),
      ]),
    ),
  );
};

export const growth = (results: Results): string => {
  const all = measuredOn(results, 'growth');
  return section(
    'With many open onboardings',
    all.map(({ measured }) => measured),
    'Onboardings are open for days, so the cost of each should not depend on the number of open ones. Latencies are medians of sequential calls; the rate is that of other onboardings that run to their end meanwhile, 50 at once.',
    '![Latency and rate with many open onboardings](performance/growth.svg)',
    table(
      [
        'server',
        'open',
        'opened per second',
        'start, ms',
        'status, ms',
        'completed per second',
        'worker CPU ms each',
        'cached',
        'worker memory',
        'database',
      ],
      all.flatMap(({ server, measured: { figures } }) =>
        figures.stages.map((stage) => [
          server,
          figure(stage.open),
          figure(stage.openedPerSecond),
          figure(stage.startMs),
          figure(stage.statusMs),
          figure(stage.perSecond),
          figure(stage.workerCpuMs),
          figure(stage.cachedWorkflows),
          bytes(stage.workerResidentBytes),
          bytes(stage.databaseBytes),
        ]),
      ),
    ),
    ...all.map(
      ({ server, measured: { figures } }) =>
        `On the ${server} server an onboarding in the worker's cache takes ${bytes(figures.residentBytesPerCachedWorkflow)} of resident memory. A worker that was killed and restarted with ${figure(figures.coldStart.open)} open onboardings was ready after ${figure(figures.coldStart.readyMs)} ms. It answered the first status after ${figure(figures.coldStart.firstStatusMs)} ms, because Temporal waits ten seconds for the previous worker, and ${figure(figures.coldStart.statuses)} statuses with a median of ${figure(figures.coldStart.statusP50Ms)} ms (99 %: ${figure(figures.coldStart.statusP99Ms)} ms), each with a replay of its history. Immediately afterwards ${figure(figures.coldStart.perSecond)} other onboardings per second ran to their end.`,
    ),
  );
};

export const soak = (results: Results): string => {
  const all = measuredOn(results, 'soak');
  return section(
    'Soak',
    all.map(({ measured }) => measured),
    ...all.map(
      ({ server, measured: { figures } }) =>
        `${figure(figures.open)} onboardings are open on the ${server} server for ${figures.minutes} minutes, while ${figures.startsPerSecond} others per second start and run to their end.`,
    ),
    '![Latency and memory over time](performance/soak.svg)',
    table(
      [
        'server',
        'minute',
        'start, median, ms',
        'start, 99 %, ms',
        'finished',
        'worker memory',
        'Temporal server memory',
        'cached',
      ],
      all.flatMap(({ server, measured: { figures } }) =>
        figures.moments.map((moment) => [
          server,
          String(moment.minute),
          figure(moment.startP50Ms),
          figure(moment.startP99Ms),
          figure(moment.finished),
          bytes(moment.workerResidentBytes),
          bytes(moment.serverResidentBytes),
          figure(moment.cachedWorkflows),
        ]),
      ),
    ),
  );
};

const alternativesTable = ({ systems }: Alternatives): string =>
  table(
    ['', 'start, ms', 'last report to outcome, ms', 'completed per second', 'CPU ms each', 'memory without PostgreSQL'],
    systems.map(({ name, startMs, endMs, perSecond, cpuMs, residentBytes }) => [
      name,
      spread(startMs),
      spread(endMs),
      spread(perSecond),
      spread(cpuMs),
      bytes(residentBytes),
    ]),
  );

/** Formats the comparison with the alternatives, followed by its discussion. */
export const alternatives = (results: Results, words: string): string => {
  const { alternatives: measured } = results.production;
  if (measured === undefined) return '';
  const { concurrency, perRound, systems } = measured.figures;
  return section(
    'Compared with alternatives',
    [measured],
    `The same onboarding over HTTP, against the same sandbox, measured in turns in one run: start, four reports, outcome. Latencies are those of one onboarding at a time; the rate is measured with ${concurrency} at once, ${perRound} in each of ${systems[0]?.startMs.rounds ?? 0} rounds. CPU time is that of the machine without the callers and the sandbox.`,
    '![Compared with alternatives](performance/alternatives.svg)',
    alternativesTable(measured.figures),
    words,
  );
};
