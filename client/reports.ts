import { type Client, type WorkflowExecutionInfo, WorkflowNotFoundError } from '@temporalio/client';
import { LRUCache } from 'lru-cache';
import { listWorkflows } from '../codec/memos.js';
import {
  type AnyReport,
  addReportsSignal,
  appRegistrationSignal,
  DEFAULT_TASK_QUEUE,
  PENDING_REPORTS_WORKFLOW,
  validationSignals,
} from '../contract/messages.js';
import {
  type Found,
  findByRoute,
  firstOf,
  type ListRuns,
  type PendingReportsInput,
  type PendingReportsResult,
  type Route,
  workflowIdOfPendingReports,
} from '../contract/report-routing.js';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import { defined } from '../shared/defined.js';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../shared/time.js';
import { OnboardingError, withOnboardingErrors } from './errors.js';
import { KnownRoutes, type RoutedOnboarding } from './known-routes.js';
import type { StartedOnboarding } from './start.js';

/** The result of routing a report. */
export type ReportResult =
  /** The onboarding has received it. */
  | 'delivered'
  /** A pending-report workflow keeps it until the onboarding can take it. */
  | 'pending'
  /** It repeats the last report on the same subject, which has been delivered or kept. */
  | 'repeated'
  /** The onboarding has ended. */
  | 'ended';

export interface ReportRouterOptions {
  /** The task queue of the workers. Default `verifik-onboarding`. */
  readonly taskQueue?: string;
  /**
   * The time after which `deliver` times out, in ms. Default 750, so that a busy gateway responds to a webhook within a
   * second.
   */
  readonly withinMs?: number;
  /**
   * How many reports in a row are signalled to one onboarding at once. Further ones are kept, and delivered together.
   * Default 20: more than an applicant causes, who has some 15 within a minute.
   */
  readonly signalsAtOnce?: number;
  /** How many signals per second an onboarding regains until it may take `signalsAtOnce` again. Default 3. */
  readonly signalsPerSecond?: number;
  /** The maximum unknown onboardings per minute whose reports are kept. Beyond it, `deliver` throws. Default 600. */
  readonly pendingPerMinute?: number;
}

interface LastReport {
  readonly status: string;
  readonly result: Promise<ReportResult>;
}

interface TokenBucket {
  readonly tokens: number;
  /** In ms, by the clock of `performance`. */
  readonly at: number;
}

type PendingReportsWorkflow = (input: PendingReportsInput) => Promise<PendingReportsResult>;

const DEFAULTS = {
  taskQueue: DEFAULT_TASK_QUEUE,
  withinMs: 750,
  signalsAtOnce: 20,
  signalsPerSecond: 3,
  pendingPerMinute: 600,
};

const CACHE_SIZE = 5_000;

/** The deadline of a delivery. Longer than `withinMs`: a busy server would do the work of a cancelled call twice. */
const DELIVERY_MS = 5 * SECOND_MS;

const toOnboarding = ({ workflowId, typedSearchAttributes }: WorkflowExecutionInfo): RoutedOnboarding =>
  defined({ workflowId, appRegistrationId: typedSearchAttributes.get(SEARCH_ATTRIBUTES.registrationIds)?.[0] });

/** Identifies the subject of a report: everything but its status. */
const subjectOf = ({ status: _status, ...subject }: AnyReport, routes: readonly Route[]): string =>
  JSON.stringify([subject, routes]);

/** Chooses the route under which a report is kept. A validation comes last: its onboarding may not know it yet. */
const pendingRoute = (routes: readonly Route[]): Route | undefined =>
  (['registration', 'contact', 'validation'] as const)
    .map((by) => routes.find((route) => route.by === by))
    .find((route) => route !== undefined);

/**
 * True if an ended onboarding ends the search. The same contact may start another onboarding, so an ended one does not
 * settle a report that also names a registration.
 */
const endsSearch = (route: Route, routes: readonly Route[]): boolean =>
  route.by !== 'contact' || routes.every(({ by }) => by !== 'registration');

const searchAttributesOf = (route: Route) => {
  switch (route.by) {
    case 'registration':
      return [{ key: SEARCH_ATTRIBUTES.registrationIds, value: [route.appRegistrationId] }];
    case 'validation':
      return [{ key: SEARCH_ATTRIBUTES.validationIds, value: route.validationId }];
    case 'contact':
      return [{ key: SEARCH_ATTRIBUTES.contact, value: [route.contactKey] }];
  }
};

/** Routes reports to their onboardings, directly by a signal or through a workflow that keeps pending reports. */
export class ReportRouter {
  readonly #temporal: Client;
  readonly #options: Required<ReportRouterOptions>;
  readonly #lastReports = new LRUCache<string, LastReport>({ max: CACHE_SIZE, ttl: 10 * MINUTE_MS });
  readonly #known = new KnownRoutes();
  /** The pending-report workflows that were started in the last minute. */
  readonly #kept = new LRUCache<string, true>({ max: CACHE_SIZE, ttl: MINUTE_MS });
  /** The token bucket of each onboarding's signals. */
  readonly #signals = new LRUCache<string, TokenBucket>({ max: CACHE_SIZE, ttl: HOUR_MS });

  constructor(temporal: Client, options: ReportRouterOptions = {}) {
    this.#temporal = temporal;
    this.#options = { ...DEFAULTS, ...options };
  }

  /** Learns which onboarding has a registration, so that its reports need no search. */
  learn(started: StartedOnboarding): void {
    this.#known.learnRegistration(started);
  }

  /**
   * Delivers a report to the onboarding of the first route that finds one. The call may be repeated. After a timeout,
   * the delivery goes on for some seconds, and a repeated call waits for its result.
   *
   * @throws OnboardingError `TimedOut` or `Unavailable`: send the report again.
   */
  async deliver(report: AnyReport, routes: readonly Route[]): Promise<ReportResult> {
    const subject = subjectOf(report, routes);
    const last = this.#lastReports.get(subject);
    if (last?.status === report.status) {
      const result = await this.#withTimeout(last.result);
      return result === 'ended' ? 'ended' : 'repeated';
    }
    const result = withOnboardingErrors(() =>
      this.#temporal.withDeadline(Date.now() + DELIVERY_MS, () => this.#route(report, routes)),
    );
    const current: LastReport = { status: report.status, result };
    this.#lastReports.set(subject, current);
    result.catch(() => {
      if (this.#lastReports.peek(subject) === current) this.#lastReports.delete(subject);
    });
    return this.#withTimeout(result);
  }

  async #route(report: AnyReport, routes: readonly Route[]): Promise<ReportResult> {
    const result = await this.#signalFound(report, routes);
    if (result === undefined) return this.#keepUnknown(report, routes);
    this.#known.learnValidation(routes);
    return result;
  }

  /** Signals the onboardings of the first route that finds one; returns `undefined` if none does. */
  async #signalFound(report: AnyReport, routes: readonly Route[]): Promise<ReportResult | undefined> {
    for (const route of routes) {
      const cached = this.#known.get(route);
      const cachedResult = cached && (await this.#signalAll(cached, report, route));
      if (cachedResult !== undefined) return cachedResult;
      const found = await this.#find(route);
      if (found.kind === 'ended' && endsSearch(route, routes)) return 'ended';
      // Visibility may still list an ended onboarding as running.
      if (found.kind === 'running') return (await this.#signalAll(found.onboardings, report, route)) ?? 'ended';
    }
    return undefined;
  }

  async #find(route: Route): Promise<Found<RoutedOnboarding>> {
    this.#known.delete(route);
    const found = await findByRoute(route, this.#list, Date.now());
    // The same contact may start another onboarding.
    if (found.kind === 'running' && route.by !== 'contact') this.#known.set(route, found.onboardings);
    return found;
  }

  readonly #list: ListRuns<RoutedOnboarding> = async (query, atMost) =>
    (await firstOf(listWorkflows(this.#temporal, { query, pageSize: atMost }), atMost)).map(toOnboarding);

  /** Signals the onboardings; returns `undefined` if none of them is still running. */
  async #signalAll(onboardings: readonly RoutedOnboarding[], report: AnyReport, route: Route) {
    const results = await Promise.all(onboardings.map((onboarding) => this.#signalOne(onboarding, report, route)));
    return results.find((result) => result === 'delivered') ?? results.find((result) => result === 'pending');
  }

  async #signalOne({ workflowId, appRegistrationId }: RoutedOnboarding, report: AnyReport, route: Route) {
    if (!this.#maySignal(workflowId))
      return this.#keep(report, appRegistrationId === undefined ? route : { by: 'registration', appRegistrationId });
    const handle = this.#temporal.workflow.getHandle(workflowId);
    try {
      const { about, ...rest } = report;
      await handle.signal(about === 'appRegistration' ? appRegistrationSignal : validationSignals[about], rest);
      return 'delivered' as const;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }

  #maySignal(workflowId: string): boolean {
    const { signalsAtOnce, signalsPerSecond } = this.#options;
    const now = performance.now();
    const { tokens: left, at } = this.#signals.get(workflowId) ?? { tokens: signalsAtOnce, at: now };
    const tokens = Math.min(left + ((now - at) / SECOND_MS) * signalsPerSecond, signalsAtOnce);
    if (tokens < 1) return false;
    this.#signals.set(workflowId, { tokens: tokens - 1, at: now });
    return true;
  }

  /** Limits how many pending-report workflows start per minute, so that invented reports cannot fill Temporal. */
  #mayKeep(workflowId: string): boolean {
    if (this.#kept.has(workflowId)) return true;
    this.#kept.purgeStale();
    if (this.#kept.size >= this.#options.pendingPerMinute) return false;
    this.#kept.set(workflowId, true);
    return true;
  }

  async #keepUnknown(report: AnyReport, routes: readonly Route[]): Promise<'pending'> {
    const route = pendingRoute(routes);
    if (route === undefined) throw new OnboardingError('InvalidRequest', 'routes: expected at least one');
    if (!this.#mayKeep(workflowIdOfPendingReports(route)))
      throw new OnboardingError('Unavailable', 'too many reports on unknown onboardings');
    return this.#keep(report, route);
  }

  async #keep(report: AnyReport, route: Route): Promise<'pending'> {
    await this.#temporal.workflow.signalWithStart<PendingReportsWorkflow, [readonly AnyReport[]]>(
      PENDING_REPORTS_WORKFLOW,
      {
        workflowId: workflowIdOfPendingReports(route),
        taskQueue: this.#options.taskQueue,
        args: [{ route }],
        signal: addReportsSignal,
        signalArgs: [[report]],
        staticSummary: 'Keeps reports until their onboarding can take them',
        typedSearchAttributes: searchAttributesOf(route),
      },
    );
    return 'pending';
  }

  /** Waits for a delivery until the timeout. */
  #withTimeout(delivery: Promise<ReportResult>): Promise<ReportResult> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new OnboardingError('TimedOut', 'the call timed out')), this.#options.withinMs);
    });
    return Promise.race([delivery, late]).finally(() => clearTimeout(timer));
  }
}
