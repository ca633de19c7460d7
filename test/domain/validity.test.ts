import { describe, expect, it } from 'vitest';
import { CHECK_NAMES } from '../../domain/checks.js';
import { decide } from '../../domain/decide.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Transition } from '../../domain/transitions.js';
import { defined } from '../../shared/defined.js';
import { DAY_MS } from '../../shared/time.js';
import { everyCheck, read, registered, stateWith } from './transitions.js';

const NOW = 10_000;
const A_YEAR = 365 * DAY_MS;

const readWith = (expiresAt: number | undefined, at = NOW): Transition => {
  const passed = everyCheck('passed');
  return read(at, { ...passed, document: { ...passed.document, ...defined({ expiresAt }) } }, 'completed', {
    upToSerial: 1,
  });
};

const decided = (policy: Partial<Policy>, ...transitions: readonly Transition[]) => {
  const state = stateWith(policy, registered(0), ...transitions);
  const next = decide(state, NOW);
  return { state, decision: next.step === 'finish' ? next.decision : undefined };
};

describe('the validity of a verified outcome', () => {
  it.each([
    ['without a limit, although the document expires', {}, NOW + DAY_MS, undefined],
    ['after the time that the policy sets', { verifiedForMs: A_YEAR }, undefined, NOW + A_YEAR],
    ['with a document that expires earlier', { verifiedForMs: A_YEAR }, NOW + DAY_MS, NOW + DAY_MS],
    ['before a document that expires later', { verifiedForMs: A_YEAR }, NOW + 2 * A_YEAR, NOW + A_YEAR],
  ])('ends %s', (_how, policy, expiresAt, validUntil) => {
    expect(decided(policy, readWith(expiresAt)).decision).toMatchObject({ outcome: 'verified' });
    expect(decided(policy, readWith(expiresAt)).decision?.validUntil).toBe(validUntil);
  });

  it('does not depend on a document that is not required', () => {
    const required = CHECK_NAMES.filter((name) => name !== 'document');
    const { decision } = decided({ verifiedForMs: A_YEAR, required }, readWith(NOW + DAY_MS));
    expect(decision?.validUntil).toBe(NOW + A_YEAR);
  });

  it('needs a reviewer if the document has expired, whose approval accepts it for the whole time', () => {
    const expired = readWith(NOW - 5_000, NOW - 2_000);
    const { state, decision } = decided({ verifiedForMs: A_YEAR }, expired);
    expect(decision).toBeUndefined();
    expect(state.checks.document).toMatchObject({ status: 'inReview', reason: 'documentExpired' });
    const approval = { type: 'ReviewDecided', at: NOW - 1_000, decision: 'approve', reviewer: 'reviewer-7' } as const;
    const approved = decided({ verifiedForMs: A_YEAR }, expired, approval, readWith(NOW - 5_000));
    expect(approved.decision).toMatchObject({ reason: 'approvedByReviewer', validUntil: NOW + A_YEAR });
  });
});
