import { createHash } from 'node:crypto';
import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import * as E from 'fp-ts/lib/Either.js';
import type { Contact } from '../../domain/contact.js';
import { completePolicy } from '../../domain/policy/fields.js';
import { policyHashOf } from '../../domain/policy/hash.js';
import type { PolicyEntry } from '../../domain/policy/named.js';
import type { OpenPolicy, Policy, ResolvedPolicy } from '../../domain/policy/policy.js';
import { type FlowRules, policyWithFlow, type RequiredChecks } from '../../domain/project-flow.js';
import type { FieldError } from '../../shared/decoding.js';
import { JsonFileError } from '../../shared/json-file.js';
import { invalidRequest } from '../failures.js';
import type { PoliciesFile } from '../policies-file.js';

/** Maps an onboarding to a number from 0 to 1 (exclusive), another one for each canary, so that canaries differ. */
const positionOf = (workflowId: string, canary: string): number =>
  createHash('sha256').update(`${canary}:${workflowId}`).digest().readUInt32BE() / 2 ** 32;

/**
 * Returns the name of the policy that an onboarding gets: the canary's for a share of the workflow ids, always the same
 * for an id while the share does not change.
 */
export const chooseName = (name: string, { canary }: PolicyEntry, workflowId: string): string =>
  canary !== undefined && positionOf(workflowId, canary.policy) < canary.share ? canary.policy : name;

/** A policy that the contact allows, before the project flow decides its open parts. */
export interface ChosenPolicy {
  readonly policyName: string;
  readonly policyRevision: string;
  readonly policy: Policy;
  readonly openPolicy: OpenPolicy;
}

const refuse = (expected: string): never => {
  throw invalidRequest({ field: 'policyName', expected });
};

/** Retryable: an operator corrects the file. */
const wrongFile = (error: unknown): never => {
  if (!(error instanceof JsonFileError)) throw error;
  throw ApplicationFailure.create({ type: 'WrongPoliciesFile', message: error.message });
};

const fieldsOf = (errors: readonly FieldError[]): string => errors.map(({ field }) => field).join(' and ');

/**
 * Finds the named policy for the onboarding of the running activity.
 *
 * @throws ApplicationFailure `InvalidRequest` if there is no policy of this name, or if it requires a check that the
 * contact does not allow; a retryable one while the file of policies is wrong.
 */
export const findPolicy = async (file: PoliciesFile, asked: string, contact: Contact): Promise<ChosenPolicy> => {
  const policies =
    (await file.current().catch(wrongFile)) ??
    refuse('nothing, as this worker has no file of policies (ONBOARDING_POLICIES_FILE)');
  const known = policies.get(asked) ?? refuse("the name of a policy in the workers' file");
  const policyName = chooseName(asked, known, activityInfo().workflowExecution?.workflowId ?? '');
  const { version, policy: fields } = policies.get(policyName) ?? known;
  const policy = completePolicy(fields, contact);
  return E.isRight(policy)
    ? { policyName, policyRevision: version, ...policy.right }
    : refuse(`a policy whose checks the contact allows: ${policyName} requires ${fieldsOf(policy.left)}`);
};

/** Returns the checks that the policy itself requires, if it does not leave them to the project flow. */
export const requiredBy = ({ policyName, policy, openPolicy }: ChosenPolicy, contact: Contact): RequiredChecks => ({
  policyName,
  contact,
  ...(openPolicy.required ? {} : { required: policy.required }),
});

/** Completes a policy by the project flow, and hashes it. */
export const resolvePolicy = (
  { policyName, policyRevision, ...chosen }: ChosenPolicy,
  flow: FlowRules | undefined,
  contact: Contact,
): ResolvedPolicy => {
  const policy = policyWithFlow(chosen, flow, contact);
  return { policyName, policyRevision, policyHash: policyHashOf(policy), policy };
};
