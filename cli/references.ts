import type { OnboardingClient } from '../client/index.js';
import { referenceOfWorkflowId, workflowIdOfReference } from '../contract/workflow-id.js';
import { Reference } from '../domain/ids.js';
import { type ArgumentSpec, option } from './command.js';
import { CliFailure, onClientError, wrongUsage } from './failures.js';
import { plain } from './format/text.js';

export const ID_ARGUMENT: ArgumentSpec = { name: 'id', describe: "the onboarding's workflow id or reference" };

export const BATCH_ARGUMENT: ArgumentSpec = { name: 'batch', describe: "the batch's id" };

export const REFERENCE_OPTION = option(
  '<reference>',
  'your own reference for the customer, instead of the id',
  Reference,
);

/** Returns the reference of an onboarding, or its workflow id if it was started without one, for a table. */
export const nameOf = (workflowId: string): string => plain(referenceOfWorkflowId(workflowId) ?? workflowId);

/** Returns the workflow id that an argument is, or that of the reference that it is. */
const workflowIdOf = (id: string): string => {
  if (referenceOfWorkflowId(id) !== undefined) return id;
  if (Reference.is(id)) return workflowIdOfReference(id);
  throw wrongUsage({ field: 'id', expected: `an onboarding's workflow id, or ${Reference.name}` });
};

/**
 * Resolves the onboarding from its workflow id or its reference, which is the first argument, or from `--reference`.
 * Returns the other arguments too, of which there may be `atMost`.
 */
export const resolveOnboarding = (
  args: readonly string[],
  reference: string | undefined,
  atMost = 0,
): { readonly workflowId: string; readonly rest: readonly string[] } => {
  const [id = '', ...afterId] = args;
  const rest = reference === undefined ? afterId : args;
  if (reference === undefined && id.trim() === '')
    throw wrongUsage({ field: 'id', expected: "an onboarding's workflow id or reference" });
  if (rest.length > atMost) throw wrongUsage({ field: 'id', expected: 'an id or --reference, not both' });
  return { workflowId: reference === undefined ? workflowIdOf(id) : workflowIdOfReference(reference), rest };
};

/** Returns the id of a batch or a schedule, which is the first argument. */
export const idOf = ([id]: readonly string[], what: 'batch' | 'schedule'): string => {
  if (id === undefined || id.trim() === '') throw wrongUsage({ field: what, expected: `the id of a ${what}` });
  return id;
};

/**
 * Runs a call that only a running onboarding accepts.
 *
 * @throws CliFailure `refused` if the onboarding has ended, `stopped` if it ended without an outcome.
 */
export const whileRunning = <A>(client: OnboardingClient, workflowId: string, call: () => Promise<A>): Promise<A> =>
  onClientError(call, 'AlreadyEnded', async (error) => {
    const snapshot = await client.status(workflowId).catch(() => undefined);
    if (snapshot === undefined) throw error;
    if (snapshot.decision === undefined)
      throw new CliFailure('stopped', `The onboarding has no outcome. ${snapshot.awaiting.what}`);
    throw new CliFailure('refused', `The onboarding has ended already: ${snapshot.decision.outcome}.`);
  });
