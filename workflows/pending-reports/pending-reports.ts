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
import { type AnyReport, parkSignal } from '../../contract/messages.js';
import type { ParkedCarried, ParkedReportsInput, ParkedReportsResult, Route } from '../../contract/report-routing.js';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import { moment } from '../shared/format-utc.js';
import { countParkedReports } from '../shared/metrics.js';

/** Reports of a burst are taken together, and the next run begins no sooner than this after a delivery: one signal a second at most. */
const COLLECT_MS = SECOND_MS / 2;

const FIRST_WAIT_MS = SECOND_MS;
const LONGEST_WAIT_MS = 15 * MINUTE_MS;

/** How long a report waits for its onboarding. */
const KEPT_MS = DAY_MS;

const MAX_WAITING = 200;

/** Reports that wait, each once, the oldest first; and what became of the others. */
class Parked {
  readonly #waiting: Map<string, { readonly report: AnyReport; readonly since: number }>;
  #result: ParkedReportsResult;
  #taken = 0;

  constructor({ waiting, delivered, over, dropped }: Omit<ParkedCarried, 'waitMs'>) {
    this.#waiting = new Map(waiting.map((one) => [JSON.stringify(one.report), one]));
    this.#result = { delivered, over, dropped };
  }

  get reports(): readonly AnyReport[] {
    return [...this.#waiting.values()].map(({ report }) => report);
  }

  /** Grows with every report that is new. */
  get taken(): number {
    return this.#taken;
  }

  get result(): ParkedReportsResult {
    return this.#result;
  }

  /** When the oldest report is dropped. */
  get keptUntil(): number {
    const [oldest] = this.#waiting.values();
    return (oldest?.since ?? Number.POSITIVE_INFINITY) + KEPT_MS;
  }

  get carried(): Omit<ParkedCarried, 'waitMs'> {
    return { waiting: [...this.#waiting.values()], ...this.#result };
  }

  take(reports: readonly AnyReport[], now: number): void {
    for (const report of reports) {
      const key = JSON.stringify(report);
      if (this.#waiting.has(key)) continue;
      this.#waiting.set(key, { report, since: now });
      this.#taken += 1;
      if (this.#waiting.size > MAX_WAITING) this.#dropOldest();
    }
  }

  settle(reports: readonly AnyReport[], outcome: 'delivered' | 'over'): void {
    // What had to make room while it was handed over was counted as dropped, and was not.
    const saved = reports.filter((report) => !this.#waiting.delete(JSON.stringify(report))).length;
    const { [outcome]: before, dropped } = this.#result;
    this.#result = { ...this.#result, [outcome]: before + reports.length, dropped: dropped - saved };
  }

  dropOld(now: number): void {
    while (this.keptUntil <= now) this.#dropOldest();
  }

  #dropOldest(): void {
    const [oldest] = this.#waiting.keys();
    if (oldest === undefined) return;
    this.#waiting.delete(oldest);
    this.#result = { ...this.#result, dropped: this.#result.dropped + 1 };
  }
}

const NOTHING: ParkedCarried = { waiting: [], waitMs: FIRST_WAIT_MS, delivered: 0, over: 0, dropped: 0 };

/**
 * Keeps reports whose onboarding cannot take them now: there is none yet, or it has been told enough for the moment. Hands them over
 * together as soon as it can, looking ever more rarely for a day; then drops them. Ends when nothing waits any more.
 */
export async function parkedReports({ route, carried = NOTHING }: ParkedReportsInput): Promise<ParkedReportsResult> {
  const parked = new Parked(carried);
  const show = () => setCurrentDetails(details(route, parked));
  setHandler(
    parkSignal,
    (reports: unknown) => {
      // Whoever sends something else is not served: the onboarding reads each report for itself.
      if (Array.isArray(reports)) parked.take(reports, Date.now());
      show();
    },
    {
      description:
        'Reports for the onboarding of this route, as the onboarding takes them: [{"about": "email", "status": "validated", "validationId": "65f0a1b2c3d4e5f601234501"}].',
    },
  );
  show();
  for (let { waitMs } = carried; ; ) {
    await sleep(COLLECT_MS, { summary: 'For what comes with it' });
    const { reports } = parked;
    const outcome = reports.length === 0 ? 'delivered' : await deliver(route, reports);
    if (outcome === 'unknown') {
      parked.dropOld(Date.now());
      show();
      if (parked.reports.length > 0) await waitForMore(parked, waitMs);
      waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
    } else {
      parked.settle(reports, outcome);
      show();
      waitMs = FIRST_WAIT_MS;
      await sleep(COLLECT_MS, { summary: 'So that the onboarding is told once a second at most' });
    }
    // Nothing may be awaited from here on: a report that comes now is taken by this run or the next.
    if (parked.reports.length === 0) return finish(parked);
    if (workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof parkedReports>({ route, carried: { ...parked.carried, waitMs } });
  }
}

/** Until it is time to look again, or until something else has come that might be there for it. */
const waitForMore = async (parked: Parked, waitMs: number): Promise<void> => {
  const { taken } = parked;
  const untilMs = Math.max(Math.min(waitMs, parked.keptUntil - Date.now()), 1);
  await condition(() => parked.taken !== taken, untilMs);
};

const finish = ({ result }: Parked): ParkedReportsResult => {
  countParkedReports(result);
  if (result.dropped > 0)
    log.warn('reports were dropped: there was no onboarding for them in time, or there were too many', {
      dropped: result.dropped,
    });
  return result;
};

const SUMMARY = 'Hand the reports to their onboarding';

const { deliverReports } = proxyActivities<ReportActivities>({
  summary: SUMMARY,
  startToCloseTimeout: 10 * SECOND_MS,
  scheduleToCloseTimeout: 15 * MINUTE_MS,
  retry: { initialInterval: SECOND_MS, backoffCoefficient: 2, maximumInterval: MINUTE_MS },
});

const unlessCancelled = (error: unknown): undefined => {
  if (isCancellation(error)) throw error;
  return undefined;
};

/** Delivers reports together. Those that cannot be delivered are tried again later. */
const deliver = async (route: Route, reports: readonly AnyReport[]): Promise<ReportsOutcome> =>
  (await deliverReports({ route, reports }).catch(unlessCancelled)) ?? 'unknown';

const LOOKED_FOR_BY = {
  registration: 'the app registration',
  validation: 'the validation',
  contact: 'the keyed hash of the contact',
} as const;

/** What waits, as the Markdown that the Temporal UI shows for a workflow. */
const details = (route: Route, { reports, keptUntil, result: { delivered, over, dropped } }: Parked): string => {
  const until = Number.isFinite(keptUntil) ? ` The first is dropped ${moment(keptUntil)}.` : '';
  return [
    `**Reports that wait for their onboarding: ${reports.length}.** It is looked for by ${LOOKED_FOR_BY[route.by]}.${until}`,
    `Delivered: ${delivered}. Its onboarding had ended: ${over}. Dropped: ${dropped}.`,
  ].join('\n\n');
};
