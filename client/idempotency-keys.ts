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

export const IdempotencyKey = textUpTo(255);

export interface KeyClaim {
  readonly key: string;
  /** The customer's reference, by which an erasure finds the key. */
  readonly reference: string;
  /** Everything that distinguishes the request from others. */
  readonly content: unknown;
}

/** Idempotency keys. Each is a workflow that completes at once, and is remembered for as long as Temporal keeps it. */
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
   * Claims a key, and returns when the same request claimed it first; `undefined` if this is the first claim.
   *
   * @throws OnboardingError `RequestMismatch` if a different request has claimed the key.
   */
  async claim({ key, reference, content }: KeyClaim): Promise<Date | undefined> {
    const workflowId = `idempotency-${this.#fingerprint({ key })}`;
    const fingerprint = this.#fingerprint(content);
    try {
      await this.#temporal.workflow.start<IdempotencyKeyWorkflow>(IDEMPOTENCY_KEY_WORKFLOW, {
        workflowId,
        taskQueue: this.#taskQueue,
        args: [{ fingerprint }],
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
        staticSummary: 'Remembers an idempotency key for as long as Temporal keeps this workflow',
        typedSearchAttributes: [{ key: SEARCH_ATTRIBUTES.reference, value: reference }],
      });
      return undefined;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    const handle = this.#temporal.workflow.getHandle<IdempotencyKeyWorkflow>(workflowId);
    const first = await handle.result();
    if (first.fingerprint !== fingerprint)
      throw new OnboardingError('RequestMismatch', 'the idempotency key was used for a different request');
    return (await handle.describe()).startTime;
  }
}
