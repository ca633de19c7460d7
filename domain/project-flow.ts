import { CHECK_NAMES, type CheckName, type PerCheck, perCheck } from './checks.js';
import type { Contact } from './contact.js';
import { allowsCheck } from './request.js';
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

/** Why an onboarding cannot use a flow. `field` is the field of the request to correct, if there is one. */
export type FlowProblem =
  | { readonly type: 'InvalidRequest'; readonly field: string; readonly expected: string }
  | { readonly type: 'Misconfigured'; readonly message: string };

/**
 * The checks that a flow requires of a contact: the mandatory ones, or the optional ones if it has no mandatory one.
 */
export const requiredByFlow = ({ checks }: ProjectFlow, contact: Contact): readonly CheckName[] => {
  const allowed = (kind: FlowCheck) =>
    CHECK_NAMES.filter((check) => checks[check] === kind && allowsCheck(contact, check));
  const mandatory = allowed('mandatory');
  return mandatory.length > 0 ? mandatory : allowed('optional');
};

const refused = (flow: ProjectFlow, required: readonly CheckName[]): FlowProblem | undefined => {
  const missing = required.filter((check) => flow.checks[check] === 'none');
  if (missing.length === 0) return undefined;
  const offered = CHECK_NAMES.filter((check) => flow.checks[check] !== 'none');
  return {
    type: 'InvalidRequest',
    field: 'policy.required',
    expected: `only checks of the project flow (${offered.join(', ') || 'none'}), which does not have: ${missing.join(', ')}`,
  };
};

/** Finds the reason why a flow cannot serve a request. `required` are the checks that the request names, if any. */
export const flowProblem = (
  flow: ProjectFlow,
  { contact, required }: { readonly contact: Contact; readonly required?: readonly CheckName[] },
): FlowProblem | undefined => {
  if (flow.status !== 'active')
    return { type: 'Misconfigured', message: `the project flow is ${flow.status} at Verifik; activate it there` };
  if (flow.target !== 'personal')
    return {
      type: 'Misconfigured',
      message: 'the project flow verifies businesses at Verifik; use a flow whose target is personal',
    };
  if (required !== undefined) return refused(flow, required);
  return requiredByFlow(flow, contact).length > 0
    ? undefined
    : { type: 'Misconfigured', message: 'the project flow has no check that the contact allows; add one at Verifik' };
};

/** Applies the flow to the parts of the policy that the request left open, when the first registration is made. */
export const withProjectFlow = (state: State, flow: ProjectFlow | undefined, at: number): State => {
  const { openPolicy, ...known } = state;
  if (openPolicy === undefined) return state;
  if (flow === undefined) return known;
  const { policy, contact } = state;
  const limits: Partial<PerCheck<number>> = flow.attemptLimits;
  const required = openPolicy.required ? requiredByFlow(flow, contact) : policy.required;
  const checks = perCheck((name): Check => {
    const check = state.checks[name];
    if (!required.includes(name)) return { status: 'notRequired' };
    return isRequired(check) ? check : pendingCheck(at);
  });
  return {
    ...known,
    policy: {
      ...policy,
      required,
      attemptLimits: perCheck((name) => {
        const limit = openPolicy.attemptLimits.includes(name) ? limits[name] : undefined;
        return limit ?? policy.attemptLimits[name];
      }),
    },
    checks,
    unconfirmedReports: state.unconfirmedReports.filter(
      ({ about }) => about === 'registration' || isRequired(checks[about]),
    ),
    ...(flow.version === undefined ? {} : { flowVersion: flow.version }),
  };
};
