import type { Client } from '@temporalio/client';
import {
  decodeArrayFromPayloads,
  decodeOptionalFailureToOptionalError,
} from '@temporalio/common/lib/internal-non-workflow/codec-helpers.js';
import * as E from 'fp-ts/lib/Either.js';
import { type BatchProgress, batchQuery } from '../contract/revalidation.js';
import { countLedger } from '../contract/revalidation-counts.js';
import type { OnboardingCounts } from '../domain/revalidation/counts.js';
import { decodeWalked, further, takenPerSecond, timeLeftMs, type Walked } from '../domain/revalidation/progress.js';
import { ask } from './asking.js';

/** How a batch stands: what its workflow knows, and what has happened since. */
export interface BatchStanding extends BatchProgress {
  /** Temporal's own word: `RUNNING`, `COMPLETED`, `FAILED`, `TERMINATED`, … Where it failed or was stopped, `status` is the last it had. */
  readonly execution: string;
  /** How many registrations were taken a second since the rate was last set. Absent where it is not walking, or has only begun. */
  readonly takenPerSecond?: number;
  /** How long the rest of the source will take, in ms. Absent where that cannot be told. */
  readonly timeLeftMs?: number;
  /** How the onboardings that it has begun stand. Of a `reverify` alone, and a second or so old. */
  readonly onboardings?: OnboardingCounts;
  /** Why the last try of what is under way failed, in words. It is tried again. */
  readonly problem?: string;
}

/** What is under way for a batch: one leg, or none; one more where a leg is only ending that was told to. */
const underWay = async (temporal: Client, workflowId: string) => {
  const { raw, status } = await temporal.workflow.getHandle(workflowId).describe();
  return { pending: raw.pendingActivities ?? [], execution: status.name };
};

type UnderWay = Awaited<ReturnType<typeof underWay>>['pending'];

const heartbeated = async (temporal: Client, pending: UnderWay): Promise<readonly Walked[]> => {
  const details = await Promise.all(
    pending.map(({ heartbeatDetails }) =>
      decodeArrayFromPayloads(temporal.options.loadedDataConverter, heartbeatDetails?.payloads),
    ),
  );
  return details.flatMap(([said]) =>
    E.match(
      (): readonly Walked[] => [],
      (walked: Walked) => [walked],
    )(decodeWalked(said)),
  );
};

const problemOf = async (temporal: Client, pending: UnderWay): Promise<string | undefined> => {
  const failure = pending.find(({ lastFailure }) => lastFailure)?.lastFailure;
  return (await decodeOptionalFailureToOptionalError(temporal.options.loadedDataConverter, failure))?.message;
};

const countOnboardings = (temporal: Client, batch: string): Promise<OnboardingCounts> =>
  countLedger(batch, async (query) => (await temporal.workflow.count(query)).count);

/** How the batch of this workflow id stands, as of now (ms since the Unix epoch). */
export const readStanding = async (temporal: Client, workflowId: string, now: () => number): Promise<BatchStanding> => {
  // First the leg, then the workflow: it knows of what has ended in between.
  const { pending, execution } = await underWay(temporal, workflowId);
  const legs = await heartbeated(temporal, pending);
  const problem = await problemOf(temporal, pending);
  const progress = await ask(temporal.workflow.getHandle(workflowId), (handle) => handle.query(batchQuery));
  const { batch, request, pace, status } = progress;
  const begins = request.mode === 'reverify' && !request.dryRun;
  const onboardings = begins ? await countOnboardings(temporal, batch) : undefined;
  const walked = legs.reduce(further, progress.walked);
  const at = now();
  const isWalking = execution === 'RUNNING' && status === 'walking' && pace !== undefined;
  const speed = isWalking ? takenPerSecond(walked, pace, at) : undefined;
  const left = isWalking ? timeLeftMs(walked, pace, at) : undefined;
  return {
    ...progress,
    execution,
    walked,
    ...(speed === undefined ? {} : { takenPerSecond: speed }),
    ...(left === undefined ? {} : { timeLeftMs: left }),
    ...(onboardings === undefined ? {} : { onboardings }),
    ...(problem === undefined ? {} : { problem }),
  };
};
