import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client';
import { IDEMPOTENCY_KEY_WORKFLOW, type IdempotencyKeyInput } from '../contract/messages.js';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import type { Calls } from './calls/calls.js';
import { type Fingerprint, fingerprintsOf, requireSameRequest } from './fingerprints.js';

type IdempotencyKeyWorkflow = (input: IdempotencyKeyInput) => Promise<IdempotencyKeyInput>;

export interface KeyClaim {
  readonly key: string;
  /** The customer's reference, by which an erasure finds the key. */
  readonly reference: string;
  /** Everything that distinguishes the request from others. */
  readonly content: object;
}

/**
 * Claims an idempotency key, and returns when the same request claimed it first; `undefined` if this is the first
 * claim. A key is a workflow that completes at once, and is remembered for as long as Temporal keeps it.
 *
 * @throws OnboardingError `RequestMismatch` if a different request has claimed the key.
 */
export const claimKey = async (
  { temporal, taskQueue }: Calls,
  fingerprintOf: Fingerprint,
  { key, reference, content }: KeyClaim,
): Promise<Date | undefined> => {
  const workflowId = `idempotency-${fingerprintOf({ key })}`;
  const fingerprints = fingerprintsOf(fingerprintOf, content);
  try {
    await temporal.workflow.start<IdempotencyKeyWorkflow>(IDEMPOTENCY_KEY_WORKFLOW, {
      workflowId,
      taskQueue,
      args: [{ fingerprints }],
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
      staticSummary: 'Remembers an idempotency key for as long as Temporal keeps this workflow',
      typedSearchAttributes: [{ key: SEARCH_ATTRIBUTES.reference, value: reference }],
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  const handle = temporal.workflow.getHandle<IdempotencyKeyWorkflow>(workflowId);
  requireSameRequest('the idempotency key was used', (await handle.result()).fingerprints, fingerprints);
  return (await handle.describe()).startTime;
};
