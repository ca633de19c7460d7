import {
  type Client,
  type ScheduleDescription,
  type ScheduleExecutionResult,
  ScheduleOverlapPolicy,
  type ScheduleSummary,
} from '@temporalio/client';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { quoted } from '../../contract/report-routing.js';
import { batchOfWorkflowId } from '../../contract/revalidation.js';
import { type BatchRequest, decodeBatchRequest } from '../../domain/revalidation/request.js';
import type { Overlap } from '../../domain/revalidation/schedule.js';
import { defined } from '../../shared/defined.js';
import { listRuns } from '../calls/runs.js';

export const SCHEDULE_ID_PREFIX = 'revalidation-schedule-';

export const scheduleIdOf = (schedule: string): string => `${SCHEDULE_ID_PREFIX}${schedule}`;

export const OVERLAP_POLICIES = {
  skip: ScheduleOverlapPolicy.SKIP,
  bufferOne: ScheduleOverlapPolicy.BUFFER_ONE,
  allowAll: ScheduleOverlapPolicy.ALLOW_ALL,
} as const satisfies Record<Overlap, ScheduleOverlapPolicy>;

export interface ScheduledBatch {
  readonly batch: string;
  readonly dueAt: Date;
  readonly begunAt: Date;
}

export interface ListedSchedule {
  readonly schedule: string;
  readonly paused: boolean;
  readonly note?: string;
  /** The cron expression; absent for a schedule by intervals, or one that another client created. */
  readonly cron?: string;
  /** The interval in ms. */
  readonly every?: number;
  readonly timeZone?: string;
  readonly jitterMs?: number;
  readonly next: readonly Date[];
  /** The most recent batches, latest first. */
  readonly last: readonly ScheduledBatch[];
}

export interface DescribedSchedule extends ListedSchedule {
  /** Absent if this client does not support the policy. */
  readonly overlap?: Overlap;
  readonly catchupWindowMs: number;
  /** Absent if it cannot be decoded. */
  readonly request?: BatchRequest;
  /** Its running batches. May lag behind by about a second. */
  readonly running: readonly string[];
  readonly started: number;
  /** The number of batches that it skipped because of its overlap policy. */
  readonly skipped: number;
  /** The number of batches that it missed, because the server was down for longer than the catch-up window. */
  readonly missed: number;
  readonly createdAt: Date;
}

const scheduledBatch = ({ action, scheduledAt, takenAt }: ScheduleExecutionResult): ScheduledBatch => ({
  batch: batchOfWorkflowId(action.workflow.workflowId),
  dueAt: scheduledAt,
  begunAt: takenAt,
});

export const toListedSchedule = ({
  scheduleId,
  spec,
  state,
  info,
}: Pick<ScheduleSummary, 'scheduleId' | 'spec' | 'state' | 'info'>): ListedSchedule => {
  const { calendars, intervals, timezone, jitter } = spec ?? {};
  return defined({
    schedule: scheduleId.slice(SCHEDULE_ID_PREFIX.length),
    paused: state.paused,
    next: info.nextActionTimes,
    last: info.recentActions.map(scheduledBatch).reverse(),
    note: state.note || undefined,
    cron: calendars?.find(({ comment }) => comment)?.comment,
    every: intervals?.[0]?.every,
    timeZone: timezone || undefined,
    jitterMs: jitter || undefined,
  });
};

const OVERLAP_NAMES = ['skip', 'bufferOne', 'allowAll'] as const satisfies readonly Overlap[];

const Args = t.tuple([t.type({ request: t.unknown })]);

const requestOf = (args: unknown): BatchRequest | undefined =>
  pipe(
    Args.decode(args),
    E.chainW(([{ request }]) => decodeBatchRequest(request)),
    E.getOrElseW(() => undefined),
  );

/** Lists the running batches of a schedule. On some server versions, the schedule's own description lacks them. */
export const runningBatchesOf = async (temporal: Client, schedule: string): Promise<readonly string[]> => {
  const query = `TemporalScheduledById = ${quoted(scheduleIdOf(schedule))} AND ExecutionStatus = "Running"`;
  return (await listRuns(temporal, query)).map(({ workflowId }) => batchOfWorkflowId(workflowId));
};

export const toDescribedSchedule = (
  description: ScheduleDescription,
  running: readonly string[],
): DescribedSchedule => {
  const { policies, action, info } = description;
  return {
    ...toListedSchedule(description),
    catchupWindowMs: policies.catchupWindow,
    running,
    started: info.numActionsTaken,
    skipped: info.numActionsSkippedOverlap,
    missed: info.numActionsMissedCatchupWindow,
    createdAt: info.createdAt,
    ...defined({
      overlap: OVERLAP_NAMES.find((name) => OVERLAP_POLICIES[name] === policies.overlap),
      request: requestOf(action.args),
    }),
  };
};
