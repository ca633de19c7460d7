import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { Gauge, type Registry } from 'prom-client';
import { countStuck } from '../client/lists/stuck.js';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import { OUTCOMES } from '../domain/outcomes.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../shared/time.js';

/** The shortest time between two counts: each runs 14 visibility queries, and scrapes are frequent. */
const MIN_INTERVAL_MS = MINUTE_MS;

/** Leaves most of the visibility rate limit (10 queries a second by default) to other clients. */
const BETWEEN_QUERIES_MS = SECOND_MS / 4;

const { status, pending, pendingSince, reviewDue } = SEARCH_ATTRIBUTES;

const ALL = 'WorkflowType = "onboarding"';
const RUNNING = `${ALL} AND ExecutionStatus = "Running"`;

const isStatus = (word: string): string => `${status.name} = "${word}"`;

/** A condition on a time, such as `CloseTime >` an hour ago. */
const sinceAgo = (comparison: string, ago: number, now: number): string =>
  `${comparison} "${new Date(now - ago).toISOString()}"`;

/** Onboardings that wait for longer than usual, so that an operator may have to act. */
const WAITING = {
  /** There is no registration yet, because Verifik fails or rejects the calls. */
  registering: { condition: isStatus('registering'), forMs: 15 * MINUTE_MS },
  /** All required checks are reported as passed, and Verifik has not confirmed them. */
  unconfirmed: { condition: `${isStatus('validating')} AND ${pending.name} IS NULL`, forMs: HOUR_MS },
  inReview: { condition: isStatus('inReview'), forMs: DAY_MS },
  applicant: { condition: `${isStatus('validating')} AND ${pending.name} IS NOT NULL`, forMs: DAY_MS },
} as const;

const queries = (now: number) => {
  const lastHour = `${ALL} AND ${sinceAgo('CloseTime >', HOUR_MS, now)}`;
  return {
    running: RUNNING,
    waiting: Object.entries(WAITING).map(([on, { condition, forMs }]) => ({
      labels: { on },
      query: `${RUNNING} AND ${condition} AND ${sinceAgo(`${pendingSince.name} <`, forMs, now)}`,
    })),
    inReview: [
      { labels: { due: 'later' }, query: `${RUNNING} AND ${sinceAgo(`${reviewDue.name} >=`, 0, now)}` },
      { labels: { due: 'overdue' }, query: `${RUNNING} AND ${sinceAgo(`${reviewDue.name} <`, 0, now)}` },
    ],
    lastHour: [
      { labels: { what: 'started' }, query: `${ALL} AND ${sinceAgo('StartTime >', HOUR_MS, now)}` },
      ...OUTCOMES.map((what) => ({ labels: { what }, query: `${lastHour} AND ${isStatus(what)}` })),
      // Failed workflows have no outcome: an operator has to fix the cause and start the onboarding again.
      { labels: { what: 'failed' }, query: `${lastHour} AND ExecutionStatus = "Failed"` },
    ],
  };
};

export interface Counting {
  readonly count: (query: string) => Promise<number>;
  readonly stuck: () => Promise<number>;
}

/** Counts with a Temporal client. */
export const countingBy = ({ workflow, workflowService, options: { namespace } }: Client): Counting => ({
  count: async (query) => (await workflow.count(query)).count,
  stuck: async () => (await countStuck({ workflowService, namespace })).stuck,
});

/**
 * Adds gauges of the onboardings that are running, are stuck, wait for longer than usual, are in review, or started or
 * ended within the last hour. A scrape never waits: it starts a refresh whose values the next scrape reports. All
 * gateways report the same values: aggregate by the maximum. While Temporal does not answer, no values are reported.
 */
export const showCounts = (registry: Registry, counting: Counting): void => {
  let countedAt = Number.NEGATIVE_INFINITY;

  const collect = (): void => {
    const now = Date.now();
    if (now - countedAt < MIN_INTERVAL_MS) return;
    countedAt = now;
    void recount(now).catch(clear);
  };

  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Gauge({ name, help, labelNames, registers: [registry], collect });

  const running = gauge('gateway_onboardings_running', 'Running onboardings');
  const stuck = gauge('gateway_onboardings_stuck', 'Onboardings whose workflow task keeps failing');
  const waiting = gauge(
    'gateway_onboardings_waiting',
    'Onboardings that wait for longer than usual, by what they wait for',
    'on',
  );
  const inReview = gauge('gateway_onboardings_in_review', 'Open reviews that are due later or overdue', 'due');
  const lastHour = gauge(
    'gateway_onboardings_last_hour',
    'Onboardings that started or ended within the last hour, by outcome',
    'what',
  );

  const clear = (): void => {
    running.remove();
    stuck.remove();
    waiting.reset();
    inReview.reset();
    lastHour.reset();
  };

  const spaced = async (counted: Promise<number>): Promise<number> => {
    const found = await counted;
    await pause(BETWEEN_QUERIES_MS, undefined, { ref: false });
    return found;
  };

  const recount = async (now: number): Promise<void> => {
    const all = queries(now);
    const count = (query: string): Promise<number> => spaced(counting.count(query));
    running.set(await count(all.running));
    stuck.set(await spaced(counting.stuck()));
    for (const { labels, query } of all.waiting) waiting.set(labels, await count(query));
    for (const { labels, query } of all.inReview) inReview.set(labels, await count(query));
    for (const { labels, query } of all.lastHour) lastHour.set(labels, await count(query));
  };

  clear();
};
