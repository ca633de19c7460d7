import * as E from 'fp-ts/lib/Either.js';
import type { OnboardingClient } from '../client/index.js';
import { workflowIdOfReference } from '../client/workflow-id.js';
import { Reference } from '../domain/request.js';
import { decodeFields } from '../shared/decoding.js';
import type { Described } from './command.js';
import { CliFailure, orFail, wrongUsage } from './failures.js';

export const ID_ARGUMENT: Described = { flags: '[id]', describe: "the onboarding's workflow id" };

export const REFERENCE_OPTION: Described = {
  flags: '--reference <reference>',
  describe: 'your own reference for the customer, instead of the id',
};

interface OnboardingArguments {
  readonly workflowId: string;
  readonly rest: readonly string[];
}

const decodeReference = (reference: string): string =>
  orFail(E.mapLeft(() => [{ field: '--reference', expected: Reference.name }])(decodeFields(Reference)(reference)));

/** Resolves the onboarding from the workflow id, which is the first argument, or from the reference. */
export const resolveOnboarding = (
  args: readonly string[],
  reference: string | undefined,
  restNames: readonly string[] = [],
): OnboardingArguments => {
  const [id, ...afterId] = args;
  const rest = reference === undefined ? afterId : args;
  if (reference === undefined && (id === undefined || id.trim() === ''))
    throw wrongUsage({ field: 'id', expected: "an onboarding's workflow id, or --reference" });
  if (rest.length > restNames.length)
    throw wrongUsage({ field: 'id', expected: 'a workflow id or --reference, not both' });
  const workflowId = reference === undefined ? (id ?? '') : workflowIdOfReference(decodeReference(reference));
  return { workflowId, rest };
};

/**
 * Runs a call that only a running onboarding accepts.
 *
 * @throws CliFailure `refused` if the onboarding has ended, `stopped` if it ended without an outcome. Temporal's own
 * error does not distinguish these from an onboarding that never existed.
 */
export const whileRunning = async <A>(
  client: OnboardingClient,
  workflowId: string,
  call: () => Promise<A>,
): Promise<A> => {
  const { OnboardingError } = await import('../client/index.js');
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof OnboardingError) || error.type !== 'NotFound') throw error;
    const snapshot = await client.status(workflowId).catch(() => undefined);
    if (snapshot === undefined) throw error;
    if (snapshot.decision === undefined)
      throw new CliFailure('stopped', 'The onboarding failed or was stopped in Temporal, without an outcome.');
    throw new CliFailure('refused', `The onboarding has ended already: ${snapshot.decision.outcome}.`);
  }
};
