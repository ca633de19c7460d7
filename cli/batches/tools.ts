import type { BatchStore } from '../../activities/revalidation/files/store.js';
import type { BatchClient, BatchSchedules } from '../../client/index.js';
import type { Described } from '../command.js';
import type { CliContext } from '../context.js';
import type { ExitName } from '../exits.js';
import { CliFailure, orFail, wrongUsage } from '../failures.js';

export const BATCH_ARGUMENT: Described = { flags: '[batch]', describe: "the batch's id" };

/** The id that was given as the first argument. */
export const idOf = ([id]: readonly string[], what: 'batch' | 'schedule'): string => {
  if (id === undefined || id.trim() === '') throw wrongUsage({ field: what, expected: `the id of a ${what}` });
  return id;
};

/** What batches are started, followed and scheduled with. */
export interface BatchTools {
  readonly batches: BatchClient;
  readonly schedules: BatchSchedules;
}

/** @throws CliFailure `misconfigured`; OnboardingError where Temporal cannot be reached. */
export const connectBatches = async (
  { config }: CliContext,
  { timeoutMs }: { readonly timeoutMs?: number | undefined } = {},
): Promise<BatchTools> => {
  const { taskQueue, keyProvider } = await config();
  const { connectBatchClient, OnboardingError } = await import('../../client/index.js');
  const options = {
    taskQueue,
    keyProvider: orFail(keyProvider, 'misconfigured'),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
  try {
    // The connection ends with the process.
    return await connectBatchClient(options);
  } catch (error) {
    if (error instanceof OnboardingError) throw error;
    // What it says may repeat what stands in a file with credentials.
    throw new CliFailure(
      'misconfigured',
      "TEMPORAL_…: expected settings that Temporal's configuration can be read from",
    );
  }
};

/** Where the files of batches are: the workers' folder. */
export const storeOf = async ({ config }: CliContext): Promise<BatchStore> => {
  const { batchFolder } = await config();
  const { folderBatchStore } = await import('../../activities/revalidation/files/store.js');
  return folderBatchStore(batchFolder);
};

const EXIT_OF_FAULT = { absent: 'notFound', wrong: 'failed', unavailable: 'unavailable' } as const satisfies Record<
  string,
  ExitName
>;

/** Asks something of the store. @throws CliFailure with what it says, and where it looked is to be set. */
export const inStore = async <A>(call: () => Promise<A>): Promise<A> => {
  const { BatchStoreError } = await import('../../activities/revalidation/files/errors.js');
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof BatchStoreError)) throw error;
    const message = `${error.message} Is ONBOARDING_BATCH_FOLDER the folder of the workers?`;
    throw new CliFailure(EXIT_OF_FAULT[error.fault], message);
  }
};

/**
 * Runs a call that only a running batch takes.
 *
 * @throws CliFailure `refused` where it has ended.
 */
export const whileItRuns = async <A>(call: () => Promise<A>): Promise<A> => {
  const { OnboardingError } = await import('../../client/index.js');
  try {
    return await call();
  } catch (error) {
    if (error instanceof OnboardingError && error.type === 'Ended')
      throw new CliFailure('refused', 'The batch has ended already: see its status or its report.');
    throw error;
  }
};
