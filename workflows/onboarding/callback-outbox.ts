import { CancellationScope, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { HandOverActivities } from '../../contract/activities.js';
import type { OnboardingInput } from '../../contract/messages.js';
import { type EventLog, eventsAfter } from '../../domain/changes.js';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import { activityFailureCause } from '../shared/interruptible.js';

/** The applicant may be waiting for the same workflow. */
const QUICK_TRY_MS = 5 * SECOND_MS;

/** The time to the next try, doubled after each: a try costs history. */
const FIRST_RETRY_MS = MINUTE_MS;
const LONGEST_RETRY_MS = HOUR_MS;

/** The workflow does not stay open for longer than this to deliver its last events. */
const BEFORE_CLOSE_WITHIN_MS = 10 * MINUTE_MS;

const SUMMARY = 'Hand the events over to the callbacks workflow';

// A normal activity: an event is delivered only after Temporal has recorded it.
const quick = proxyActivities<HandOverActivities>({
  summary: SUMMARY,
  startToCloseTimeout: QUICK_TRY_MS,
  scheduleToCloseTimeout: 2 * QUICK_TRY_MS,
  retry: { maximumAttempts: 1 },
});

const durable = proxyActivities<HandOverActivities>({
  summary: SUMMARY,
  startToCloseTimeout: 2 * QUICK_TRY_MS,
  scheduleToCloseTimeout: BEFORE_CLOSE_WITHIN_MS,
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** The part of a run whose events are delivered. */
interface Source {
  readonly input: Pick<OnboardingInput, 'callbacks' | 'reference'>;
  readonly log: EventLog;
  now(): number;
  markHandedOver(upTo: number): void;
}

/**
 * Hands events over to the `callbacks` workflow, which delivers them: at each call all events since the last one.
 * Without a callback endpoint nothing is ever pending.
 */
export class CallbackOutbox {
  readonly #source: Source;
  #failedTries = 0;
  #retryAt = Number.POSITIVE_INFINITY;

  constructor(source: Source) {
    this.#source = source;
  }

  get hasPending(): boolean {
    const { input, log } = this.#source;
    return input.callbacks !== undefined && log.last > log.handedTo;
  }

  /** The time of the next try after a failed one, in ms since the Unix epoch; otherwise infinity. */
  get retryAt(): number {
    return this.#retryAt;
  }

  /** Tries once to hand pending events over. After a failure, `retryAt` says when to call it again. */
  async flush(): Promise<void> {
    if (!this.hasPending) return;
    if (await this.#try(quick)) {
      this.#failedTries = 0;
      this.#retryAt = Number.POSITIVE_INFINITY;
      return;
    }
    this.#retryAt = this.#source.now() + Math.min(FIRST_RETRY_MS * 2 ** this.#failedTries, LONGEST_RETRY_MS);
    this.#failedTries += 1;
  }

  /** Tries for ten minutes to hand pending events over. After that they can be read, and are not delivered. */
  async flushBeforeClose(): Promise<void> {
    if (!this.hasPending) return;
    await CancellationScope.nonCancellable(async () => {
      if (!(await this.#try(quick))) await this.#try(durable);
    });
  }

  async #try({ handOverEvents }: HandOverActivities): Promise<boolean> {
    const { input, log } = this.#source;
    const { callbacks, reference } = input;
    if (callbacks === undefined) return true;
    const { workflowId, firstExecutionRunId: onboardingRunId } = workflowInfo();
    const events = eventsAfter(log, log.handedTo);
    try {
      await handOverEvents({
        ...{ workflowId, callbacks, onboardingRunId, events },
        ...(reference === undefined ? {} : { reference }),
      });
    } catch (error) {
      if (activityFailureCause(error) === undefined) throw error;
      return false;
    }
    this.#source.markHandedOver(log.last);
    return true;
  }
}
