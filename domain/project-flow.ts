import { defined } from '../shared/defined.js';
import type { EpochMs } from '../shared/time.js';
import { CHECK_NAMES, type CheckName, type PerCheck, perCheck } from './checks.js';
import type { Contact } from './contact.js';
import { allowsCheck } from './policy/fields.js';
import type { OpenPolicy, Policy, ResolvedPolicy } from './policy/policy.js';
import { type Check, isRequired, pendingCheck, type State } from './state.js';

/**
 * `mandatory`: the applicant has to pass it; `optional`: the applicant may skip it; `none`: the flow does not have it.
 */
export type FlowCheck = 'mandatory' | 'optional' | 'none';

/** A project flow at Verifik: what its applicants have to pass. */
export interface ProjectFlow {
  readonly project?: string;
  readonly status: 'draft' | 'active' | 'paused';
  readonly target: 'personal' | 'business';
  readonly version?: number;
  readonly checks: PerCheck<FlowCheck>;
  /** The attempts that the flow permits, where it limits them. */
  readonly attemptLimits: { readonly document?: number; readonly biometric?: number };
  /** The minimum score of a face comparison, from 0 to 1. */
  readonly compareMinScore?: number;
}

/** The part of a flow that determines what its applicants have to pass. */
export type FlowRules = Pick<ProjectFlow, 'version' | 'checks' | 'attemptLimits'>;

/** Returns the rules of a flow, the only part that an onboarding records. */
export const rulesOf = ({ version, checks, attemptLimits }: ProjectFlow): FlowRules =>
  defined({ version, checks, attemptLimits });

/** Why an onboarding cannot use a flow. `field` is the field of the request to correct, if there is one. */
export type FlowProblem =
  | { readonly type: 'InvalidRequest'; readonly field: string; readonly expected: string }
  | { readonly type: 'Misconfigured'; readonly message: string };

/**
 * The checks that a flow requires of a contact: the mandatory ones, or the optional ones if it has no mandatory one.
 */
export const requiredByFlow = ({ checks }: FlowRules, contact: Contact): readonly CheckName[] => {
  const allowed = (kind: FlowCheck) =>
    CHECK_NAMES.filter((check) => checks[check] === kind && allowsCheck(contact, check));
  const mandatory = allowed('mandatory');
  return mandatory.length > 0 ? mandatory : allowed('optional');
};

/** The part of a request that the flow has to fit. */
export interface RequiredChecks {
  readonly contact: Contact;
  /** The checks that the request itself or its named policy requires. */
  readonly required?: readonly CheckName[];
  readonly policyName?: string;
}

const refused = (
  flow: ProjectFlow,
  required: readonly CheckName[],
  policyName: string | undefined,
): FlowProblem | undefined => {
  const missing = required.filter((check) => flow.checks[check] === 'none');
  if (missing.length === 0) return undefined;
  const offered = CHECK_NAMES.filter((check) => flow.checks[check] !== 'none');
  return {
    type: 'InvalidRequest',
    field: policyName === undefined ? 'policy.required' : 'policyName',
    expected: `${policyName === undefined ? '' : 'a policy with '}only checks of the project flow (${offered.join(', ') || 'none'}), which does not have: ${missing.join(', ')}`,
  };
};

/** Finds the reason why a flow cannot serve a request. */
export const flowProblem = (
  flow: ProjectFlow,
  { contact, required, policyName }: RequiredChecks,
): FlowProblem | undefined => {
  if (flow.status !== 'active')
    return { type: 'Misconfigured', message: `the project flow is ${flow.status} at Verifik; activate it there` };
  if (flow.target !== 'personal')
    return {
      type: 'Misconfigured',
      message: 'the project flow verifies businesses at Verifik; use a flow whose target is personal',
    };
  if (required !== undefined) return refused(flow, required, policyName);
  return requiredByFlow(flow, contact).length > 0
    ? undefined
    : { type: 'Misconfigured', message: 'the project flow has no check that the contact allows; add one at Verifik' };
};

/** Applies the flow to the parts of a policy that were left open. */
export const policyWithFlow = (
  { policy, openPolicy }: { readonly policy: Policy; readonly openPolicy: OpenPolicy },
  flow: FlowRules | undefined,
  contact: Contact,
): Policy => {
  if (flow === undefined) return policy;
  const limits: Partial<PerCheck<number>> = flow.attemptLimits;
  return {
    ...policy,
    required: openPolicy.required ? requiredByFlow(flow, contact) : policy.required,
    attemptLimits: perCheck((name) => {
      const limit = openPolicy.attemptLimits.includes(name) ? limits[name] : undefined;
      return limit ?? policy.attemptLimits[name];
    }),
  };
};

/** The times that a named policy sets. They count from the start, as those of a request's own policy. */
const timesOf = ({ startedAt, reminders, reconcile }: State, policy: Policy) => {
  const { firstMs } = policy.reconcile;
  return {
    deadline: startedAt + policy.deadlineMs,
    reminders: { ...reminders, nextAt: startedAt + policy.reminders.afterMs },
    reconcile: { ...reconcile, intervalMs: firstMs, nextAt: startedAt + firstMs },
  };
};

/** Returns the state under the named policy, if the request names one. */
const withNamedPolicy = (state: State, resolved: ResolvedPolicy | undefined): State => {
  if (resolved === undefined) return state;
  const { policy, ...namedPolicy } = resolved;
  return { ...state, ...timesOf(state, policy), namedPolicy };
};

/**
 * Puts the policy in force when the first registration is made: the named one, or the request's own with what the flow
 * decides. Later registrations do not change it.
 */
export const withPolicyAtStart = (
  state: State,
  { flow, namedPolicy, at }: { readonly flow?: FlowRules; readonly namedPolicy?: ResolvedPolicy; readonly at: EpochMs },
): State => {
  const { openPolicy, ...known } = state;
  if (openPolicy === undefined) return state;
  const policy = namedPolicy?.policy ?? policyWithFlow({ ...state, openPolicy }, flow, state.contact);
  const checks = perCheck((name): Check => {
    const check = state.checks[name];
    if (!policy.required.includes(name)) return { status: 'notRequired' };
    return isRequired(check) ? check : pendingCheck(at);
  });
  return {
    ...withNamedPolicy(known, namedPolicy),
    policy,
    checks,
    unconfirmedReports: state.unconfirmedReports.filter(
      ({ about }) => about === 'registration' || isRequired(checks[about]),
    ),
    ...defined({ flowVersion: flow?.version }),
  };
};
