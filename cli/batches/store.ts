import type { BatchStoreError } from '../../activities/revalidation/files/errors.js';
import type { BatchStore } from '../../activities/revalidation/files/store.js';
import type { CliContext } from '../context.js';
import { CliFailure } from '../failures.js';

/** Opens the workers' folder of batches. */
export const storeOf = async ({ config }: CliContext): Promise<BatchStore> => {
  const { batchFolder } = await config();
  const { folderBatchStore } = await import('../../activities/revalidation/files/store.js');
  return folderBatchStore(batchFolder);
};

const EXIT_OF_FAULT = { absent: 'notFound', wrong: 'failed', unavailable: 'unavailable' } as const;

/** Makes a call to the store, and handles the store's error. */
export const onStoreError = async <A, B>(
  call: () => Promise<A>,
  handle: (error: BatchStoreError) => B,
): Promise<A | B> => {
  const errors = await import('../../activities/revalidation/files/errors.js');
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof errors.BatchStoreError)) throw error;
    return handle(error);
  }
};

/** @throws CliFailure with the store's message, and the setting of the folder. */
export const inStore = <A>(call: () => Promise<A>): Promise<A> =>
  onStoreError(call, ({ fault, message }) => {
    throw new CliFailure(EXIT_OF_FAULT[fault], `${message} Check that ONBOARDING_BATCH_FOLDER is the workers' folder.`);
  });

/** Returns `undefined` if the file does not exist. */
export const ifPresent = <A>(call: () => Promise<A>): Promise<A | undefined> =>
  onStoreError(call, (error) => {
    if (error.fault !== 'absent') throw error;
    return undefined;
  });
