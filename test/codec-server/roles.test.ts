import { describe, expect, it } from 'vitest';
import type { CreateAppRegistrationInput, RegistrationOutcome } from '../../contract/activities.js';
import type {
  CarriedState,
  LiveRegistration,
  OnboardingInput,
  OnboardingResult,
  ReRegisterArgs,
  ValidationReport,
} from '../../contract/messages.js';
import { EMPTY_LOG } from '../../domain/changes.js';
import { evolve } from '../../domain/evolve.js';
import type { DecideReviewArgs } from '../../domain/review/requests.js';
import { snapshot } from '../../domain/snapshot.js';
import { initialState } from '../../domain/state.js';
import type { Transition } from '../../domain/transitions.js';
import { checklist } from '../../workflows/onboarding/checklist.js';
import { CONTACT, policyWith } from '../domain/driver.js';
import { plain, readAnswer } from './payloads.js';
import { codecOf, run } from './running.js';

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';
const NAME = 'Aspirante Año';
const AT = 1_795_000_000_000;
const IDS = { project: 'project-1', projectFlow: 'flow-1' };
const HASHES = ['Zm9vYmFy1234567890', '3f2a1b0c9d8e7f60'];

const EVENTS: readonly Transition[] = [
  { type: 'Registered', at: AT, appRegistrationId: 'reg-1', token: { token: TOKEN, expiresAt: AT + 60_000 } },
  { type: 'ValidationReported', at: AT + 1, check: 'email', result: 'passed', validationId: 'val-1' },
  { type: 'ValidationReported', at: AT + 2, check: 'phone', result: 'pending', unknownWord: 'MULLING' },
  {
    type: 'UndecodableReported',
    at: AT + 3,
    check: 'document',
    problem: "status: expected one of Verifik's status words",
  },
  { type: 'ReRegistrationRequested', at: AT + 4, contact: { email: 'new.person@example.org' } },
];

const STATE = EVENTS.reduce(evolve, initialState({ policy: policyWith(), contact: CONTACT }, AT));
const SNAPSHOT = snapshot(STATE, AT + 5);

/** Has the codec server decode values, which a worker encrypted, for a role. */
const shown = async (role: 'operator' | 'masked', ...values: readonly unknown[]): Promise<readonly unknown[]> => {
  const server = await run();
  const codec = await codecOf();
  const { text } = await server.decode(server[role], await codec.encode(values.map(plain)));
  return readAnswer(text);
};

const INPUT: OnboardingInput = {
  request: { ...IDS, contact: { ...CONTACT }, fullName: NAME, language: 'es', policy: { required: ['email'] } },
  reference: 'customer-4711',
  contactKeys: HASHES,
};
const CREATE: CreateAppRegistrationInput = {
  ...IDS,
  contact: CONTACT,
  fullName: NAME,
  why: 'start',
  checkExistingFirst: true,
};
const CREATED: RegistrationOutcome = {
  type: 'Registered',
  appRegistrationId: 'reg-1',
  token: { token: TOKEN, expiresAt: AT },
  flow: {
    version: 7,
    checks: { email: 'none', phone: 'optional', document: 'mandatory', biometric: 'mandatory' },
    attemptLimits: { document: 5 },
  },
};
const LIVE: LiveRegistration = { appRegistrationId: 'reg-1', token: TOKEN, expiresAt: AT, generation: 1 };
const CARRIED: CarriedState = { state: STATE, contactKeys: HASHES, log: EMPTY_LOG };
const REPORT: ValidationReport & { readonly otp: number } = {
  status: 'validated',
  validationId: 'val-1',
  occurredAt: '2026-11-25T02:12:00Z',
  reason: `${NAME} called`,
  otp: 482_913,
};
const RE_REGISTER: ReRegisterArgs = { contact: CONTACT, contactKeys: HASHES, reason: 'she moved' };
const REVIEW: DecideReviewArgs = {
  check: 'document',
  decision: 'approve',
  reviewer: 'reviewer-7',
  note: 'her passport',
};
const RESULT: OnboardingResult = {
  outcome: 'verified',
  reason: 'allChecksPassed',
  sentence: 'Every required check has passed, and Verifik confirmed it.',
  decidedAt: AT,
  policyVersion: '2026-11',
  policyName: 'standard',
  policyRevision: '2026-11',
  policyHash: '0123456789abcdef',
  policy: policyWith(),
  flowVersion: 7,
  appRegistrationId: 'reg-1',
};
const EVERYTHING = [INPUT, CREATE, CREATED, LIVE, CARRIED, REPORT, RE_REGISTER, REVIEW, RESULT, SNAPSHOT];

const MASKED_CONTACT = { email: 's***@e***.com', phone: '***67', countryCode: '+57' };

describe('the role personal-data', () => {
  it('sees every message except its secrets', async () => {
    const [input, create, created, live, ...rest] = await shown('operator', ...EVERYTHING);
    expect([input, create]).toEqual([INPUT, CREATE]);
    expect(created).toEqual({ ...CREATED, token: { token: '[secret]', expiresAt: AT } });
    expect(live).toEqual({ ...LIVE, token: '[secret]' });
    expect(rest).toMatchObject([
      { state: { contact: STATE.contact } },
      { reason: REPORT.reason },
      RE_REGISTER,
      REVIEW,
      RESULT,
      SNAPSHOT,
    ]);
  });
});

describe('the role masked', () => {
  it('sees the contact and name of an applicant masked', async () => {
    const [input, create, , , , , reRegister] = await shown('masked', ...EVERYTHING);
    expect(input).toEqual({
      ...INPUT,
      request: { ...INPUT.request, contact: MASKED_CONTACT, fullName: 'A*** A***' },
    });
    expect(create).toEqual({ ...CREATE, contact: MASKED_CONTACT, fullName: 'A*** A***' });
    expect(reRegister).toEqual({ contact: MASKED_CONTACT, contactKeys: HASHES, reason: '[hidden]' });
  });

  it('sees the snapshot, the result, the checklist and the state', async () => {
    const [seen, result, details, carried] = await shown('masked', SNAPSHOT, RESULT, checklist(SNAPSHOT), CARRIED);
    expect(seen).toEqual(SNAPSHOT);
    expect(result).toEqual(RESULT);
    expect(details).toBe(checklist(SNAPSHOT));
    const { former } = STATE.progress.phase === 'registering' ? STATE.progress : {};
    expect(carried).toEqual({
      contactKeys: HASHES,
      log: EMPTY_LOG,
      state: {
        ...STATE,
        contact: { email: 'n***@e***.org' },
        progress: {
          ...STATE.progress,
          former: { ...former, token: { token: '[secret]', expiresAt: AT + 60_000 } },
          formerContact: MASKED_CONTACT,
        },
      },
    });
  });

  it('sees what the project flow requires', async () => {
    const [created] = await shown('masked', CREATED);
    expect(created).toMatchObject({
      flow: { version: 7, checks: { document: 'mandatory', biometric: 'mandatory' } },
    });
  });

  it('sees reports and reviews without their free text', async () => {
    const [report, review] = await shown('masked', REPORT, REVIEW);
    expect(report).toEqual({ ...REPORT, reason: '[hidden]', otp: '[secret]' });
    expect(review).toEqual({ ...REVIEW, note: '[hidden]' });
  });

  it("sees workflow metadata and failures in Temporal's own JSON", async () => {
    const metadata = {
      definition: {
        type: 'onboarding',
        queryDefinitions: [{ name: 'onboarding', description: 'Returns the snapshot.' }],
        signalDefinitions: [{ name: 'withdraw', description: 'Ends it. Takes no input.' }],
        updateDefinitions: [],
      },
      currentDetails: checklist(SNAPSHOT),
    };
    const failure = { message: 'contact: expected an email or a phone', stack_trace: 'Error\n    at x (y.js:1:2)' };
    const details = [{ code: 'NotFound', endpoint: 'GET /v2/app-registrations/{id}', retryAfterMs: 5_000_000 }];
    expect(await shown('masked', metadata, failure, details)).toEqual([metadata, failure, details]);
  });
});

describe('a role', () => {
  it.each(['operator', 'masked'] as const)('sees no secret in any form (%s)', async (role) => {
    const seen = JSON.stringify(
      await shown(
        role,
        ...EVERYTHING,
        TOKEN,
        [`Authorization: Bearer ${TOKEN}`],
        { deep: { access_token: ['opaque-secret'], token: { inner: { token: 'opaque-secret' } } } },
        { otp: 765_432, [TOKEN]: 1, message: `the token ${TOKEN} was refused` },
      ),
    );
    for (const secret of [TOKEN, 'c2lnbmF0dXJl', 'opaque-secret', '765432', '482913'])
      expect(seen).not.toContain(secret);
  });
});
