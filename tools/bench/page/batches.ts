import type { Results } from '../results.js';
import { measuredOn, section, table } from './section.js';
import { bytes, figure, spread } from './words.js';

export const audits = (results: Results): string => {
  const all = measuredOn(results, 'audit');
  return section(
    'Audits',
    all.map(({ measured }) => measured),
    'An audit by ids makes one call to Verifik for each. Several workers share the limit; the most that Verifik was asked within any ten seconds may not be beyond it.',
    table(
      [
        'server',
        'workers',
        'registrations',
        'limit, calls a second',
        'made, calls a second',
        'of the limit',
        'most in 10 s',
      ],
      all.map(({ server, measured: { figures } }) => [
        server,
        figure(figures.workers),
        figure(figures.registrations),
        figure(figures.limit),
        figure(figures.callsPerSecond),
        `${figure((figures.callsPerSecond / figures.limit) * 100)} %`,
        figure(figures.busiestTenSeconds),
      ]),
    ),
    'What live callers notice of it: how long they wait for the answer to a start, one at a time, on the same workers.',
    table(
      ['server', 'start, median, ms', 'beside an audit, ms', 'beside ÷ without'],
      all.map(({ server, measured: { figures } }) => [
        server,
        spread(figures.liveStarts.idleMs),
        spread(figures.liveStarts.besideMs),
        spread(figures.liveStarts.ratio),
      ]),
    ),
  );
};

export const streams = (results: Results): string => {
  const all = measuredOn(results, 'stream');
  return section(
    'Files of ids',
    all.map(({ measured }) => measured),
    "A dry run reads a file of ids and writes its report of each. What has to stay flat is the worker's memory: the most that its process had resident.",
    table(
      ['server', 'ids', 'seconds', 'worker'],
      all.flatMap(({ server, measured: { figures } }) =>
        figures.files.map(({ ids, seconds, workerResidentBytes }) => [
          server,
          figure(ids),
          figure(seconds),
          bytes(workerResidentBytes),
        ]),
      ),
    ),
  );
};
