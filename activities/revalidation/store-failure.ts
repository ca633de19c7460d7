import { ApplicationFailure } from '@temporalio/common';
import { FOLDER_UNAVAILABLE } from '../../contract/revalidation-activities.js';
import type { ScanProgress } from '../../domain/revalidation/progress.js';
import { BatchStoreError } from './files/errors.js';

/** Ends an activity. The batch shows the message, and repeats the activity. */
const unavailable = ({ message }: BatchStoreError, ...progress: readonly ScanProgress[]): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`${message} Check ONBOARDING_BATCH_FOLDER.`, FOLDER_UNAVAILABLE, ...progress);

/** Converts an error of the store during a chunk. A missing or invalid file fails the batch. */
export const chunkFailure = (error: unknown, progress: ScanProgress): unknown => {
  if (!(error instanceof BatchStoreError)) return error;
  return error.fault === 'unavailable'
    ? unavailable(error, progress)
    : ApplicationFailure.nonRetryable(error.message, 'SourceUnreadable');
};

/** Converts an error of the store while reports are written. */
export const reportFailure = (error: unknown): unknown =>
  error instanceof BatchStoreError ? unavailable(error) : error;
