import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { projectFlowAnswer } from '../../verifik/project-flow-answer.js';
import { readExample } from '../tools/sandbox/examples.js';

const read = (data: object) => {
  const answer = projectFlowAnswer({ data });
  if (E.isLeft(answer)) throw new Error(JSON.stringify(answer.left));
  return answer.right;
};

const fieldsOf = (body: unknown) => {
  const answer = projectFlowAnswer(body);
  return E.isLeft(answer) ? answer.left.map(({ field }) => field) : [];
};

const SIGN_UP = { email: true, emailGateway: 'mailgun', phone: true, phoneGateway: 'none' };
const STEPS = { document: 'mandatory', liveness: 'optional' };
const CHECKS = { email: 'mandatory', phone: 'none', document: 'mandatory', biometric: 'optional' };
const ACTIVE = { status: 'active', target: 'personal', version: 4, project: 'p' };

const SHAPES = {
  v3: {
    signUpForm: SIGN_UP,
    steps: STEPS,
    documents: { attemptLimit: 5 },
    liveness: { attemptLimit: 2, compareMinScore: 0.9 },
  },
  v2: {
    onboardingSettings: {
      signUpForm: SIGN_UP,
      steps: STEPS,
      document: { maxAttempts: 5, compareMinScore: 90 },
      liveness: { maxAttempts: 2 },
    },
  },
  configuration: {
    configuration: {
      phoneVerification: { enabled: false, required: true },
      securityThresholds: { biometricScore: 0.9 },
    },
    steps: [
      { stepType: 'email', order: 1, required: true },
      { stepType: 'phone', order: 2, required: true },
      { stepType: 'document', order: 3, required: true },
      { stepType: 'biometric', order: 4, required: false },
    ],
  },
} as const;

describe('a project flow', () => {
  it.each([
    ['v3', { document: 5, biometric: 2 }],
    ['v2', { document: 5, biometric: 2 }],
    ['configuration', {}],
  ] as const)('the shape %s is read as the same flow', (shape, attemptLimits) => {
    expect(read({ ...ACTIVE, ...SHAPES[shape] })).toEqual({
      ...ACTIVE,
      checks: CHECKS,
      attemptLimits,
      compareMinScore: 0.9,
    });
  });

  it("Verifik's own example is read", () => {
    expect(projectFlowAnswer(readExample('project-flow.200'))).toEqual(
      E.right({
        project: '64a1b2c3d4e5f6789012345',
        status: 'draft',
        target: 'personal',
        version: 1,
        checks: { email: 'mandatory', phone: 'mandatory', document: 'mandatory', biometric: 'mandatory' },
        attemptLimits: { document: 3, biometric: 3 },
      }),
    );
  });

  it.each([
    [{ signUpForm: { ...SIGN_UP, email: false }, steps: STEPS }, { email: 'none' }],
    [
      { signUpForm: SIGN_UP, steps: { document: 'skip', liveness: 'skip' } },
      { document: 'none', biometric: 'none' },
    ],
    [
      { signUpForm: SIGN_UP, steps: { document: 'sometimes' } },
      { document: 'mandatory', biometric: 'mandatory' },
    ],
    [{ onboardingSettings: { signUpForm: SIGN_UP, steps: { signUpForm: 'optional' } } }, { email: 'optional' }],
    [{ onboardingSettings: { steps: { signUpForm: 'skip' } } }, { email: 'none', phone: 'none' }],
    [{ onboardingSettings: { signUpForm: SIGN_UP, steps: STEPS }, steps: [] }, CHECKS],
    [
      { configuration: {}, steps: [{ stepType: 'email' }] },
      { email: 'mandatory', phone: 'none', document: 'none' },
    ],
    [
      { configuration: { documentVerification: { enabled: true, required: false } }, steps: [] },
      { document: 'optional', email: 'none' },
    ],
  ])('the checks of %j are read (%#)', (fields, checks) => {
    expect(read(fields)).toMatchObject({ status: 'active', target: 'personal', checks });
  });

  it.each([
    [{ data: { unexpected: true } }, ['data.steps']],
    [{ data: { ...SHAPES.v3, status: 'archived' } }, ['data.status']],
    [{ data: { ...SHAPES.v3, target: 'both' } }, ['data.target']],
    [{}, ['data']],
  ])('an answer that is not a known flow is refused: %j', (body, fields) => {
    expect(fieldsOf(body)).toEqual(fields);
  });

  it('a limit that permits no attempt is left out', () => {
    const { attemptLimits } = read({
      ...SHAPES.v3,
      documents: { attemptLimit: 0 },
      liveness: { attemptLimit: 'many' },
    });
    expect(attemptLimits).toEqual({});
  });
});
