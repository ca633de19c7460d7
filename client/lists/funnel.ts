import type { Client } from '@temporalio/client';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { type OnboardingStatus, SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import type { CheckName, PerCheck } from '../../domain/checks.js';
import { Reference } from '../../domain/ids.js';
import type { Outcome } from '../../domain/outcomes.js';
import { closed } from '../../shared/decoding.js';
import type { EpochMs } from '../../shared/time.js';
import { readArgument } from '../arguments.js';
import { orThrow } from '../errors.js';
import { allOf, equals, LIST_PROPS, type ListFilter, Moment, visibilityQuery } from './list.js';

/** The onboardings of a funnel: those that started in the period and match all given conditions. */
export interface FunnelFilter extends Pick<ListFilter, 'project' | 'projectFlow' | 'policyName' | 'referencePrefix'> {
  /** The beginning of the period, in ms since the Unix epoch. Default: as far back as Temporal keeps workflows. */
  readonly from?: EpochMs;
  /** The end of the period (exclusive), in ms since the Unix epoch. Default: now. */
  readonly to?: EpochMs;
}

/** How far the onboardings of a period have got by now. The counts are taken one after the other. */
export interface Funnel {
  readonly started: number;
  /** Those without an outcome, by status. */
  readonly open: Readonly<Record<Extract<OnboardingStatus, 'registering' | 'validating' | 'inReview'>, number>>;
  /** Those without an outcome that still have to pass a check. One that has to pass several counts for each. */
  readonly pending: PerCheck<number>;
  readonly ended: Readonly<Record<Outcome, number>>;
  /** Those that failed, or were stopped in Temporal. */
  readonly stopped: number;
}

const { project, projectFlow, policyName } = LIST_PROPS;

const FunnelFields = closed(
  t.partial({ project, projectFlow, policyName, referencePrefix: Reference, from: Moment, to: Moment }),
);

const { status, pending } = SEARCH_ATTRIBUTES;

const startedAt = (comparison: '>=' | '<', at: EpochMs | undefined): string | undefined =>
  at === undefined ? undefined : `StartTime ${comparison} "${new Date(at).toISOString()}"`;

const OPEN = 'ExecutionStatus = "Running"';

/** Returns the query of the filter. A run that continued as new counts by its last run alone. */
const queryOf = (given: FunnelFilter): string => {
  const { from, to, ...filter } = readArgument('filter', FunnelFields, given);
  if (from !== undefined && to !== undefined && from >= to)
    orThrow(E.left([{ field: 'to', expected: 'a time after from' }]));
  return visibilityQuery(
    filter,
    allOf(['ExecutionStatus != "ContinuedAsNew"', startedAt('>=', from), startedAt('<', to)]),
  );
};

/**
 * Counts the onboardings of a period by how far they have got, with 13 visibility queries.
 *
 * @throws OnboardingError `InvalidRequest` if the filter is wrong.
 */
export const readFunnel = async ({ workflow }: Client, filter: FunnelFilter): Promise<Funnel> => {
  const base = queryOf(filter);
  const count = async (...conditions: readonly (string | undefined)[]): Promise<number> =>
    (await workflow.count(allOf([base, ...conditions]))).count;
  const withStatus = (word: OnboardingStatus): string | undefined => equals(status.name, word);
  const open = (word: OnboardingStatus) => count(OPEN, withStatus(word));
  const pendingOn = (check: CheckName) => count(OPEN, equals(pending.name, check));
  // One after the other: few queries a second are permitted.
  return {
    started: await count(),
    open: {
      registering: await open('registering'),
      validating: await open('validating'),
      inReview: await open('inReview'),
    },
    pending: {
      email: await pendingOn('email'),
      phone: await pendingOn('phone'),
      document: await pendingOn('document'),
      biometric: await pendingOn('biometric'),
    },
    ended: {
      verified: await count(withStatus('verified')),
      rejected: await count(withStatus('rejected')),
      expired: await count(withStatus('expired')),
      withdrawn: await count(withStatus('withdrawn')),
    },
    stopped: await count('ExecutionStatus IN ("Failed", "Canceled", "Terminated", "TimedOut")'),
  };
};
