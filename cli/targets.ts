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
  describe: 'your own reference of the customer, in place of the id',
};

/** Which onboarding is meant, and what was given beside it. */
export interface Target {
  readonly workflowId: string;
  readonly rest: readonly string[];
}

const readReference = (reference: string): string =>
  orFail(E.mapLeft(() => [{ field: '--reference', expected: Reference.name }])(decodeFields(Reference)(reference)));

/** Reads which onboarding is meant: by its workflow id, which then comes first, or by the reference. */
export const targetOf = (
  args: readonly string[],
  reference: string | undefined,
  restNames: readonly string[] = [],
): Target => {
  const [id, ...behind] = args;
  const rest = reference === undefined ? behind : args;
  if (reference === undefined && (id === undefined || id.trim() === ''))
    throw wrongUsage({ field: 'id', expected: "an onboarding's workflow id, or --reference" });
  if (rest.length > restNames.length)
    throw wrongUsage({ field: 'id', expected: 'a workflow id or --reference, not both' });
  const workflowId = reference === undefined ? (id ?? '') : workflowIdOfReference(readReference(reference));
  return { workflowId, rest };
};

/**
 * Runs a call that only a running onboarding takes.
 *
 * @throws CliFailure `refused` where the onboarding has ended, `stopped` where it ended without an outcome: Temporal itself tells
 * them from one that never was by nothing.
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
    const standing = await client.status(workflowId).catch(() => undefined);
    if (standing === undefined) throw error;
    if (standing.decision === undefined)
      throw new CliFailure('stopped', 'The onboarding failed or was stopped in Temporal, without an outcome.');
    throw new CliFailure('refused', `The onboarding has ended already: ${standing.decision.outcome}.`);
  }
};
