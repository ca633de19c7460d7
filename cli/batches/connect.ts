import type { BatchStore } from '../../activities/revalidation/files/store.js';
import type { BatchClient, BatchSchedules } from '../../client/index.js';
import type { Described } from '../command.js';
import type { CliContext } from '../context.js';
import type { ExitName } from '../exit-codes.js';
import { CliFailure, orFail, wrongUsage } from '../failures.js';

export const BATCH_ARGUMENT: Described = { flags: '[batch]', describe: "the batch's id" };

/** Returns the id in the first argument. */
export const idOf = ([id]: readonly string[], what: 'batch' | 'schedule'): string => {
  if (id === undefined || id.trim() === '') throw wrongUsage({ field: what, expected: `the id of a ${what}` });
  return id;
};

export interface BatchClients {
  readonly batches: BatchClient;
  readonly schedules: BatchSchedules;
}

/** @throws CliFailure `misconfigured`; OnboardingError if Temporal cannot be reached. */
export const connectBatches = async (
  { config }: CliContext,
  { timeoutMs }: { readonly timeoutMs?: number | undefined } = {},
): Promise<BatchClients> => {
  const { taskQueue, keyProvider } = await config();
  const { connectBatchClient, OnboardingError } = await import('../../client/index.js');
  const options = {
    taskQueue,
    keyProvider: orFail(keyProvider, 'misconfigured'),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
  try {
    // The process's exit closes the connection.
    return await connectBatchClient(options);
  } catch (error) {
    if (error instanceof OnboardingError) throw error;
    // The error's message may contain content of a file with credentials.
    throw new CliFailure('misconfigured', "TEMPORAL_…: expected valid settings of Temporal's client");
  }
};

/** Opens the workers' folder of batches. */
export const storeOf = async ({ config }: CliContext): Promise<BatchStore> => {
  const { batchFolder } = await config();
  const { folderBatchStore } = await import('../../activities/revalidation/files/store.js');
  return folderBatchStore(batchFolder);
};

const EXIT_OF_FAULT = { absent: 'notFound', wrong: 'failed', unavailable: 'unavailable' } as const satisfies Record<
  string,
  ExitName
>;

/** Makes a call to the store. @throws CliFailure with the store's message, and the setting of the folder. */
export const inStore = async <A>(call: () => Promise<A>): Promise<A> => {
  const { BatchStoreError } = await import('../../activities/revalidation/files/errors.js');
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof BatchStoreError)) throw error;
    const message = `${error.message} Check that ONBOARDING_BATCH_FOLDER is the workers' folder.`;
    throw new CliFailure(EXIT_OF_FAULT[error.fault], message);
  }
};

/** Makes a call that only a running batch accepts. @throws CliFailure `refused` if the batch has ended. */
export const ifRunning = async <A>(call: () => Promise<A>): Promise<A> => {
  const { OnboardingError } = await import('../../client/index.js');
  try {
    return await call();
  } catch (error) {
    if (error instanceof OnboardingError && error.type === 'AlreadyEnded')
      throw new CliFailure('refused', 'The batch has already ended: see its status or its report.');
    throw error;
  }
};
