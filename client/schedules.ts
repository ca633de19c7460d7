import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  type ScheduleHandle,
  ScheduleNotFoundError,
} from '@temporalio/client';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { DEFAULT_TASK_QUEUE } from '../contract/messages.js';
import { REVALIDATION_WORKFLOW, workflowIdOfBatch } from '../contract/revalidation.js';
import { type BatchSchedule, type BatchScheduleInput, decodeBatchSchedule } from '../domain/revalidation/schedule.js';
import { batchStart, fingerprintOfBatch, type RevalidationWorkflow } from './batch-starting.js';
import type { BatchClientOptions } from './batches.js';
import { type CallOptions, callsWithin, requireEncrypting, type Within } from './calls.js';
import { OnboardingError, orThrow, told } from './errors.js';
import {
  type DescribedSchedule,
  describedSchedule,
  type ListedSchedule,
  listedSchedule,
  OVERLAP_POLICIES,
  runningOfSchedule,
  SCHEDULE_ID_PREFIX,
  scheduleIdOf,
} from './schedule-reading.js';

export interface CreatedSchedule {
  readonly schedule: string;
  /** True where the same schedule was there already: it was left as it is. */
  readonly existed: boolean;
}

export interface NoteOptions extends CallOptions {
  /** For people. It is shown unencrypted: never personal data. */
  readonly note?: string;
}

const Memo = t.type({ fingerprint: t.string });

const isSame = ({ memo }: ScheduleDescription, fingerprint: string): boolean => {
  const read = Memo.decode(memo);
  return E.isRight(read) && read.right.fingerprint === fingerprint;
};

const actionOf = ({ schedule, request, decoded }: BatchSchedule, taskQueue: string) => ({
  type: 'startWorkflow' as const,
  workflowType: REVALIDATION_WORKFLOW,
  // Temporal adds the time at which it is due.
  workflowId: workflowIdOfBatch(schedule),
  ...batchStart(request, decoded, taskQueue, schedule),
});

const optionsOf = (schedule: BatchSchedule, taskQueue: string, fingerprint: string) => {
  const { cron, every, timeZone, jitterMs, overlap, catchupWindowMs, paused, note } = schedule;
  return {
    scheduleId: scheduleIdOf(schedule.schedule),
    spec: {
      // The server keeps what stands behind the mark, and of the expression itself only what it means.
      ...(cron === undefined ? {} : { cronExpressions: [cron.includes('#') ? cron : `${cron} # ${cron}`] }),
      ...(every === undefined ? {} : { intervals: [{ every }] }),
      ...(timeZone === undefined ? {} : { timezone: timeZone }),
      ...(jitterMs === undefined ? {} : { jitter: jitterMs }),
    },
    action: actionOf(schedule, taskQueue),
    policies: {
      overlap: OVERLAP_POLICIES[overlap],
      ...(catchupWindowMs === undefined ? {} : { catchupWindow: catchupWindowMs }),
    },
    memo: { fingerprint },
    state: { paused, ...(note === undefined ? {} : { note }) },
  };
};

/**
 * Schedules, by which Temporal begins batches by itself. Every method throws `OnboardingError` and nothing else, and every call may be
 * repeated (but `trigger` begins one more batch each time). A schedule that is not there is an error of type `NotFound`.
 */
export class BatchSchedules {
  readonly #temporal: Client;
  readonly #taskQueue: string;
  readonly #within: Within;

  /** @throws OnboardingError `EncryptionKeys` for a Temporal client that would send payloads in the clear. */
  constructor(temporal: Client, { taskQueue = DEFAULT_TASK_QUEUE, timeoutMs }: BatchClientOptions = {}) {
    requireEncrypting(temporal);
    this.#temporal = temporal;
    this.#taskQueue = taskQueue;
    this.#within = callsWithin(temporal, timeoutMs);
  }

  /**
   * Creates a schedule. Where the same is there already, it is left as it is.
   *
   * @throws OnboardingError `InvalidRequest` naming the fields; `OtherRequest` where the id names another schedule.
   */
  async create(input: BatchScheduleInput, { timeoutMs }: CallOptions = {}): Promise<CreatedSchedule> {
    const schedule = orThrow(decodeBatchSchedule(input));
    const fingerprint = fingerprintOfBatch(input);
    return this.#within(timeoutMs, async () => {
      try {
        await this.#temporal.schedule.create<RevalidationWorkflow>(optionsOf(schedule, this.#taskQueue, fingerprint));
        return { schedule: schedule.schedule, existed: false };
      } catch (error) {
        if (error instanceof ScheduleAlreadyRunning) return this.#existing(schedule.schedule, fingerprint);
        // What the SDK makes of a specification that the server refuses. All the rest of it has been read.
        if (error instanceof TypeError && schedule.cron !== undefined)
          return orThrow(E.left([{ field: 'cron', expected: 'a cron expression, such as 0 3 * * MON' }]));
        throw error;
      }
    });
  }

  /** The schedules. Temporal's list may lag behind by a second or so. */
  async *list(): AsyncGenerator<ListedSchedule, void, undefined> {
    const schedules = this.#temporal.schedule.list()[Symbol.asyncIterator]();
    for (;;) {
      const next = await told(() => schedules.next());
      if (next.done === true) return;
      if (next.value.scheduleId.startsWith(SCHEDULE_ID_PREFIX)) yield listedSchedule(next.value);
    }
  }

  /** When it begins batches, which it has begun, and which are next. */
  describe(schedule: string, { timeoutMs }: CallOptions = {}): Promise<DescribedSchedule> {
    return this.#on(schedule, timeoutMs, async (handle) => {
      const [description, running] = await Promise.all([
        handle.describe(),
        runningOfSchedule(this.#temporal, schedule),
      ]);
      return describedSchedule(description, running);
    });
  }

  /** Begins no more batches until it is resumed. Those that run go on. */
  pause(schedule: string, { note, timeoutMs }: NoteOptions = {}): Promise<void> {
    return this.#on(schedule, timeoutMs, (handle) => handle.pause(note ?? 'Paused'));
  }

  /** Begins batches again. */
  resume(schedule: string, { note, timeoutMs }: NoteOptions = {}): Promise<void> {
    return this.#on(schedule, timeoutMs, (handle) => handle.unpause(note ?? 'Resumed'));
  }

  /** Begins a batch now, where one is allowed beside those that run. */
  trigger(schedule: string, { timeoutMs }: CallOptions = {}): Promise<void> {
    return this.#on(schedule, timeoutMs, async (handle) => {
      const { policies } = await handle.describe();
      // Told of none, the SDK would begin it beside whatever runs.
      await handle.trigger(policies.overlap);
    });
  }

  /** Deletes the schedule. Batches that it has begun go on. */
  delete(schedule: string, { timeoutMs }: CallOptions = {}): Promise<void> {
    return this.#on(schedule, timeoutMs, (handle) => handle.delete());
  }

  async #existing(schedule: string, fingerprint: string): Promise<CreatedSchedule> {
    if (isSame(await this.#handle(schedule).describe(), fingerprint)) return { schedule, existed: true };
    throw new OnboardingError('OtherRequest', 'there is another schedule of this id');
  }

  #on<A>(schedule: string, timeoutMs: number | undefined, call: (handle: ScheduleHandle) => Promise<A>): Promise<A> {
    return this.#within(timeoutMs, async () => {
      try {
        return await call(this.#handle(schedule));
      } catch (error) {
        if (!(error instanceof ScheduleNotFoundError)) throw error;
        throw new OnboardingError('NotFound', 'there is no schedule of this id', { cause: error });
      }
    });
  }

  #handle(schedule: string): ScheduleHandle {
    return this.#temporal.schedule.getHandle(scheduleIdOf(schedule));
  }
}
