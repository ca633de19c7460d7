import type { Outcome } from '../domain/outcomes.js';
import type { OnboardingCounts } from '../domain/revalidation/counts.js';
import { quoted } from './report-routing.js';
import { onboardingsOfBatch } from './revalidation.js';
import { SEARCH_ATTRIBUTES } from './search-attributes.js';

const endedAs = (outcome: Outcome): string =>
  `ExecutionStatus = "Completed" AND ${SEARCH_ATTRIBUTES.status.name} = ${quoted(outcome)}`;

const CONDITIONS: Readonly<Record<keyof OnboardingCounts, string>> = {
  verified: endedAs('verified'),
  rejected: endedAs('rejected'),
  expired: endedAs('expired'),
  withdrawn: endedAs('withdrawn'),
  running: 'ExecutionStatus = "Running"',
  failed: 'ExecutionStatus IN ("Failed", "Terminated", "Canceled", "TimedOut")',
};

export const ledgerQuery = (batch: string, status: keyof OnboardingCounts): string =>
  `${onboardingsOfBatch(batch)} AND ${CONDITIONS[status]}`;

/** Counts a batch's onboardings by status. `count` returns the number of workflows that match a visibility query. */
export const countLedger = async (
  batch: string,
  count: (query: string) => Promise<number>,
): Promise<OnboardingCounts> => {
  const of = (status: keyof OnboardingCounts) => count(ledgerQuery(batch, status));
  const [verified, rejected, expired, withdrawn, running, failed] = await Promise.all([
    of('verified'),
    of('rejected'),
    of('expired'),
    of('withdrawn'),
    of('running'),
    of('failed'),
  ]);
  return { verified, rejected, expired, withdrawn, running, failed };
};
