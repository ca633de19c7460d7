import {
  condition,
  continueAsNew,
  isCancellation,
  log,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { ReportActivities, ReportsOutcome } from '../../contract/activities.js';
import { type AnyReport, addReportsSignal } from '../../contract/messages.js';
import type {
  PendingReportsCarried,
  PendingReportsInput,
  PendingReportsResult,
  Route,
} from '../../contract/report-routing.js';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import { formatUtc } from '../shared/format-utc.js';
import { countPendingReports } from '../shared/metrics.js';

/**
 * The pause before and after each delivery: reports of a burst are delivered together, with at most one signal a
 * second.
 */
const COLLECT_MS = SECOND_MS / 2;

const FIRST_WAIT_MS = SECOND_MS;
const LONGEST_WAIT_MS = 15 * MINUTE_MS;

/** A report is dropped after this time. */
const EXPIRY_MS = DAY_MS;

const MAX_WAITING = 200;

/** A queue of reports without duplicates, the oldest first, with counts of the reports that have left it. */
class PendingReports {
  readonly #waiting: Map<string, { readonly report: AnyReport; readonly since: number }>;
  #result: PendingReportsResult;
  #addedCount = 0;

  constructor({ waiting, delivered, ended, dropped }: Omit<PendingReportsCarried, 'waitMs'>) {
    this.#waiting = new Map(waiting.map((entry) => [JSON.stringify(entry.report), entry]));
    this.#result = { delivered, ended, dropped };
  }

  get reports(): readonly AnyReport[] {
    return [...this.#waiting.values()].map(({ report }) => report);
  }

  /** The number of reports added in this run. Duplicates do not count. */
  get addedCount(): number {
    return this.#addedCount;
  }

  get result(): PendingReportsResult {
    return this.#result;
  }

  /** The time at which the oldest report is dropped; infinity if no report waits. */
  get expiresAt(): number {
    const [oldest] = this.#waiting.values();
    return (oldest?.since ?? Number.POSITIVE_INFINITY) + EXPIRY_MS;
  }

  get carried(): Omit<PendingReportsCarried, 'waitMs'> {
    return { waiting: [...this.#waiting.values()], ...this.#result };
  }

  add(reports: readonly AnyReport[], now: number): void {
    for (const report of reports) {
      const key = JSON.stringify(report);
      if (this.#waiting.has(key)) continue;
      this.#waiting.set(key, { report, since: now });
      this.#addedCount += 1;
      if (this.#waiting.size > MAX_WAITING) this.#dropOldest();
    }
  }

  settle(reports: readonly AnyReport[], outcome: 'delivered' | 'ended'): void {
    // Reports that new ones displaced during the delivery were counted as dropped.
    const displaced = reports.filter((report) => !this.#waiting.delete(JSON.stringify(report))).length;
    const { [outcome]: before, dropped } = this.#result;
    this.#result = { ...this.#result, [outcome]: before + reports.length, dropped: dropped - displaced };
  }

  dropExpired(now: number): void {
    while (this.expiresAt <= now) this.#dropOldest();
  }

  #dropOldest(): void {
    const [oldest] = this.#waiting.keys();
    if (oldest === undefined) return;
    this.#waiting.delete(oldest);
    this.#result = { ...this.#result, dropped: this.#result.dropped + 1 };
  }
}

const NO_REPORTS: PendingReportsCarried = { waiting: [], waitMs: FIRST_WAIT_MS, delivered: 0, ended: 0, dropped: 0 };

/**
 * Keeps reports whose onboarding does not exist yet, or has received as many signals as it accepts for now, and
 * delivers them in one signal as soon as possible. Searches for the onboarding at growing intervals, drops reports
 * after a day, and completes when no report is left.
 */
export async function pendingReports({
  route,
  carried = NO_REPORTS,
}: PendingReportsInput): Promise<PendingReportsResult> {
  const pending = new PendingReports(carried);
  const show = () => setCurrentDetails(details(route, pending));
  setHandler(
    addReportsSignal,
    (reports: unknown) => {
      // The onboarding validates each report.
      if (Array.isArray(reports)) pending.add(reports, Date.now());
      show();
    },
    {
      description:
        'Reports for the onboarding of this route, in the form that the onboarding accepts: [{"about": "email", "status": "validated", "validationId": "65f0a1b2c3d4e5f601234501"}].',
    },
  );
  show();
  for (let { waitMs } = carried; ; ) {
    await sleep(COLLECT_MS, { summary: 'Collect reports that arrive together' });
    const { reports } = pending;
    const outcome = reports.length === 0 ? 'delivered' : await deliver(route, reports);
    if (outcome === 'unknown') {
      pending.dropExpired(Date.now());
      show();
      if (pending.reports.length > 0) await waitForRetry(pending, waitMs);
      waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
    } else {
      pending.settle(reports, outcome);
      show();
      waitMs = FIRST_WAIT_MS;
      await sleep(COLLECT_MS, { summary: 'Signal the onboarding at most once a second' });
    }
    // No `await` between this check and the return: otherwise a report that arrives in between is lost.
    if (pending.reports.length === 0) return finish(pending);
    if (workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof pendingReports>({ route, carried: { ...pending.carried, waitMs } });
  }
}

/** Waits for the next retry. A new report ends the wait, because its onboarding has probably started. */
const waitForRetry = async (pending: PendingReports, waitMs: number): Promise<void> => {
  const { addedCount } = pending;
  const timeoutMs = Math.max(Math.min(waitMs, pending.expiresAt - Date.now()), 1);
  await condition(() => pending.addedCount !== addedCount, timeoutMs);
};

const finish = ({ result }: PendingReports): PendingReportsResult => {
  countPendingReports(result);
  if (result.dropped > 0)
    log.warn('reports were dropped: no onboarding was found for them within a day, or there were too many', {
      dropped: result.dropped,
    });
  return result;
};

const { deliverReports } = proxyActivities<ReportActivities>({
  summary: 'Signal the reports to their onboarding',
  startToCloseTimeout: 10 * SECOND_MS,
  scheduleToCloseTimeout: 15 * MINUTE_MS,
  retry: { initialInterval: SECOND_MS, backoffCoefficient: 2, maximumInterval: MINUTE_MS },
});

const unlessCancelled = (error: unknown): undefined => {
  if (isCancellation(error)) throw error;
  return undefined;
};

/** Delivers reports in one signal. A failed activity counts as `unknown`, so that the workflow retries later. */
const deliver = async (route: Route, reports: readonly AnyReport[]): Promise<ReportsOutcome> =>
  (await deliverReports({ route, reports }).catch(unlessCancelled)) ?? 'unknown';

const ROUTE_LABELS = {
  registration: 'the app registration',
  validation: 'the validation',
  contact: 'the keyed hash of the contact',
} as const;

/** Returns the Markdown that the Temporal UI shows for the workflow. */
const details = (route: Route, { reports, expiresAt, result }: PendingReports): string => {
  const expiry = Number.isFinite(expiresAt) ? ` The oldest is dropped at ${formatUtc(expiresAt)}.` : '';
  return [
    `**Reports that wait for their onboarding: ${reports.length}.** The onboarding is searched by ${ROUTE_LABELS[route.by]}.${expiry}`,
    `Delivered: ${result.delivered}. Onboarding had ended: ${result.ended}. Dropped: ${result.dropped}.`,
  ].join('\n\n');
};
