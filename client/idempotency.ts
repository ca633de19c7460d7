import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client';
import * as t from 'io-ts';
import {
  type Fingerprints,
  IDEMPOTENCY_KEY_WORKFLOW,
  type IdempotencyKeyInput,
  type Outcome,
} from '../contract/messages.js';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import type { Calls } from './calls/calls.js';
import { updateFailureOf } from './errors.js';
import { type Fingerprint, fingerprintsOf, requireSameRequest } from './fingerprints.js';

type IdempotencyKeyWorkflow = (input: IdempotencyKeyInput) => Promise<IdempotencyKeyInput>;

const USED = 'the idempotency key was used';

const Cause = t.type({ fingerprints: t.record(t.string, t.string) });

/** Finds the fingerprints of the update that caused a failure. */
const causeOf = (error: unknown): Fingerprints | undefined =>
  updateFailureOf(error)?.details?.find(Cause.is)?.fingerprints;

/**
 * Returns the outcome of an update with an idempotency key, which may be that of an earlier update with the key.
 * `given` are the fingerprints of this one.
 *
 * @throws OnboardingError `RequestMismatch` if the earlier one was different.
 */
export const outcomeOf = async <A>(
  call: Promise<Outcome<A>>,
  given: Fingerprints | undefined,
): Promise<Omit<Outcome<A>, 'fingerprints'>> => {
  try {
    const { fingerprints = given, ...answer } = await call;
    if (given !== undefined && fingerprints !== undefined) requireSameRequest(USED, fingerprints, given);
    return answer;
  } catch (error) {
    const first = causeOf(error);
    if (given !== undefined && first !== undefined) requireSameRequest(USED, first, given);
    throw error;
  }
};

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
  requireSameRequest(USED, (await handle.result()).fingerprints, fingerprints);
  return (await handle.describe()).startTime;
};
