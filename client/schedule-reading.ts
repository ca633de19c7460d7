import {
  type Client,
  type ScheduleDescription,
  type ScheduleExecutionResult,
  ScheduleOverlapPolicy,
  type ScheduleSummary,
} from '@temporalio/client';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { quoted } from '../contract/report-routing.js';
import { batchOfWorkflowId } from '../contract/revalidation.js';
import { type BatchRequest, decodeBatchRequest } from '../domain/revalidation/request.js';
import { OVERLAPS, type Overlap } from '../domain/revalidation/schedule.js';
import { listRuns } from './runs.js';

export const SCHEDULE_ID_PREFIX = 'revalidation-schedule-';

/** The id in Temporal of the schedule that is named so. */
export const scheduleIdOf = (schedule: string): string => `${SCHEDULE_ID_PREFIX}${schedule}`;

export const OVERLAP_POLICIES = {
  skip: ScheduleOverlapPolicy.SKIP,
  bufferOne: ScheduleOverlapPolicy.BUFFER_ONE,
  allowAll: ScheduleOverlapPolicy.ALLOW_ALL,
} as const satisfies Record<Overlap, ScheduleOverlapPolicy>;

/** A batch that a schedule has begun. */
export interface ScheduledBatch {
  readonly batch: string;
  /** When it was due. */
  readonly dueAt: Date;
  readonly begunAt: Date;
}

/** A schedule, as the list knows it. */
export interface ListedSchedule {
  readonly schedule: string;
  readonly paused: boolean;
  readonly note?: string;
  /** Absent where it was made otherwise than by this client. */
  readonly cron?: string;
  /** In ms. */
  readonly every?: number;
  readonly timeZone?: string;
  readonly jitterMs?: number;
  /** When the next batches are due. */
  readonly next: readonly Date[];
  /** The batches that it has begun lately, the latest first. */
  readonly last: readonly ScheduledBatch[];
}

export interface DescribedSchedule extends ListedSchedule {
  /** Absent where it is one that this client does not set. */
  readonly overlap?: Overlap;
  readonly catchupWindowMs: number;
  /** Absent where it cannot be read. */
  readonly request?: BatchRequest;
  /** The batches of it that are running, as of a second or so ago. */
  readonly running: readonly string[];
  /** How many batches it has begun, how many it left out as another was running, and how many it missed for good. */
  readonly begun: number;
  readonly skipped: number;
  readonly missed: number;
  readonly createdAt: Date;
}

const scheduledBatch = ({ action, scheduledAt, takenAt }: ScheduleExecutionResult): ScheduledBatch => ({
  batch: batchOfWorkflowId(action.workflow.workflowId),
  dueAt: scheduledAt,
  begunAt: takenAt,
});

export const listedSchedule = ({
  scheduleId,
  spec,
  state,
  info,
}: Pick<ScheduleSummary, 'scheduleId' | 'spec' | 'state' | 'info'>): ListedSchedule => {
  const { timezone, jitter } = spec ?? {};
  const cron = spec?.calendars?.find(({ comment }) => comment)?.comment;
  const every = spec?.intervals?.[0]?.every;
  return {
    schedule: scheduleId.slice(SCHEDULE_ID_PREFIX.length),
    paused: state.paused,
    next: info.nextActionTimes,
    last: info.recentActions.map(scheduledBatch).reverse(),
    ...(state.note ? { note: state.note } : {}),
    ...(cron === undefined ? {} : { cron }),
    ...(every === undefined ? {} : { every }),
    ...(timezone ? { timeZone: timezone } : {}),
    ...(jitter ? { jitterMs: jitter } : {}),
  };
};

const isOverlap = (name: string): name is Overlap => Object.hasOwn(OVERLAPS, name);

const Args = t.tuple([t.type({ request: t.unknown })]);

const requestOf = (args: unknown): BatchRequest | undefined => {
  const read = Args.decode(args);
  return E.isLeft(read)
    ? undefined
    : E.getOrElse((): BatchRequest | undefined => undefined)(decodeBatchRequest(read.right[0].request));
};

/** The batches of a schedule that are running. Its own description does not say, on servers of some versions. */
export const runningOfSchedule = async (temporal: Client, schedule: string): Promise<readonly string[]> => {
  const query = `TemporalScheduledById = ${quoted(scheduleIdOf(schedule))} AND ExecutionStatus = "Running"`;
  return (await listRuns(temporal, query)).map(({ workflowId }) => batchOfWorkflowId(workflowId));
};

export const describedSchedule = (description: ScheduleDescription, running: readonly string[]): DescribedSchedule => {
  const { policies, action, info } = description;
  const request = requestOf(action.args);
  const overlap = Object.keys(OVERLAPS)
    .filter(isOverlap)
    .find((name) => OVERLAP_POLICIES[name] === policies.overlap);
  return {
    ...listedSchedule(description),
    catchupWindowMs: policies.catchupWindow,
    running,
    begun: info.numActionsTaken,
    skipped: info.numActionsSkippedOverlap,
    missed: info.numActionsMissedCatchupWindow,
    createdAt: info.createdAt,
    ...(overlap === undefined ? {} : { overlap }),
    ...(request === undefined ? {} : { request }),
  };
};
