import { CancellationScope, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { HandOverActivities } from '../../contract/activities.js';
import type { OnboardingInput } from '../../contract/messages.js';
import { eventsAfter } from '../../domain/changes.js';
import { HOUR_MS, MINUTE_MS } from '../../shared/time.js';
import { faultOf } from '../shared/activity-failures.js';
import type { Casefile } from './run.js';

/** The applicant may be waiting in the same workflow task. */
const QUICK_TRY_MS = 5_000;

/** After a try that came to nothing. Each further one doubles it, as it costs history. */
const FIRST_AGAIN_MS = MINUTE_MS;
const LAST_AGAIN_MS = HOUR_MS;

/** An outcome does not wait longer than this to be told. */
const AT_THE_END_WITHIN_MS = 10 * MINUTE_MS;

const SUMMARY = 'Hand over what is to be told to the callback URL';

/** A normal activity: an event is told only once Temporal has recorded it. */
const quick = proxyActivities<HandOverActivities>({
  summary: SUMMARY,
  startToCloseTimeout: QUICK_TRY_MS,
  scheduleToCloseTimeout: 2 * QUICK_TRY_MS,
  retry: { maximumAttempts: 1 },
});

const durable = proxyActivities<HandOverActivities>({
  summary: SUMMARY,
  startToCloseTimeout: 2 * QUICK_TRY_MS,
  scheduleToCloseTimeout: AT_THE_END_WITHIN_MS,
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/**
 * Hands new events to the workflow that sends them. One hand-over carries whatever has happened since the last one. Nothing is ever
 * owed where the onboarding was started without callbacks.
 */
export class HandOver {
  readonly #casefile: Casefile;
  readonly #input: OnboardingInput;
  #failedTries = 0;
  #againAt = Number.POSITIVE_INFINITY;

  constructor(casefile: Casefile, input: OnboardingInput) {
    this.#casefile = casefile;
    this.#input = input;
  }

  get isOwed(): boolean {
    const { last, handedTo } = this.#casefile.log;
    return this.#input.callbacks !== undefined && last > handedTo;
  }

  /** When to try again what came to nothing, in ms since the Unix epoch; infinitely far where nothing did. */
  get againAt(): number {
    return this.#againAt;
  }

  /** One quick try, which holds nobody up. */
  async quickly(): Promise<void> {
    if (await this.#try(quick)) {
      this.#failedTries = 0;
      this.#againAt = Number.POSITIVE_INFINITY;
      return;
    }
    this.#againAt = this.#casefile.now() + Math.min(FIRST_AGAIN_MS * 2 ** this.#failedTries, LAST_AGAIN_MS);
    this.#failedTries += 1;
  }

  /** The last occasion: what cannot be handed over within some minutes stays to be read, and is not sent. */
  atTheEnd(): Promise<void> {
    return CancellationScope.nonCancellable(async () => {
      if (!(await this.#try(quick))) await this.#try(durable);
    });
  }

  async #try({ handOverEvents }: HandOverActivities): Promise<boolean> {
    const { callbacks, reference } = this.#input;
    const { log } = this.#casefile;
    if (callbacks === undefined) return true;
    const { workflowId, firstExecutionRunId: onboardingRunId } = workflowInfo();
    try {
      await handOverEvents({
        workflowId,
        callbacks,
        onboardingRunId,
        events: eventsAfter(log, log.handedTo),
        ...(reference === undefined ? {} : { reference }),
      });
    } catch (error) {
      if (faultOf(error) === undefined) throw error;
      return false;
    }
    this.#casefile.handOver(log.last);
    return true;
  }
}
