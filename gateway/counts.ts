import { setTimeout as pause } from 'node:timers/promises';
import { Gauge, type Registry } from 'prom-client';
import { OUTCOMES } from '../domain/outcomes.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../domain/time.js';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes.js';

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

/**
 * Shows how many onboardings run, how many of them have waited for longer than is usual and what for, and what the last hour brought: as
 * Temporal's visibility has it, which counts everything once. Whoever looks is not kept waiting: what a look sets off is seen by the next.
 * Every process shows the same: take the maximum. While Temporal cannot be asked, nothing is shown.
 *
 * @param count how many workflows a visibility query finds.
 */
export const showCounts = (registry: Registry, count: (query: string) => Promise<number>): void => {
  let countedAt = Number.NEGATIVE_INFINITY;

  const collect = (): void => {
    const now = Date.now();
    if (now - countedAt < COUNT_EVERY_MS) return;
    countedAt = now;
    void recount(now).catch(clear);
  };

  const common = { registers: [registry], collect };
  const running = new Gauge({ name: 'gateway_onboardings_running', help: 'Onboardings that run', ...common });
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
    waiting.reset();
    lastHour.reset();
  };

  const ask = async (query: string): Promise<number> => {
    const found = await count(query);
    await pause(BETWEEN_QUERIES_MS, undefined, { ref: false });
    return found;
  };

  const recount = async (now: number): Promise<void> => {
    const asked = queries(now);
    running.set(await ask(asked.running));
    for (const { labels, query } of asked.waiting) waiting.set(labels, await ask(query));
    for (const { labels, query } of asked.lastHour) lastHour.set(labels, await ask(query));
  };

  clear();
};
