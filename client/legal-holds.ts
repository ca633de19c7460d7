import {
  type Client,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  WorkflowNotFoundError,
} from '@temporalio/client';
import {
  holdQuery,
  LEGAL_HOLD_WORKFLOW,
  type LegalHold,
  type LiftedHold,
  liftHoldUpdate,
  workflowIdOfHold,
} from '../contract/messages.js';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import type { LegalHoldInput, LiftHoldArgs } from '../domain/legal-hold.js';
import { OnboardingError } from './errors.js';
import { query, update } from './retries.js';
import { findRun } from './runs.js';

type LegalHoldWorkflow = (input: LegalHoldInput) => Promise<LiftedHold>;

/** Legal holds. Each is a workflow, and is set while the workflow runs, so that `isSet` needs no worker. */
export class LegalHolds {
  readonly #temporal: Client;
  readonly #taskQueue: string;

  constructor(temporal: Client, taskQueue: string) {
    this.#temporal = temporal;
    this.#taskQueue = taskQueue;
  }

  async isSet(reference: string): Promise<boolean> {
    const found = await findRun(this.#temporal, { workflowId: workflowIdOfHold(reference) });
    return found !== undefined && found.closeTime === undefined;
  }

  async find(reference: string): Promise<LegalHold | undefined> {
    if (!(await this.isSet(reference))) return undefined;
    return unlessLifted(await this.#query(reference));
  }

  async place(input: LegalHoldInput): Promise<LegalHold> {
    const { reference } = input;
    for (;;) {
      await this.#temporal.workflow.start<LegalHoldWorkflow>(LEGAL_HOLD_WORKFLOW, {
        workflowId: workflowIdOfHold(reference),
        taskQueue: this.#taskQueue,
        args: [input],
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
        staticSummary: 'Legal hold: nothing of this customer may be erased',
        typedSearchAttributes: [{ key: SEARCH_ATTRIBUTES.reference, value: reference }],
      });
      // An existing hold may be lifted before the query: then place a new one.
      const hold = unlessLifted(await this.#query(reference));
      if (hold !== undefined) return hold;
    }
  }

  async lift(reference: string, args: LiftHoldArgs): Promise<LiftedHold> {
    try {
      // All lifts of a hold share one update id, so that a repeated lift returns the first one.
      const handle = this.#handle(reference);
      return await update(() => handle.executeUpdate(liftHoldUpdate, { args: [args], updateId: 'lift' }));
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      // The server loses updates that no worker has accepted yet when it restarts.
      if (await this.isSet(reference))
        throw new OnboardingError('TimedOut', 'the server lost the lift before a worker accepted it', { cause: error });
      throw new OnboardingError('NoLegalHold', 'no legal hold is set on this reference', { cause: error });
    }
  }

  #query(reference: string): Promise<LegalHold & Partial<LiftedHold>> {
    return query(this.#handle(reference), (handle) => handle.query(holdQuery));
  }

  #handle(reference: string) {
    return this.#temporal.workflow.getHandle<LegalHoldWorkflow>(workflowIdOfHold(reference));
  }
}

const unlessLifted = ({ liftedAt, liftedBy: _, ...hold }: LegalHold & Partial<LiftedHold>): LegalHold | undefined =>
  liftedAt === undefined ? hold : undefined;
