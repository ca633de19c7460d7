import { describe, expect, it } from 'vitest';
import { CHECK_NAMES, type PerCheck, perCheck } from '../../domain/checks.js';
import type { Contact } from '../../domain/contact.js';
import { decide } from '../../domain/decide.js';
import { evolve } from '../../domain/evolve.js';
import type { OpenPolicy } from '../../domain/policy/policy.js';
import { type FlowCheck, flowProblem, type ProjectFlow, requiredByFlow } from '../../domain/project-flow.js';
import { initialState, type State } from '../../domain/state.js';
import { CONTACT, policyWith } from './driver.js';

const EMAIL: Contact = { email: 'someone@example.com' };
const OPEN: OpenPolicy = { required: true, attemptLimits: CHECK_NAMES };

const flowWith = (checks: Partial<PerCheck<FlowCheck>>, change: Partial<ProjectFlow> = {}): ProjectFlow => ({
  status: 'active',
  target: 'personal',
  version: 7,
  checks: { ...perCheck((): FlowCheck => 'mandatory'), ...checks },
  attemptLimits: { document: 5 },
  ...change,
});

const token = { token: 'a-token', expiresAt: 1_000_000 };

const registeredWith = (state: State, flow?: ProjectFlow): State =>
  evolve(state, { type: 'Registered', at: 10, appRegistrationId: 'r', token, ...(flow === undefined ? {} : { flow }) });

describe('the checks that a project flow requires', () => {
  it.each([
    [CONTACT, {}, ['email', 'phone', 'document', 'biometric']],
    [EMAIL, {}, ['email', 'document', 'biometric']],
    [CONTACT, { phone: 'none', biometric: 'optional' }, ['email', 'document']],
    [CONTACT, { email: 'none', phone: 'none', document: 'none', biometric: 'optional' }, ['biometric']],
    [EMAIL, { email: 'none', document: 'none', biometric: 'none' }, []],
  ] as const)('%j with %j has to pass %j', (contact, checks, required) => {
    expect(requiredByFlow(flowWith(checks), contact)).toEqual(required);
  });
});

describe('a request that a project flow cannot serve', () => {
  it.each([
    [flowWith({}, { status: 'draft' }), {}, { type: 'Misconfigured', message: expect.stringContaining('draft') }],
    [flowWith({}, { status: 'paused' }), {}, { type: 'Misconfigured', message: expect.stringContaining('paused') }],
    [
      flowWith({}, { target: 'business' }),
      {},
      { type: 'Misconfigured', message: expect.stringContaining('businesses') },
    ],
    [
      flowWith({ email: 'none', document: 'none', biometric: 'none' }),
      {},
      { type: 'Misconfigured', message: expect.stringContaining('no check') },
    ],
    [
      flowWith({ phone: 'none' }),
      { required: ['email', 'phone'] },
      {
        type: 'InvalidRequest',
        field: 'policy.required',
        expected: 'only checks of the project flow (email, document, biometric), which does not have: phone',
      },
    ],
    [flowWith({ phone: 'none', document: 'optional' }), { required: ['document'] }, undefined],
  ] as const)('%#: %j', (flow, request, problem) => {
    expect(flowProblem(flow, { contact: EMAIL, ...request })).toEqual(problem);
  });
});

describe('the first registration', () => {
  const begun = (change: Partial<OpenPolicy> = {}) =>
    initialState({ policy: policyWith(), openPolicy: { ...OPEN, ...change }, contact: CONTACT }, 0);

  it('takes from the flow what the request left open, and the decision says so', () => {
    const reported = evolve(begun(), { type: 'ValidationReported', at: 5, check: 'phone', result: 'passed' });
    const state = registeredWith(reported, flowWith({ phone: 'none' }));
    const { policy, checks, unconfirmedReports } = state;
    expect(policy.required).toEqual(['email', 'document', 'biometric']);
    expect(policy.attemptLimits).toEqual({ email: 3, phone: 3, document: 5, biometric: 3 });
    expect([checks.phone.status, checks.email.status]).toEqual(['notRequired', 'pending']);
    expect(unconfirmedReports).toEqual([]);
    const next = decide(evolve(state, { type: 'Withdrawn', at: 20 }), 30);
    expect(next).toMatchObject({ step: 'finish', decision: { flowVersion: 7, policy } });
  });

  it("keeps the request's own checks and limits", () => {
    const state = registeredWith(
      begun({ required: false, attemptLimits: ['email'] }),
      flowWith({ document: 'optional' }),
    );
    expect(state.policy).toEqual(policyWith());
    expect(state.flowVersion).toBe(7);
  });

  it('requires every check that the contact allows if Verifik does not show the flow', () => {
    expect(registeredWith(begun()).policy).toEqual(policyWith());
  });

  it.each(['RegistrationResumed', 'RegistrationClosed'] as const)('takes the flow also as %s', (type) => {
    const flow = flowWith({ phone: 'none' });
    const state = evolve(begun(), { type, at: 10, appRegistrationId: 'r', token, flow });
    expect(state.policy.required).toEqual(['email', 'document', 'biometric']);
  });

  it('alone takes the flow: a later one does not change the policy', () => {
    const state = registeredWith(begun(), flowWith({ phone: 'none' }));
    expect(registeredWith(state, flowWith({ document: 'none' })).policy).toEqual(state.policy);
  });
});
