import type { Results } from '../results.js';
import { bytes, figure, measuredOn, section, spread, table } from './section.js';

export const audits = (results: Results): string => {
  const all = measuredOn(results, 'audit');
  return section(
    'Audits',
    all.map(({ measured }) => measured),
    'An audit by ids makes one call to Verifik for each id. All workers share the limit of calls. The last column is the maximum number of calls within any ten seconds, which must not exceed ten times the limit.',
    table(
      [
        'server',
        'workers',
        'registrations',
        'limit, calls per second',
        'made, calls per second',
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
    'The latency of starts on the same workers, one at a time, without and with an audit in progress:',
    table(
      ['server', 'start, median, ms', 'during an audit, ms', 'during ÷ without'],
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
    "A dry run reads a file of ids and writes a report with a line for each. The worker's peak resident memory should not depend on the number of ids.",
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
