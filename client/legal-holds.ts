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
import { ask, update } from './asking.js';
import { OnboardingError } from './errors.js';
import { findRun } from './runs.js';

type LegalHoldWorkflow = (input: LegalHoldInput) => Promise<LiftedHold>;

/** Legal holds: each is a workflow, set for as long as it runs. Whether one is set is told without a worker. */
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
    return standing(await ask(this.#handle(reference), (handle) => handle.query(holdQuery)));
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
      // One that was there may have been lifted meanwhile: then it is to be placed anew.
      const hold = standing(await ask(this.#handle(reference), (handle) => handle.query(holdQuery)));
      if (hold !== undefined) return hold;
    }
  }

  async lift(reference: string, args: LiftHoldArgs): Promise<LiftedHold> {
    try {
      // One update id: whoever lifts a hold again is answered with the lift that was.
      const handle = this.#handle(reference);
      return await update(() => handle.executeUpdate(liftHoldUpdate, { args: [args], updateId: 'lift' }));
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      // The server forgets an update that no worker has taken up yet when it is started anew itself.
      if (await this.isSet(reference))
        throw new OnboardingError('TimedOut', 'the lift was not taken up', { cause: error });
      throw new OnboardingError('NoLegalHold', 'no legal hold is set on this reference', { cause: error });
    }
  }

  #handle(reference: string) {
    return this.#temporal.workflow.getHandle<LegalHoldWorkflow>(workflowIdOfHold(reference));
  }
}

const standing = ({ liftedAt, liftedBy: _, ...hold }: LegalHold & Partial<LiftedHold>): LegalHold | undefined =>
  liftedAt === undefined ? hold : undefined;
