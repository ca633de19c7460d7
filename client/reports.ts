import { type Client, type WorkflowExecutionInfo, WorkflowNotFoundError } from '@temporalio/client';
import { LRUCache } from 'lru-cache';
import {
  type AnyReport,
  appRegistrationSignal,
  DEFAULT_TASK_QUEUE,
  PARKED_REPORTS_WORKFLOW,
  parkSignal,
  validationSignals,
} from '../contract/messages.js';
import {
  type Found,
  findByRoute,
  firstOf,
  type ListRuns,
  type ParkedReportsInput,
  type ParkedReportsResult,
  type Route,
  workflowIdOfParked,
} from '../contract/report-routing.js';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../shared/time.js';
import { OnboardingError, told } from './errors.js';

/** What became of a report. */
export type ReportResult =
  /** Its onboarding has it. */
  | 'delivered'
  /** It is kept in Temporal until its onboarding can take it. */
  | 'parked'
  /** The same was the last to be said of the same thing, and has been delivered or parked. */
  | 'repeated'
  /** Its onboarding has ended. */
  | 'over';

export interface ReportRouterOptions {
  /** The task queue that the workers serve. Default `verifik-onboarding`. */
  readonly taskQueue?: string;
  /** How long one report may take, in ms. Default 750: whoever sends it is to be answered within a second, by a process that is busy. */
  readonly withinMs?: number;
  /** How many reports one onboarding is told directly in a second; what is beyond is parked and told together. Default 3. */
  readonly signalsPerSecond?: number;
  /** For how many onboardings that are not there reports may be parked in a minute; those of others are to be sent again. Default 600. */
  readonly parkedPerMinute?: number;
}

interface Onboarding {
  readonly workflowId: string;
  readonly appRegistrationId?: string;
}

interface Said {
  readonly status: string;
  readonly result: Promise<ReportResult>;
}

type ParkedReportsWorkflow = (input: ParkedReportsInput) => Promise<ParkedReportsResult>;

const REMEMBERED = 5_000;

const onboardingOf = ({ workflowId, typedSearchAttributes }: WorkflowExecutionInfo): Onboarding => {
  const [appRegistrationId] = typedSearchAttributes.get(SEARCH_ATTRIBUTES.registrationIds) ?? [];
  return { workflowId, ...(appRegistrationId === undefined ? {} : { appRegistrationId }) };
};

/** What is said something of: reports of the same thing differ in their status alone. */
const subjectOf = ({ status: _status, ...subject }: AnyReport, routes: readonly Route[]): string =>
  JSON.stringify([subject, routes]);

/** The route by which the onboarding of a report will be found once it is there: its validation may not be known to it yet. */
const parkingRoute = (routes: readonly Route[]): Route | undefined =>
  (['registration', 'contact', 'validation'] as const)
    .map((by) => routes.find((route) => route.by === by))
    .find((route) => route !== undefined);

/** A contact comes again: that its former onboarding has ended says nothing of a registration that nobody knows yet. */
const mayEnd = (route: Route, routes: readonly Route[]): boolean =>
  route.by !== 'contact' || routes.every(({ by }) => by !== 'registration');

/** How a workflow that keeps reports is found by what it keeps them for. */
const attributesOf = (route: Route) => {
  switch (route.by) {
    case 'registration':
      return [{ key: SEARCH_ATTRIBUTES.registrationIds, value: [route.appRegistrationId] }];
    case 'validation':
      return [{ key: SEARCH_ATTRIBUTES.validationIds, value: route.validationId }];
    case 'contact':
      return [{ key: SEARCH_ATTRIBUTES.contact, value: [route.contactKey] }];
  }
};

/** Finds the onboardings that reports are for, and hands the reports over: directly, or by a workflow that keeps them. */
export class ReportRouter {
  readonly #temporal: Client;
  readonly #options: Required<ReportRouterOptions>;
  /** What was said last of each thing. */
  readonly #said = new LRUCache<string, Said>({ max: REMEMBERED, ttl: 10 * MINUTE_MS });
  readonly #found = new LRUCache<string, readonly Onboarding[]>({ max: REMEMBERED, ttl: 10 * MINUTE_MS });
  /** What began to be kept lately. */
  readonly #parked = new LRUCache<string, true>({ max: REMEMBERED, ttl: MINUTE_MS });
  /** When each onboarding was told something lately. */
  readonly #signals = new LRUCache<string, readonly number[]>({ max: REMEMBERED, ttl: HOUR_MS });

  constructor(temporal: Client, options: ReportRouterOptions = {}) {
    this.#temporal = temporal;
    this.#options = {
      taskQueue: DEFAULT_TASK_QUEUE,
      withinMs: 750,
      signalsPerSecond: 3,
      parkedPerMinute: 600,
      ...options,
    };
  }

  /**
   * Hands a report over to the onboarding that is found by the first of the routes that finds one. May be repeated.
   *
   * @throws OnboardingError `TimedOut` or `Unavailable`: the report is to be sent again.
   */
  async deliver(report: AnyReport, routes: readonly Route[]): Promise<ReportResult> {
    const subject = subjectOf(report, routes);
    const before = this.#said.get(subject);
    if (before?.status === report.status) {
      const result = await before.result;
      return result === 'over' ? 'over' : 'repeated';
    }
    const result = this.#inTime(() => this.#route(report, routes));
    const said: Said = { status: report.status, result };
    this.#said.set(subject, said);
    try {
      return await result;
    } catch (error) {
      if (this.#said.peek(subject) === said) this.#said.delete(subject);
      throw error;
    }
  }

  async #route(report: AnyReport, routes: readonly Route[]): Promise<ReportResult> {
    for (const route of routes) {
      const cached = this.#found.get(JSON.stringify(route));
      const again = cached && (await this.#tell(cached, report, route));
      if (again !== undefined) return again;
      const found = await this.#find(route);
      if (found.kind === 'over' && mayEnd(route, routes)) return 'over';
      // One that has ended may still be listed as running.
      if (found.kind === 'running') return (await this.#tell(found.onboardings, report, route)) ?? 'over';
    }
    const route = parkingRoute(routes);
    if (route === undefined) throw new OnboardingError('InvalidRequest', 'routes: expected at least one');
    if (!this.#mayPark(workflowIdOfParked(route)))
      throw new OnboardingError('Unavailable', 'too many reports are for onboardings that are not there');
    return this.#park(report, route);
  }

  async #find(route: Route): Promise<Found<Onboarding>> {
    const key = JSON.stringify(route);
    this.#found.delete(key);
    const found = await findByRoute(route, this.#list, Date.now());
    // A contact comes again, with another onboarding.
    if (found.kind === 'running' && route.by !== 'contact') this.#found.set(key, found.onboardings);
    return found;
  }

  readonly #list: ListRuns<Onboarding> = async (query, atMost) =>
    (await firstOf(this.#temporal.workflow.list({ query, pageSize: atMost }), atMost)).map(onboardingOf);

  /** Tells each; `undefined` where none of them runs any more. */
  async #tell(
    onboardings: readonly Onboarding[],
    report: AnyReport,
    route: Route,
  ): Promise<'delivered' | 'parked' | undefined> {
    const results = await Promise.all(onboardings.map((onboarding) => this.#tellOne(onboarding, report, route)));
    return results.find((result) => result === 'delivered') ?? results.find((result) => result === 'parked');
  }

  async #tellOne(
    { workflowId, appRegistrationId }: Onboarding,
    report: AnyReport,
    route: Route,
  ): Promise<'delivered' | 'parked' | undefined> {
    if (!this.#mayTell(workflowId))
      return this.#park(report, appRegistrationId === undefined ? route : { by: 'registration', appRegistrationId });
    const handle = this.#temporal.workflow.getHandle(workflowId);
    try {
      if (report.about === 'appRegistration') {
        const { about: _about, ...rest } = report;
        await handle.signal(appRegistrationSignal, rest);
      } else {
        const { about, ...rest } = report;
        await handle.signal(validationSignals[about], rest);
      }
      return 'delivered';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }

  #mayTell(workflowId: string): boolean {
    const now = performance.now();
    const lately = (this.#signals.get(workflowId) ?? []).filter((at) => now - at < SECOND_MS);
    if (lately.length >= this.#options.signalsPerSecond) return false;
    this.#signals.set(workflowId, [...lately, now]);
    return true;
  }

  /** What is for nobody here, or made up, must not take the place of what is for somebody. */
  #mayPark(workflowId: string): boolean {
    if (this.#parked.has(workflowId)) return true;
    this.#parked.purgeStale();
    if (this.#parked.size >= this.#options.parkedPerMinute) return false;
    this.#parked.set(workflowId, true);
    return true;
  }

  async #park(report: AnyReport, route: Route): Promise<'parked'> {
    await this.#temporal.workflow.signalWithStart<ParkedReportsWorkflow, [readonly AnyReport[]]>(
      PARKED_REPORTS_WORKFLOW,
      {
        workflowId: workflowIdOfParked(route),
        taskQueue: this.#options.taskQueue,
        args: [{ route }],
        signal: parkSignal,
        signalArgs: [[report]],
        staticSummary: 'Keeps reports until their onboarding can take them',
        typedSearchAttributes: attributesOf(route),
      },
    );
    return 'parked';
  }

  /** Waits no longer than there is time, even where Temporal's client would. */
  #inTime<A>(call: () => Promise<A>): Promise<A> {
    const { withinMs } = this.#options;
    return told(async () => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(new OnboardingError('TimedOut', 'no answer in time')), withinMs);
      });
      const answer = this.#temporal.withDeadline(Date.now() + withinMs, call);
      return Promise.race([answer, late]).finally(() => clearTimeout(timer));
    });
  }
}
