import prettyMs from 'pretty-ms';
import type { BatchResult } from '../../../contract/revalidation.js';
import type { OnboardingCounts } from '../../../domain/revalidation/counts.js';
import type { BatchMode, BatchSource } from '../../../domain/revalidation/request.js';

const NUMBER = new Intl.NumberFormat('en');
const PERCENT = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });

export const inDigits = (n: number): string => NUMBER.format(n);

/** Formats a count with its noun, which is `one` for 1 and `many` otherwise. */
export const countOf = (n: number, one: string, many = `${one}s`): string => `${inDigits(n)} ${n === 1 ? one : many}`;

/** Formats a part of a whole as a percentage. */
export const share = (part: number, whole: number): string => {
  if (part === 0 || whole === 0) return PERCENT.format(0);
  return part / whole < 0.001 ? `under ${PERCENT.format(0.001)}` : PERCENT.format(part / whole);
};

export const inTime = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

export const inDuration = (ms: number): string => prettyMs(ms, { unitCount: 3, secondsDecimalDigits: 0 });

export const MODES: Readonly<Record<BatchMode, string>> = {
  audit: 'audit: the status at Verifik is compared with the last known outcome',
  reverify: 'reverify: each applicant repeats the chosen checks',
};

/** Says why a scan ended before the end of its source, if it did. */
export const stopText = ({ stopped, budgetSpent }: Pick<BatchResult, 'stopped' | 'budgetSpent'>): string => {
  if (stopped === undefined) return 'no';
  if (stopped === 'budget') return 'yes, the credit budget is spent';
  return budgetSpent ? 'yes, the credit budget was spent, and then it was cancelled' : 'yes, it was cancelled';
};

/** The reasons why a batch has no final report. */
export const UNFINISHED = {
  scanning: 'it is scanning its source',
  paused: 'it is paused',
  waiting: 'onboardings of the batch are running',
  ending: 'it is about to end',
  failed: 'it failed',
  stopped: 'it was stopped in Temporal',
} as const;

export type Unfinished = keyof typeof UNFINISHED;

/** The statuses of a batch's onboardings, with their meanings. */
export const ONBOARDINGS: Readonly<Record<keyof OnboardingCounts, string>> = {
  verified: 'every chosen check passed',
  rejected: 'the applicant was rejected',
  expired: 'the applicant did not finish in time',
  withdrawn: 'it was withdrawn before its end',
  running: 'it has not ended yet',
  failed: 'it ended with an error and without an outcome: see the Temporal UI',
};

const listed = (words: readonly string[]): string =>
  new Intl.ListFormat('en', { type: 'disjunction' }).format([...words]);

const FORMATS = { csv: 'a CSV file', ndjson: 'an NDJSON file' } as const;

const named = (what: string, id: string | undefined): readonly string[] => (id === undefined ? [] : [`${what} ${id}`]);

/** Describes a source. */
export const inWords = (source: BatchSource): string => {
  switch (source.kind) {
    case 'dueBefore':
      return [
        `the customers whose outcome is valid for less than ${inDuration(source.withinMs)} after the start`,
        ...named('project', source.project),
        ...named('project flow', source.projectFlow),
      ].join(', ');
    case 'ids':
      return `${countOf(source.ids.length, 'registration')}, given with the request`;
    case 'file':
      return FORMATS[source.format];
    case 'list': {
      const { project, projectFlow, statuses = [], ...times } = source;
      return [
        `Verifik's list of project ${project}`,
        ...named('project flow', projectFlow),
        ...(statuses.length === 0 ? [] : [`status ${listed(statuses)}`]),
        ...(times.createdAfter === undefined ? [] : [`created after ${inTime(times.createdAfter)}`]),
        ...(times.createdBefore === undefined ? [] : [`created before ${inTime(times.createdBefore)}`]),
        ...(times.updatedAfter === undefined ? [] : [`updated after ${inTime(times.updatedAfter)}`]),
        ...(times.updatedBefore === undefined ? [] : [`updated before ${inTime(times.updatedBefore)}`]),
      ].join(', ');
    }
  }
};

/** Warns of a batch that looks clean because it looked at nothing. */
export const nothingFoundIn = (source: BatchSource): string =>
  `Nothing was found. The source was ${inWords(source)}: check its ids and filters.`;
