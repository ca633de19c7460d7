import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client';
import { IDEMPOTENCY_KEY_WORKFLOW, type IdempotencyKeyInput } from '../contract/messages.js';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import { textUpTo } from '../shared/decoding.js';
import { OnboardingError } from './errors.js';
import type { Fingerprint } from './fingerprint.js';

type IdempotencyKeyWorkflow = (input: IdempotencyKeyInput) => Promise<IdempotencyKeyInput>;

/** A key as callers give one. */
export const IdempotencyKey = textUpTo(255);

/** What a key is claimed for. */
export interface Claim {
  readonly key: string;
  /** The customer's, so that their erasure finds the key. */
  readonly reference: string;
  /** All that makes this request another one than others. */
  readonly use: unknown;
}

/** Idempotency keys: each is a workflow that has ended, and is remembered for as long as Temporal keeps it. */
export class IdempotencyKeys {
  readonly #temporal: Client;
  readonly #taskQueue: string;
  readonly #fingerprint: Fingerprint;

  constructor(temporal: Client, taskQueue: string, fingerprint: Fingerprint) {
    this.#temporal = temporal;
    this.#taskQueue = taskQueue;
    this.#fingerprint = fingerprint;
  }

  /**
   * Claims a key, and answers when it was claimed before for the same; `undefined` where this is the first time.
   *
   * @throws OnboardingError `OtherRequest` where it was claimed for something else.
   */
  async claim({ key, reference, use }: Claim): Promise<Date | undefined> {
    const workflowId = `idempotency-${this.#fingerprint({ key })}`;
    const fingerprint = this.#fingerprint(use);
    try {
      await this.#temporal.workflow.start<IdempotencyKeyWorkflow>(IDEMPOTENCY_KEY_WORKFLOW, {
        workflowId,
        taskQueue: this.#taskQueue,
        args: [{ fingerprint }],
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
        staticSummary: 'Remembers an idempotency key for as long as Temporal keeps this',
        typedSearchAttributes: [{ key: SEARCH_ATTRIBUTES.reference, value: reference }],
      });
      return undefined;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    const handle = this.#temporal.workflow.getHandle<IdempotencyKeyWorkflow>(workflowId);
    const first = await handle.result();
    if (first.fingerprint !== fingerprint)
      throw new OnboardingError('OtherRequest', 'the idempotency key was used for another request');
    return (await handle.describe()).startTime;
  }
}
