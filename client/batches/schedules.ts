import { type Client, ScheduleAlreadyRunning, type ScheduleHandle, ScheduleNotFoundError } from '@temporalio/client';
import * as t from 'io-ts';
import type { Fingerprints } from '../../contract/messages.js';
import { REVALIDATION_WORKFLOW, workflowIdOfBatch } from '../../contract/revalidation.js';
import type { BatchSchedule, BatchScheduleInput } from '../../domain/revalidation/schedule.js';
import { closed, textUpTo, wrongField } from '../../shared/decoding.js';
import { defined } from '../../shared/defined.js';
import { argumentOrThrow, CALL_PROPS, type CallOptions, Id, readArgument } from '../arguments.js';
import { type CallRules, Calls } from '../calls/calls.js';
import { OnboardingError, orThrow, withListingErrors } from '../errors.js';
import { requireSameRequest } from '../fingerprints.js';
import type { BatchClientOptions } from '../options.js';
import { batchStartOptions, fingerprintsOfBatch, type RevalidationWorkflow } from './batch-start.js';
import {
  type DescribedSchedule,
  type ListedSchedule,
  OVERLAP_POLICIES,
  runningBatchesOf,
  SCHEDULE_ID_PREFIX,
  scheduleIdOf,
  toDescribedSchedule,
  toListedSchedule,
} from './schedule-description.js';
import { decodeScheduleInput } from './schedule-input.js';

export interface CreatedSchedule {
  readonly schedule: string;
  /** True if the same schedule existed already; it has not changed. */
  readonly existed: boolean;
  /** The next times, at most five. */
  readonly next: readonly Date[];
}

const NEXT_SHOWN = 5;

export interface NoteOptions extends CallOptions {
  /** A note for people. Temporal stores it unencrypted: never personal data. */
  readonly note?: string;
}

const NoteFields = closed(t.partial({ ...CALL_PROPS, note: textUpTo(500) }));

const Memo = t.type({ fingerprints: t.record(t.string, t.string) });

const optionsOf = (schedule: BatchSchedule, taskQueue: string, fingerprints: Fingerprints) => {
  const { cron, every, timeZone, jitterMs, overlap, catchupWindowMs, paused, note } = schedule;
  return {
    scheduleId: scheduleIdOf(schedule.schedule),
    spec: defined({
      // The server does not store the expression itself, but it does store the comment after the `#`.
      cronExpressions: cron === undefined ? undefined : [`${cron} # ${cron}`],
      intervals: every === undefined ? undefined : [{ every }],
      timezone: timeZone,
      jitter: jitterMs,
    }),
    action: {
      type: 'startWorkflow' as const,
      workflowType: REVALIDATION_WORKFLOW,
      // Temporal appends the scheduled time.
      workflowId: workflowIdOfBatch(schedule.schedule),
      ...batchStartOptions(schedule.request, schedule.decoded, taskQueue, schedule.schedule),
    },
    policies: defined({ overlap: OVERLAP_POLICIES[overlap], catchupWindow: catchupWindowMs }),
    memo: { fingerprints },
    state: defined({ paused, note }),
  };
};

/**
 * Manages schedules by which Temporal starts batches. Every method throws only `OnboardingError`, with the type
 * `NotFound` if the schedule does not exist. Every call may be repeated, but each `trigger` starts another batch.
 */
export class BatchSchedules {
  readonly #calls: Calls;

  /** @throws OnboardingError `EncryptionKeys` if the Temporal client would send payloads unencrypted. */
  constructor(temporal: Client, options: BatchClientOptions = {}) {
    this.#calls = new Calls(temporal, options);
  }

  /**
   * Creates a schedule. If the same schedule exists already, it does not change.
   *
   * @throws OnboardingError `InvalidRequest` that names the fields; `RequestMismatch` if another schedule has the id.
   */
  async create(input: BatchScheduleInput, options: CallOptions = {}): Promise<CreatedSchedule> {
    const schedule = argumentOrThrow('schedule', decodeScheduleInput(input));
    const { cron, timeZone } = schedule;
    const fingerprints = fingerprintsOfBatch({ ...input, ...defined({ cron, timeZone }) });
    return this.#calls.within(options, async () => {
      try {
        await this.#calls.temporal.schedule.create<RevalidationWorkflow>(
          optionsOf(schedule, this.#calls.taskQueue, fingerprints),
        );
        return await this.#created(schedule.schedule, false);
      } catch (error) {
        if (error instanceof ScheduleAlreadyRunning) return this.#existing(schedule.schedule, fingerprints);
        // The SDK throws a TypeError if the server rejects the specification. The server may know fewer time zones.
        if (error instanceof TypeError && cron !== undefined)
          return orThrow(
            /time ?zone/i.test(error.message)
              ? wrongField('timeZone', "a time zone that Temporal's server knows")
              : wrongField('cron', "a cron expression that Temporal's server accepts"),
          );
        throw error;
      }
    });
  }

  /** Lists the schedules. Temporal's list may lag behind by about a second. */
  async *list(): AsyncGenerator<ListedSchedule, void, undefined> {
    for await (const summary of withListingErrors(this.#calls.temporal.schedule.list()))
      if (summary.scheduleId.startsWith(SCHEDULE_ID_PREFIX)) yield toListedSchedule(summary);
  }

  /** Describes a schedule: its times, its recent batches, and when the next are due. */
  describe(schedule: string, options: CallOptions = {}): Promise<DescribedSchedule> {
    return this.#onSchedule(schedule, options, async (handle) => {
      const [description, running] = await Promise.all([
        handle.describe(),
        runningBatchesOf(this.#calls.temporal, schedule),
      ]);
      return toDescribedSchedule(description, running);
    });
  }

  /** Pauses the schedule: it starts no batches until it is resumed. Running batches continue. */
  pause(schedule: string, options: NoteOptions = {}): Promise<void> {
    const pause = (handle: ScheduleHandle) => handle.pause(options.note ?? 'Paused');
    return this.#onSchedule(schedule, options, pause, { fields: NoteFields });
  }

  resume(schedule: string, options: NoteOptions = {}): Promise<void> {
    const resume = (handle: ScheduleHandle) => handle.unpause(options.note ?? 'Resumed');
    return this.#onSchedule(schedule, options, resume, { fields: NoteFields });
  }

  /** Starts a batch now, if the overlap policy allows it. */
  trigger(schedule: string, options: CallOptions = {}): Promise<void> {
    return this.#onSchedule(schedule, options, async (handle) => {
      const { policies } = await handle.describe();
      // Without a policy, the SDK would ignore running batches.
      await handle.trigger(policies.overlap);
    });
  }

  /** Deletes the schedule. Running batches continue. */
  delete(schedule: string, options: CallOptions = {}): Promise<void> {
    return this.#onSchedule(schedule, options, (handle) => handle.delete());
  }

  async #existing(schedule: string, fingerprints: Fingerprints): Promise<CreatedSchedule> {
    const { memo } = await this.#handle(schedule).describe();
    if (!Memo.is(memo)) throw new OnboardingError('RequestMismatch', 'there is a different schedule with this id');
    requireSameRequest('a schedule with this id was created', memo.fingerprints, fingerprints);
    return this.#created(schedule, true);
  }

  async #created(schedule: string, existed: boolean): Promise<CreatedSchedule> {
    const { info } = await this.#handle(schedule).describe();
    return { schedule, existed, next: info.nextActionTimes.slice(0, NEXT_SHOWN) };
  }

  #onSchedule<A>(
    schedule: string,
    options: CallOptions,
    call: (handle: ScheduleHandle) => Promise<A>,
    rules: CallRules = {},
  ): Promise<A> {
    const onSchedule = async () => {
      try {
        return await call(this.#handle(schedule));
      } catch (error) {
        if (!(error instanceof ScheduleNotFoundError)) throw error;
        throw new OnboardingError('NotFound', 'there is no schedule with this id', {
          cause: error,
          subject: 'schedule',
        });
      }
    };
    return this.#calls.within(options, onSchedule, rules);
  }

  #handle(schedule: string): ScheduleHandle {
    return this.#calls.temporal.schedule.getHandle(scheduleIdOf(readArgument('schedule', Id, schedule)));
  }
}
