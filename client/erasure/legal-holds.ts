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
} from '../../contract/messages.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import type { LegalHoldInput, LiftHoldArgs } from '../../domain/legal-hold.js';
import type { Calls } from '../calls/calls.js';
import { query } from '../calls/queries.js';
import { update } from '../calls/retries.js';
import { findRun } from '../calls/runs.js';
import { OnboardingError } from '../errors.js';

type LegalHoldWorkflow = (input: LegalHoldInput) => Promise<LiftedHold>;

const handleOf = (temporal: Client, reference: string) =>
  temporal.workflow.getHandle<LegalHoldWorkflow>(workflowIdOfHold(reference));

/** Queries a hold; `undefined` if it was lifted. */
const readHold = async (temporal: Client, reference: string): Promise<LegalHold | undefined> => {
  const {
    liftedAt,
    liftedBy: _,
    ...hold
  } = await query(handleOf(temporal, reference), (handle) => handle.query(holdQuery));
  return liftedAt === undefined ? hold : undefined;
};

/** True if a hold is set on the reference. A hold is a workflow, and is set while it runs, so this needs no worker. */
export const isHeld = async (temporal: Client, reference: string): Promise<boolean> => {
  const found = await findRun(temporal, { workflowId: workflowIdOfHold(reference) });
  return found !== undefined && found.closeTime === undefined;
};

export const findHold = async (temporal: Client, reference: string): Promise<LegalHold | undefined> =>
  (await isHeld(temporal, reference)) ? readHold(temporal, reference) : undefined;

export const placeHold = async ({ temporal, taskQueue }: Calls, input: LegalHoldInput): Promise<LegalHold> => {
  const { reference } = input;
  for (;;) {
    await temporal.workflow.start<LegalHoldWorkflow>(LEGAL_HOLD_WORKFLOW, {
      workflowId: workflowIdOfHold(reference),
      taskQueue,
      args: [input],
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      staticSummary: 'Legal hold: nothing of this customer may be erased',
      typedSearchAttributes: [{ key: SEARCH_ATTRIBUTES.reference, value: reference }],
    });
    // An existing hold may be lifted before the query: then place a new one.
    const hold = await readHold(temporal, reference);
    if (hold !== undefined) return hold;
  }
};

export const liftHold = async (temporal: Client, reference: string, args: LiftHoldArgs): Promise<LiftedHold> => {
  try {
    // All lifts of a hold share one update id, so that a repeated lift returns the first one.
    const handle = handleOf(temporal, reference);
    return await update(() => handle.executeUpdate(liftHoldUpdate, { args: [args], updateId: 'lift' }));
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    // The server loses updates that no worker has accepted yet when it restarts.
    if (await isHeld(temporal, reference))
      throw new OnboardingError('TimedOut', 'the server lost the lift before a worker accepted it', { cause: error });
    throw new OnboardingError('NoLegalHold', 'no legal hold is set on this reference', { cause: error });
  }
};
