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

/** Those of a batch's onboardings that stand so, as a query of Temporal's visibility: their search attributes are the batch's ledger. */
export const ledgerQuery = (batch: string, standing: keyof OnboardingCounts): string =>
  `${onboardingsOfBatch(batch)} AND ${CONDITIONS[standing]}`;

/** How a batch's onboardings stand. `count` answers with how many workflows fit a query of Temporal's visibility. */
export const countLedger = async (
  batch: string,
  count: (query: string) => Promise<number>,
): Promise<OnboardingCounts> => {
  const of = (standing: keyof OnboardingCounts) => count(ledgerQuery(batch, standing));
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
