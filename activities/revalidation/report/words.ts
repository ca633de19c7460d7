import prettyMs from 'pretty-ms';
import type { BatchResult } from '../../../contract/revalidation.js';
import type { OnboardingCounts } from '../../../domain/revalidation/counts.js';
import type { BatchMode, BatchSource } from '../../../domain/revalidation/request.js';

const NUMBER = new Intl.NumberFormat('en');
const PERCENT = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });

/** A number for people. */
export const inDigits = (n: number): string => NUMBER.format(n);

/** A count with what is counted: `one("line")` is said for 1, and the other word for any other number. */
export const countOf = (n: number, one: string, many = `${one}s`): string => `${inDigits(n)} ${n === 1 ? one : many}`;

/** A part of a whole, for people. */
export const share = (part: number, whole: number): string => {
  if (part === 0 || whole === 0) return PERCENT.format(0);
  return part / whole < 0.001 ? `under ${PERCENT.format(0.001)}` : PERCENT.format(part / whole);
};

export const inMoment = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

export const inDuration = (ms: number): string => prettyMs(ms, { unitCount: 3, secondsDecimalDigits: 0 });

export const MODES: Readonly<Record<BatchMode, string>> = {
  audit: 'audit: what Verifik says is compared with what is known here',
  reverify: 'reverify: each applicant is asked for the chosen checks again',
};

export const STOPS: Readonly<Record<NonNullable<BatchResult['stopped']>, string>> = {
  budget: 'yes, as the budget of credits was spent',
  cancelled: 'yes, as it was cancelled',
};

/** Why a batch has no report of its own yet, or will have none. */
export const UNFINISHED = {
  walking: 'it walks through its source',
  paused: 'it is paused',
  waiting: 'onboardings that it has begun are running',
  ending: 'it is about to end',
  failed: 'it failed',
  stopped: 'it was stopped in Temporal',
} as const;

export type Unfinished = keyof typeof UNFINISHED;

/** What became of the onboardings that a batch has begun. */
export const ONBOARDINGS: Readonly<Record<keyof OnboardingCounts, string>> = {
  verified: 'every chosen check has passed',
  rejected: 'the applicant was rejected',
  expired: 'the applicant did not finish in time',
  withdrawn: 'it was withdrawn before it was finished',
  running: 'it has not ended yet',
  failed: 'it ended with an error, and so without an outcome: look at it in the Temporal UI',
};

const listed = (words: readonly string[]): string =>
  new Intl.ListFormat('en', { type: 'disjunction' }).format([...words]);

const FORMATS = { csv: 'a CSV file', ndjson: 'a file of NDJSON' } as const;

/** A source in words. */
export const inWords = (source: BatchSource): string => {
  switch (source.kind) {
    case 'ids':
      return `${countOf(source.ids.length, 'registration')}, given with the request`;
    case 'file':
      return FORMATS[source.format];
    case 'list': {
      const { project, projectFlow, standings = [], ...times } = source;
      return [
        `Verifik's list of project ${project}`,
        ...(projectFlow === undefined ? [] : [`project flow ${projectFlow}`]),
        ...(standings.length === 0 ? [] : [`standing ${listed(standings)}`]),
        ...(times.createdAfter === undefined ? [] : [`created after ${inMoment(times.createdAfter)}`]),
        ...(times.createdBefore === undefined ? [] : [`created before ${inMoment(times.createdBefore)}`]),
        ...(times.updatedAfter === undefined ? [] : [`updated after ${inMoment(times.updatedAfter)}`]),
        ...(times.updatedBefore === undefined ? [] : [`updated before ${inMoment(times.updatedBefore)}`]),
      ].join(', ');
    }
  }
};
