import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { CHECK_NAMES } from '../../domain/checks.js';
import { decide } from '../../domain/decide.js';
import { evolve } from '../../domain/evolve.js';
import { POLICIES_FILE } from '../../domain/policy/named.js';
import type { ResolvedPolicy } from '../../domain/policy/policy.js';
import { initialState, type State } from '../../domain/state.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../shared/time.js';
import { CONTACT, policyWith } from './driver.js';

const STRICT = { version: '2026-11.1', policy: { required: ['document', 'biometric'], deadlineMs: DAY_MS } };
const STANDARD = { version: '2026-11', policy: {} };

const errorsOf = (policies: unknown): readonly string[] => {
  const decoded = POLICIES_FILE.decode({ policies });
  return E.isLeft(decoded) ? decoded.left.map(({ field, expected }) => `${field}: ${expected}`) : [];
};

describe('the file of policies', () => {
  it('has policies by name, each with a version, the fields of a request and perhaps a canary', () => {
    const canaried = { ...STANDARD, canary: { policy: 'strict', share: 0.1 } };
    expect(POLICIES_FILE.decode({ policies: { standard: canaried, strict: STRICT } })).toEqual(
      E.right(
        new Map<string, unknown>([
          ['standard', canaried],
          ['strict', STRICT],
        ]),
      ),
    );
  });

  const OTHER = 'policies.a.canary.policy: the name of another policy of the file that has no canary itself';

  it.each([
    [undefined, 'policies: an object'],
    [{ 'no name!': STANDARD }, 'policies: each under a name of letters, digits and . _ - (64 at most)'],
    [{ a: { policy: {} } }, 'policies.a.version: a name of letters, digits and . _ - (64 at most)'],
    [{ a: { version: '1' } }, 'policies.a.policy: an object'],
    [{ a: { ...STANDARD, canery: {} } }, 'policies.a.canery: no such field'],
    [{ a: { version: '1', policy: { deadlineMs: 5 } } }, /^policies\.a\.policy\.deadlineMs: a whole number from/],
    [{ a: { version: '1', policy: { required: [] } } }, 'policies.a.policy.required: at least one check'],
    [
      { a: { version: '1', policy: { reconcile: { firstMs: HOUR_MS, maxMs: MINUTE_MS } } } },
      'policies.a.policy.reconcile.maxMs: at least policy.reconcile.firstMs',
    ],
    [{ a: { ...STANDARD, canary: { policy: 'b', share: 1.1 } } }, 'policies.a.canary.share: a number from 0 to 1'],
    [{ a: { ...STANDARD, canary: { policy: 'b', share: 0.1 } } }, OTHER],
    [{ a: { ...STANDARD, canary: { policy: 'a', share: 0.1 } } }, OTHER],
    [
      {
        a: { ...STANDARD, canary: { policy: 'b', share: 0.1 } },
        b: { ...STANDARD, canary: { policy: 'c', share: 0.1 } },
        c: STANDARD,
      },
      OTHER,
    ],
  ])('that is wrong causes an error that names the field and the expected value: %j', (policies, error) => {
    expect(errorsOf(policies)).toEqual([typeof error === 'string' ? error : expect.stringMatching(error)]);
  });
});

describe('the first registration under a named policy', () => {
  const policy = policyWith({
    required: ['document'],
    deadlineMs: HOUR_MS,
    reminders: { afterMs: 10 * MINUTE_MS, max: 1 },
    reconcile: { firstMs: MINUTE_MS, maxMs: HOUR_MS },
  });
  const namedPolicy: ResolvedPolicy = { policyName: 'strict', policyRevision: '7', policyHash: 'abc', policy };
  const token = { token: 'a-token', expiresAt: DAY_MS };
  const STARTED = 1_000;

  const begun = (appRegistrationId?: string): State =>
    initialState(
      {
        policy: policyWith(),
        openPolicy: { required: true, attemptLimits: CHECK_NAMES },
        contact: CONTACT,
        appRegistrationId,
      },
      STARTED,
    );

  it.each(['Registered', 'RegistrationResumed', 'RegistrationClosed'] as const)(
    'has the policy in force from then on, and its times count from the start (%s)',
    (type) => {
      const at = STARTED + 5 * MINUTE_MS;
      const first = evolve(begun('r'), { type, at, appRegistrationId: 'r', token, namedPolicy });
      expect(first).toMatchObject({
        policy,
        namedPolicy: { policyName: 'strict', policyRevision: '7', policyHash: 'abc' },
        deadline: STARTED + HOUR_MS,
        reconcile: { intervalMs: MINUTE_MS },
        checks: { email: { status: 'notRequired' }, document: { status: 'pending' } },
      });
      expect(first.reminders.nextAt).toBe((type === 'RegistrationClosed' ? at : STARTED) + 10 * MINUTE_MS);
    },
  );

  it('alone has it: a later registration does not change the policy', () => {
    const first = evolve(begun(), { type: 'Registered', at: STARTED, appRegistrationId: 'r', token, namedPolicy });
    const other = { ...namedPolicy, policyName: 'other', policy: policyWith() };
    const later = evolve(first, { type: 'Registered', at: 5_000, appRegistrationId: 'r', token, namedPolicy: other });
    expect(decide(evolve(later, { type: 'Withdrawn', at: 6_000 }), 6_000)).toMatchObject({
      decision: { policy, policyName: 'strict' },
    });
  });
});
