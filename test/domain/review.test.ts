import { describe, expect, it } from 'vitest';
import { changesBetween } from '../../domain/changes.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { DEFAULT_POLICY, type Policy } from '../../domain/policy/policy.js';
import { snapshot } from '../../domain/snapshot.js';
import type { State } from '../../domain/state.js';
import type { TransitionOf } from '../../domain/transitions.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import { attemptAndReport, becomes, type Input, type Run, runOnboarding, transition } from './driver.js';
import { ModelVendor } from './model-vendor.js';

const AT = HOUR_MS;
const { withinMs, escalateBeforeMs } = DEFAULT_POLICY.review;
const DEADLINE_MS = 2 * DAY_MS;

const othersPass = (['email', 'phone', 'biometric'] as const).flatMap((name) => attemptAndReport(AT, name, 'passed'));
const documentInReview = attemptAndReport(AT, 'document', 'inReview');
const underReview: readonly Input[] = [...othersPass, ...documentInReview];

const decides = (at: number, decision: 'approve' | 'reject', reviewer = 'reviewer-7'): Input =>
  transition(at, (now) => ({ type: 'ReviewDecided', at: now, decision, reviewer }));

const claims = (at: number, reviewer: string, forMs = HOUR_MS): Input =>
  transition(at, (now) => ({ type: 'ReviewClaimed', at: now, reviewer, until: now + forMs }));

const requestsAgain = (at: number, checks: TransitionOf<'ChecksRequestedAgain'>['checks'] = ['document']): Input =>
  transition(at, (now) => ({
    ...{ type: 'ChecksRequestedAgain', at: now, checks, reviewer: 'reviewer-7', reason: 'The photo is blurred.' },
  }));

const withdraws = (at: number): Input => transition(at, (now) => ({ type: 'Withdrawn', at: now }));

const run = (inputs: readonly Input[], policy: Partial<Policy> = {}, vendor = new ModelVendor()): Run =>
  runOnboarding(inputs, { vendor, policy: { deadlineMs: DEADLINE_MS, ...policy } });

const changesOf = ({ applied }: Run) =>
  applied.flatMap(({ before, after, transition: { at } }) =>
    changesBetween(before, after).map((change) => ({ at, ...change })),
  );

const stateAt = ({ applied }: Run, at: number): State => {
  const state = applied.findLast(({ transition }) => transition.at <= at)?.after;
  if (state === undefined) throw new Error('nothing was applied by then');
  return state;
};

describe('the clock of a review', () => {
  it('an applicant under review outlives the deadline, and has the rest of their time after it', () => {
    const late = AT + 5 * DAY_MS;
    const waits = { review: { ...DEFAULT_POLICY.review, atDeadline: 'wait' } } as const;
    // The model holds the registration for review after the approval of a check.
    const approvals = [decides(late, 'approve'), decides(late + HOUR_MS, 'approve')];
    const approved = run([...underReview, ...approvals], waits);
    expect(approved.decision).toMatchObject({ outcome: 'verified', reason: 'approvedByReviewer' });

    const emailLeft = [...othersPass.slice(2), ...documentInReview, decides(late, 'approve')];
    const expired = run(emailLeft, waits);
    expect(expired.decision.reason).toBe('deadlinePassed');
    const reviewMs = late - (stateAt(expired, late - 1).review?.since ?? 0);
    expect(expired.decision.decidedAt - (DEADLINE_MS + reviewMs)).toBeLessThan(SECOND_MS);
  });

  it.each(['wait', 'reject'] as const)(
    'one event comes before the review is due, and when it is due the onboarding does: %s',
    (atDeadline) => {
      const late = AT + withinMs + DAY_MS;
      const ended = run([...underReview, withdraws(late)], { review: { withinMs, escalateBeforeMs, atDeadline } });
      const { since = 0, dueAt = 0 } = stateAt(ended, late).review ?? {};
      expect(dueAt).toBe(since + withinMs);
      expect(changesOf(ended).filter(({ type }) => type === 'onboarding.review.due')).toMatchObject([
        { at: expect.closeTo(dueAt - escalateBeforeMs, -3), checks: ['document'], dueAt },
      ]);
      expect(ended.decision.reason).toBe(atDeadline === 'wait' ? 'withdrawn' : 'reviewOverdue');
      if (atDeadline === 'reject') expect(ended.decision.decidedAt).toBeLessThan(dueAt + SECOND_MS);
    },
  );

  it('a review that is due is read at Verifik once more before the applicant is rejected', () => {
    const vendor = new ModelVendor();
    const { turns } = run(underReview, {}, vendor);
    const [beforeLast] = turns.slice(-2);
    expect(beforeLast?.next).toMatchObject({ step: 'readVendor', why: 'finalRead' });
  });

  it('a re-registration neither ends a review nor renews its time', () => {
    const asks = transition(AT + DAY_MS, (at) => ({ type: 'ReRegistrationRequested', at }));
    const vendor = new ModelVendor({ reRegistration: 'resume', resendLink: true });
    const again = run([...underReview, asks], {}, vendor);
    expect(stateAt(again, AT + 2 * DAY_MS)).toMatchObject({ generation: 2, review: { since: expect.closeTo(AT, -3) } });
    expect(again.decision.reason).toBe('reviewOverdue');
  });
});

describe('a claim', () => {
  it('a claim is shown until it ends by itself, and the end frees the review', () => {
    const claimed = run([...underReview, claims(2 * HOUR_MS, 'reviewer-7', 30 * MINUTE_MS)]);
    const at = (ms: number) => snapshot(stateAt(claimed, ms), ms);
    expect(at(2 * HOUR_MS).review).toMatchObject({ claim: { reviewer: 'reviewer-7', until: 2.5 * HOUR_MS } });
    expect(at(2 * HOUR_MS).nextActions.map(({ action }) => action)).toContain('releaseReview');
    expect(at(2.5 * HOUR_MS).review?.claim).toBeUndefined();
    expect(stateAt(claimed, 2.5 * HOUR_MS + SECOND_MS).review?.claim).toBeUndefined();
  });

  it('a decision against the claim of another reviewer names both', () => {
    const others = claims(2 * HOUR_MS, 'reviewer-8');
    const decided = (inputs: readonly Input[]) =>
      changesOf(run([...underReview, ...inputs, decides(2 * HOUR_MS + 1, 'reject')])).find(
        ({ type }) => type === 'onboarding.review.decided',
      );
    expect(decided([others])).toMatchObject({ reviewer: 'reviewer-7', overruled: 'reviewer-8', decision: 'reject' });
    expect(decided([])).not.toHaveProperty('overruled');
    expect(decided([claims(2 * HOUR_MS, 'reviewer-7')])).not.toHaveProperty('overruled');
  });
});

describe('a check that a reviewer requests again', () => {
  it('the check is pending with all attempts, the former validation is deleted and void, and the applicant gets a link', () => {
    const vendor = new ModelVendor();
    const fails = attemptAndReport(AT, 'document', 'failed');
    const former = [...othersPass, ...fails, ...attemptAndReport(AT + MINUTE_MS, 'document', 'inReview')];
    const asked = run([...former, requestsAgain(2 * HOUR_MS)], { reminders: { afterMs: DAY_MS, max: 0 } }, vendor);
    const state = stateAt(asked, 2 * HOUR_MS + MINUTE_MS);
    expect(snapshot(state, 2 * HOUR_MS + MINUTE_MS)).toMatchObject({
      awaiting: { from: 'applicant' },
      checks: {
        document: { status: 'pending', attempts: { failed: 0, limit: 3 }, requestedAgain: 'The photo is blurred.' },
      },
    });
    expect(state.reminders.sent).toBe(1);
    expect(state.toDeleteAtVendor).toBeUndefined();
    expect(vendor.validations.document).toBeUndefined();
    expect(changesOf(asked)).toContainEqual({
      ...{ at: 2 * HOUR_MS, type: 'onboarding.review.decided', decision: 'again', reviewer: 'reviewer-7' },
      ...{ checks: ['document'], reason: 'The photo is blurred.' },
    });
  });

  it('the link is sent at once, also if a read between the request and the link shows a change', () => {
    const vendor = new ModelVendor();
    const held = becomes(2 * HOUR_MS, 'needsReview');
    const reports = transition(2 * HOUR_MS + 1, (at) => ({ type: 'RegistrationReported', at, status: 'needsReview' }));
    const asked = run([...underReview, held, requestsAgain(2 * HOUR_MS), reports], {}, vendor);
    const state = stateAt(asked, 2 * HOUR_MS + MINUTE_MS);
    // The deleted document took the comparison of the faces with it.
    expect(state.checks.biometric.status).toBe('pending');
    expect(state.reminders.sent).toBe(1);
  });

  it('the repeated check leads to verified, also while Verifik still holds the registration for review', () => {
    const vendor = new ModelVendor();
    const inputs = [
      ...underReview,
      becomes(AT + 1, 'needsReview'),
      requestsAgain(2 * HOUR_MS),
      ...attemptAndReport(3 * HOUR_MS, 'document', 'passed'),
      becomes(3 * HOUR_MS + 1, 'inProgress'),
    ];
    const repeated = run(inputs, {}, vendor);
    expect(stateAt(repeated, 2.5 * HOUR_MS).review).toBeUndefined();
    expect(repeated.decision).toMatchObject({ outcome: 'verified', reason: 'allChecksPassed' });

    const held = run([...inputs.slice(0, -1), decides(4 * HOUR_MS, 'approve')], {}, new ModelVendor());
    expect(stateAt(held, 3.5 * HOUR_MS).review).toBeDefined();
    expect(held.decision).toMatchObject({ reason: 'approvedByReviewer' });
  });

  it('the former validation never counts, even if Verifik passes it after all', () => {
    const keeps = new ModelVendor();
    keeps.answer = (...asked) => {
      const [step] = asked;
      const { id } = step.step === 'deleteValidation' ? step : { id: '' };
      return step.step === 'deleteValidation'
        ? { type: 'ValidationDeleted', id, problem: 'document: Verifik did not delete the former validation' }
        : ModelVendor.prototype.answer.apply(keeps, asked);
    };
    const passes: Input = {
      at: 3 * HOUR_MS,
      apply: ({ validations }, at) => {
        const { document } = validations;
        if (document === undefined) return [];
        document.result = 'passed';
        return [{ type: 'ValidationReported', at, check: 'document', result: 'passed', validationId: document.id }];
      },
    };
    const { state } = run([...underReview, requestsAgain(2 * HOUR_MS), passes], {}, keeps);
    expect(state).toMatchObject({ checks: { document: { status: 'pending' } }, reports: { stale: 1 } });
    expect(state.recentProblems).toEqual(['document: Verifik did not delete the former validation']);
  });

  it('a request in the last minute gives the applicant a day', () => {
    const last = attemptAndReport(DEADLINE_MS - MINUTE_MS, 'document', 'inReview');
    const at = DEADLINE_MS + DAY_MS;
    const { decision } = run([...othersPass, ...last, requestsAgain(at)]);
    expect(decision).toMatchObject({ outcome: 'expired' });
    expect(decision.decidedAt).toBeGreaterThanOrEqual(at + DAY_MS);
    expect(decision.decidedAt).toBeLessThan(at + DAY_MS + MINUTE_MS);
  });

  it.each(CHECK_NAMES)('a review of %s is recorded with who decided it and when', (name) => {
    const all = CHECK_NAMES.flatMap((one) => attemptAndReport(AT, one, one === name ? 'inReview' : 'passed'));
    const { state } = run([...all, decides(2 * HOUR_MS, 'reject')]);
    const decided = { at: 2 * HOUR_MS, decision: 'reject', reviewer: 'reviewer-7', checks: [name] };
    expect(state.reviews).toEqual([{ ...decided, reviewed: [{ check: name, validationId: expect.any(String) }] }]);
  });
});

describe('an approval that the policy requires', () => {
  const approval = { approval: 'required', review: { ...DEFAULT_POLICY.review, atDeadline: 'reject' } } as const;
  const allPass = CHECK_NAMES.flatMap((name) => attemptAndReport(AT, name, 'passed'));

  it('an applicant whose checks have passed is verified after it, and neither without it nor after a rejection', () => {
    const late = AT + DAY_MS;
    const approved = run([...allPass, decides(late, 'approve', 'core-banking')], approval);
    const shown = snapshot(stateAt(approved, late - 1), late - 1);
    expect(shown.review).toMatchObject({ checks: [], reasons: ['approvalRequired'], dueAt: expect.any(Number) });
    expect(shown.awaiting.from).toBe('reviewer');
    expect(approved.decision).toMatchObject({
      ...{ outcome: 'verified', reason: 'approvedByReviewer', reviewer: 'core-banking' },
    });
    expect(approved.decision.decidedAt).toBeGreaterThanOrEqual(late);
    const types = changesOf(approved).map(({ type }) => type);
    expect(types.filter((type) => type === 'onboarding.review.needed')).toHaveLength(1);

    const rejected = run([...allPass, decides(late, 'reject', 'core-banking')], approval);
    expect(rejected.decision).toMatchObject({ reason: 'rejectedByReviewer', reviewer: 'core-banking' });
    expect(run(allPass, approval).decision.reason).toBe('reviewOverdue');
    expect(run(allPass).decision.reason).toBe('allChecksPassed');
  });

  it('the approval of a check, and of a registration that Verifik holds with it, is not yet this one', () => {
    const late = AT + DAY_MS;
    const once = [...underReview, decides(late, 'approve', 'reviewer-7')];
    expect(run(once, approval).decision.reason).toBe('reviewOverdue');
    // The model holds the registration for review when it is completed after the approval of a check.
    const all = [...once, decides(late + HOUR_MS, 'approve', 'core-banking'), decides(late + 2 * HOUR_MS, 'approve')];
    expect(run(all, approval).decision).toMatchObject({ outcome: 'verified', reviewer: 'core-banking' });
  });

  it('does not cover a check that has changed since', () => {
    const late = AT + DAY_MS;
    // Verifik answers the read after the approval with another validation.
    const repeats = attemptAndReport(late, 'document', 'passed');
    const changed = run([...allPass, decides(late, 'approve'), ...repeats], approval);
    expect(changed.decision.reason).toBe('reviewOverdue');
  });
});
