import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { Gauge, type Registry } from 'prom-client';
import { countStuck } from '../client/stuck.js';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import { OUTCOMES } from '../domain/outcomes.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../shared/time.js';

/** How often is counted, at most: each count is a query of Temporal's visibility, and scrapes come often. */
const COUNT_EVERY_MS = MINUTE_MS;

/** Temporal takes 10 queries of its visibility a second by default, and others have some to ask. */
const BETWEEN_QUERIES_MS = SECOND_MS / 4;

const { status, pending, pendingSince } = SEARCH_ATTRIBUTES;

const ALL = 'WorkflowType = "onboarding"';
const RUNNING = `${ALL} AND ExecutionStatus = "Running"`;

const isStatus = (word: string): string => `${status.name} = "${word}"`;

/** A condition on a moment, such as `CloseTime >` an hour ago. */
const sinceAgo = (comparison: string, ago: number, now: number): string =>
  `${comparison} "${new Date(now - ago).toISOString()}"`;

/** What somebody may have to do something about, when it lasts for longer than is usual. */
const WAITING = {
  /** Nobody has a registration: Verifik does not answer, or its answers cannot be taken. */
  registering: { condition: isStatus('registering'), forMs: 15 * MINUTE_MS },
  /** Everything has been reported as passed, and Verifik has not confirmed it. */
  unconfirmed: { condition: `${isStatus('validating')} AND ${pending.name} IS NULL`, forMs: HOUR_MS },
  inReview: { condition: isStatus('inReview'), forMs: DAY_MS },
  applicant: { condition: `${isStatus('validating')} AND ${pending.name} IS NOT NULL`, forMs: DAY_MS },
} as const;

/** The queries that count, by gauge and label. */
const queries = (now: number) => {
  const lastHour = `${ALL} AND ${sinceAgo('CloseTime >', HOUR_MS, now)}`;
  return {
    running: RUNNING,
    waiting: Object.entries(WAITING).map(([on, { condition, forMs }]) => ({
      labels: { on },
      query: `${RUNNING} AND ${condition} AND ${sinceAgo(`${pendingSince.name} <`, forMs, now)}`,
    })),
    lastHour: [
      { labels: { what: 'started' }, query: `${ALL} AND ${sinceAgo('StartTime >', HOUR_MS, now)}` },
      ...OUTCOMES.map((what) => ({ labels: { what }, query: `${lastHour} AND ${isStatus(what)}` })),
      // Without an outcome: the cause has to be mended, and the onboarding started again.
      { labels: { what: 'failed' }, query: `${lastHour} AND ExecutionStatus = "Failed"` },
    ],
  };
};

/** The questions to Temporal that the counts come from. */
export interface Counting {
  /** The number of workflows that a visibility query finds. */
  readonly count: (query: string) => Promise<number>;
  /** The number of onboardings whose workflow task keeps failing. */
  readonly stuck: () => Promise<number>;
}

/** Counts by a client's Temporal server. */
export const countingBy = ({ workflow, workflowService, options: { namespace } }: Client): Counting => ({
  count: async (query) => (await workflow.count(query)).count,
  stuck: async () => (await countStuck({ workflowService, namespace })).stuck,
});

/**
 * Shows the onboardings that run, are stuck, or have waited for longer than is usual, and those of the last hour, as counted by Temporal. A
 * scrape never waits: it starts a refresh whose values the next scrape reports. Every process shows the same: take the maximum. While
 * Temporal cannot be asked, nothing is shown.
 */
export const showCounts = (registry: Registry, counting: Counting): void => {
  let countedAt = Number.NEGATIVE_INFINITY;

  const collect = (): void => {
    const now = Date.now();
    if (now - countedAt < COUNT_EVERY_MS) return;
    countedAt = now;
    void recount(now).catch(clear);
  };

  const common = { registers: [registry], collect };
  const running = new Gauge({ name: 'gateway_onboardings_running', help: 'Onboardings that run', ...common });
  const stuck = new Gauge({
    name: 'gateway_onboardings_stuck',
    help: 'Onboardings whose workflow task keeps failing',
    ...common,
  });
  const waiting = new Gauge({
    name: 'gateway_onboardings_waiting',
    help: 'Onboardings that have waited for longer than is usual, by what for',
    labelNames: ['on'],
    ...common,
  });
  const lastHour = new Gauge({
    name: 'gateway_onboardings_last_hour',
    help: 'Onboardings that were started, or ended, within the last hour, by outcome',
    labelNames: ['what'],
    ...common,
  });

  const clear = (): void => {
    running.remove();
    stuck.remove();
    waiting.reset();
    lastHour.reset();
  };

  const spaced = async (counted: Promise<number>): Promise<number> => {
    const found = await counted;
    await pause(BETWEEN_QUERIES_MS, undefined, { ref: false });
    return found;
  };

  const recount = async (now: number): Promise<void> => {
    const asked = queries(now);
    const ask = (query: string): Promise<number> => spaced(counting.count(query));
    running.set(await ask(asked.running));
    stuck.set(await spaced(counting.stuck()));
    for (const { labels, query } of asked.waiting) waiting.set(labels, await ask(query));
    for (const { labels, query } of asked.lastHour) lastHour.set(labels, await ask(query));
  };

  clear();
};
