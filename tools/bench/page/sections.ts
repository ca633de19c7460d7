import type { Compared, Peers, Results } from '../results.js';
import { KINDS, measuredOn, section, table } from './section.js';
import { bytes, figure, spread } from './words.js';

const comparedRow = (name: string, server: string, { onboarding, floor, ratio }: Compared): readonly string[] => [
  name,
  server,
  spread(onboarding),
  spread(floor),
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
            comparedRow('all the way, a second', server, throughput.figures.perSecond),
            comparedRow('CPU time of the worker for each, ms', server, throughput.figures.workerCpuMs),
          ]),
      ...(replay === undefined
        ? []
        : [comparedRow('events replayed a second', server, replay.figures.eventsPerSecond)]),
    ];
  });
  const parts = (['startAlone', 'startCrowded', 'throughput', 'replay'] as const).flatMap((part) =>
    measuredOn(results, part).map(({ measured }) => measured),
  );
  return section(
    'Beside a bare workflow',
    parts,
    'The floor is the least that a workflow of this kind can be on the same SDK, with the same settings of the worker: an update-with-start that answers when one activity, which does nothing, has run; then four signals, and the end. No encryption, no search attributes, no timer, no vendor. An onboarding creates a registration at the sandbox over HTTP, which answers at once, takes four reports, and is confirmed by one read; all that it keeps in Temporal is encrypted, and it can be found by its search attributes. Both are called in the same way by the same process. Medians of the rounds, with the least and the most.',
    '![Ratios to the floor](performance/ratios.svg)',
    table(['', 'server', 'onboarding', 'floor', 'onboarding ÷ floor'], rows, 2),
    'A start is quicker than the floor’s as the registration is created by a local activity, within the workflow task that the caller waits for; a normal activity, as the floor has one, is another round trip over the server.',
  );
};

export const costs = (results: Results): string => {
  const [first] = measuredOn(results, 'costs');
  if (first === undefined) return '';
  const { onboarding, floor } = first.measured.figures;
  const names = [...new Set([...onboarding.actions, ...floor.actions].map(({ what }) => what))];
  const countOf = (counts: typeof onboarding.actions, what: string): number =>
    counts.find((one) => one.what === what)?.count ?? 0;
  const total = (counts: typeof onboarding.actions): number => counts.reduce((sum, { count }) => sum + count, 0);
  const types = [...new Set([...onboarding.events, ...floor.events].map(({ what }) => what))];
  return section(
    'What one leaves in Temporal',
    [first.measured],
    'The dearest happy path: each report has a workflow task of its own. Reports that come close together share one.',
    table(
      ['', 'onboarding', 'floor'],
      [
        ['history events', figure(onboarding.historyEvents), figure(floor.historyEvents)],
        ['bytes of history', bytes(onboarding.historyBytes), bytes(floor.historyBytes)],
        ['actions that Temporal Cloud would count', figure(total(onboarding.actions)), figure(total(floor.actions))],
      ],
    ),
    "Actions by Temporal Cloud's [rules](https://docs.temporal.io/cloud/actions), counted from the history:",
    table(
      ['action', 'onboarding', 'floor'],
      names.map((what) => [what, String(countOf(onboarding.actions, what)), String(countOf(floor.actions, what))]),
    ),
    'The events:',
    table(
      ['event', 'onboarding', 'floor'],
      types.map((what) => [what, String(countOf(onboarding.events, what)), String(countOf(floor.events, what))]),
    ),
  );
};

export const codec = ({ codec: measured }: Results): string =>
  measured === undefined
    ? ''
    : section(
        'Encryption',
        [measured],
        `Payloads are encrypted and read at no less than ${figure(measured.figures.ratioEncode)} and ${figure(measured.figures.ratioDecode)} of the rate at which WebCrypto alone does the same with the same bytes and the same number of them at once: the lowest of the medians below. Above 1, ours is faster: small payloads are spared the round trip to another thread.`,
        table(
          ['bytes', 'at once', 'encrypt, µs', 'WebCrypto, µs', 'ratio', 'read, µs', 'WebCrypto, µs', 'ratio'],
          measured.figures.cases.map(({ bytes: size, batch, encode, decode }) => [
            figure(size),
            String(batch),
            figure(encode.oursMicros),
            figure(encode.floorMicros),
            spread(encode.ratio),
            figure(decode.oursMicros),
            figure(decode.floorMicros),
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
    'Webhooks a second that the gateway answers with 200, from one caller. A new one is answered when Temporal has it; bare Fastify looks at the secret, reads the body and answers, and keeps nothing.',
    table(
      ['server', 'connections', 'new', 'repeats', 'bare Fastify', 'new ÷ Fastify', 'repeats ÷ Fastify'],
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
    'With many open',
    all.map(({ measured }) => measured),
    'Onboardings are open for days. What has to stay flat is what each costs while more and more of them are: latencies are medians, one call at a time; the rate is that of onboardings that go all the way meanwhile, 50 at once.',
    '![Latency and rate with many open](performance/growth.svg)',
    table(
      [
        'server',
        'open',
        'opened a second',
        'start, ms',
        'status, ms',
        'all the way, a second',
        'CPU ms of the worker',
        'in the cache',
        'worker',
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
        `On the ${server} server an onboarding in the worker's cache takes ${bytes(figures.residentBytesPerCachedWorkflow)} of resident memory. A worker that was killed and started again with ${figure(figures.coldStart.open)} open was ready after ${figure(figures.coldStart.readyMs)} ms, answered the first status after ${figure(figures.coldStart.firstStatusMs)} ms, as Temporal waits ten seconds for the worker that it was with, and ${figure(figures.coldStart.statuses)} of them with a median of ${figure(figures.coldStart.statusP50Ms)} ms (99 %: ${figure(figures.coldStart.statusP99Ms)} ms), each replayed from its history; right after that ${figure(figures.coldStart.perSecond)} others a second went all the way.`,
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
        `${figure(figures.open)} open on the ${server} server for ${figures.minutes} minutes, while ${figures.startsPerSecond} a second begin and go all the way.`,
    ),
    '![Latency and memory over time](performance/soak.svg)',
    table(
      [
        'server',
        'minute',
        'start, median, ms',
        'start, 99 %, ms',
        'finished',
        'worker',
        'Temporal server',
        'in the cache',
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

const peersTable = ({ systems }: Peers): string =>
  table(
    [
      '',
      'start, ms',
      'last report to outcome, ms',
      'all the way, a second',
      'CPU ms each',
      'resident, without PostgreSQL',
    ],
    systems.map(({ name, startMs, endMs, perSecond, cpuMs, residentBytes }) => [
      name,
      spread(startMs),
      spread(endMs),
      spread(perSecond),
      spread(cpuMs),
      bytes(residentBytes),
    ]),
  );

/** `words` is what is to be said of it, which no figure says by itself. */
export const peers = (results: Results, words: string): string => {
  const { peers: measured } = results.production;
  if (measured === undefined) return '';
  const { concurrency, perRound, systems } = measured.figures;
  return section(
    'Beside other foundations',
    [measured],
    `The same onboarding over HTTP, against the same sandbox, in turns of one run: start, four reports, outcome. Latencies one at a time; the rate with ${concurrency} at once, ${perRound} in each of ${systems[0]?.startMs.rounds ?? 0} rounds. CPU time is the machine's, without the callers' and the sandbox's.`,
    '![Beside other foundations](performance/peers.svg)',
    peersTable(measured.figures),
    words,
  );
};
