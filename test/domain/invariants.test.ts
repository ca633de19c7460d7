import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../domain/decide.js';
import { evolve } from '../../domain/evolve.js';
import { REASONS } from '../../domain/outcomes.js';
import { READ_GAP_MS } from '../../domain/policy/policy.js';
import { currentRegistration } from '../../domain/reports.js';
import { ACTIONS, type Snapshot, snapshot } from '../../domain/snapshot.js';
import { allChecksConfirmed, type State } from '../../domain/state.js';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import { anyScenario, forEveryRun, runScenario, SECRETS } from './arbitraries.js';
import { attempt, becomes, policyWith, type Run, reported, runOnboarding, toVendor, transition } from './driver.js';
import { ModelVendor } from './model-vendor.js';

/** Returns the state before each turn and after each transition, with its time. */
const momentsOf = ({ turns, applied }: Run): readonly { readonly state: State; readonly now: number }[] => [
  ...turns.map(({ before, now }) => ({ state: before, now })),
  ...applied.map(({ after, transition }) => ({ state: after, now: transition.at })),
];

const reviewActions = (review: Snapshot['review']): readonly string[] =>
  review === undefined ? [] : [review.claim ? 'releaseReview' : 'claimReview', 'decideReview', 'requestAgain'];

const json = (value: unknown): string => JSON.stringify(value);

describe('an onboarding in any scenario', () => {
  it('an onboarding ends within few turns, at the latest shortly after its deadline or that of its review, with a reason and a sentence', () => {
    forEveryRun(({ decision, turns, state }, { inputs, policy, conditions }) => {
      // After the deadline: the current call, the final read, one more read for reports, completion with a new token.
      const graceMs = 2 * READ_GAP_MS + 6 * conditions.answerMs;
      expect(decision.decidedAt).toBeLessThanOrEqual(Math.max(state.deadline, state.review?.dueAt ?? 0) + graceMs);
      expect(REASONS[decision.reason]).toEqual({ outcome: decision.outcome, sentence: decision.sentence });
      expect(state.progress).toMatchObject({ phase: 'ended', decision });
      // Turns are caused by inputs, and by reminders that find the registration closed.
      const causes = inputs.length + decision.decidedAt / policy.reminders.afterMs;
      expect(turns.length).toBeLessThan(100 + 10 * causes);
    }, 1_000);
  });

  it('every answer changes the state, and every wait ends in the future and by the deadline or that of the review', () => {
    forEveryRun(({ turns }) => {
      for (const { next, before, after, now, transition } of turns)
        if (next.step === 'wait') {
          expect(next.until).toBeGreaterThan(now);
          expect(next.until).toBeLessThanOrEqual((before.review?.dueAt ?? before.deadline) + 2 * READ_GAP_MS);
        } else if (transition !== undefined) expect(json(after)).not.toBe(json(before));
    });
  });

  it('the snapshot names who must act, the task, the time limit and the possible actions', () => {
    forEveryRun((run) => {
      for (const { state, now } of momentsOf(run)) {
        const { phase, review, awaiting, nextActions } = snapshot(state, now);
        const actions = nextActions.map(({ action }) => action);
        const until = awaiting.from === 'reviewer' ? review?.dueAt : state.deadline;
        expect(awaiting.what).toMatch(/^[A-Z].*\.$/);
        expect(review !== undefined || awaiting.from !== 'reviewer').toBe(true);
        expect({ awaited: awaiting.from !== 'nobody', until: awaiting.until, actions }).toEqual(
          phase === 'ended'
            ? { awaited: false, until: undefined, actions: ['restart'] }
            : {
                awaited: true,
                until,
                actions: ['registration', 'report', ...reviewActions(review), 'reRegister', 'withdraw'],
              },
        );
        expect(nextActions.every(({ action, sentence }) => sentence === ACTIONS[action])).toBe(true);
      }
    }, 250);
  });

  it('no snapshot contains a token or a contact', () => {
    forEveryRun((run) => {
      for (const { state, now } of momentsOf(run)) {
        const shown = json(snapshot(state, now));
        expect(SECRETS.filter((secret) => shown.includes(secret))).toEqual([]);
      }
    });
  });

  it('the generation never decreases, and increases with every new token', () => {
    forEveryRun(({ applied }) => {
      for (const { before, after } of applied) {
        expect(after.generation).toBeGreaterThanOrEqual(before.generation);
        const token = currentRegistration(after)?.token?.token;
        if (token !== undefined && token !== currentRegistration(before)?.token?.token)
          expect(after.generation).toBeGreaterThan(before.generation);
      }
    });
  });

  it('a token is renewed only for a caller who waits or for the completion, and by a new registration only without resend-link', () => {
    forEveryRun(({ turns }) => {
      for (const { next, before } of turns) {
        if (next.step === 'register' && next.why === 'tokenLost')
          expect(before).toMatchObject({ tokenWanted: true, resendLinkAbsent: true });
        if (next.step === 'renewToken') expect(before.tokenWanted || allChecksConfirmed(before)).toBe(true);
      }
    });
  });

  it('the number of reminders exceeds the policy only by one with each request to repeat checks', () => {
    forEveryRun(({ state, applied }, { policy }) => {
      const repeats = applied.filter(({ transition }) => transition.type === 'ChecksRequestedAgain').length;
      expect(state.reminders.sent).toBeLessThanOrEqual(policy.reminders.max + repeats);
    });
  });

  it('a state restored from JSON, as after continue-as-new, decides and evolves identically', () => {
    forEveryRun(({ turns, applied }) => {
      for (const { before, now } of turns) {
        const carried: State = JSON.parse(json(before));
        expect(decide(carried, now)).toEqual(decide(before, now));
      }
      for (const { before, transition, after } of applied) {
        const carried: State = JSON.parse(json(before));
        expect(evolve(carried, transition)).toEqual(after);
      }
    }, 150);
  });

  it('no transition changes an ended onboarding', () => {
    forEveryRun(({ state, applied }) => {
      for (const { transition } of applied) expect(evolve(state, transition)).toBe(state);
      expect(json(currentRegistration(state) ?? {})).not.toContain('secret-token');
    });
  });

  it('the random scenarios reach every reason and every transition type', () => {
    const runs = fc.sample(anyScenario, { numRuns: 1_000, seed: 1 }).map(runScenario);
    expect(new Set(runs.map(({ decision }) => decision.reason))).toEqual(new Set(Object.keys(REASONS)));
    expect(
      [...new Set(runs.flatMap(({ applied }) => applied.map(({ transition }) => transition.type)))].sort(),
    ).toEqual([
      'ChecksRequestedAgain',
      'Decided',
      'FinaliseRejected',
      'Finalised',
      'ReRegistrationRefused',
      'ReRegistrationRequested',
      'RefusedByPolicy',
      'Registered',
      'RegistrationClosed',
      'RegistrationNotFound',
      'RegistrationReported',
      'RegistrationResumed',
      'ReminderTried',
      'ResendLinkAbsent',
      'ReviewClaimed',
      'ReviewDecided',
      'ReviewReleased',
      'ReviewTimePassed',
      'TokenExpired',
      'TokenRequested',
      'TokenUnavailable',
      'UndecodableReported',
      'ValidationDeleted',
      'ValidationReported',
      'VendorRead',
      'VendorUnreadable',
      'Withdrawn',
    ]);
  });
});

describe('an onboarding without progress', () => {
  it('a closed registration that cannot be read gets fewer than ten reminder attempts', () => {
    const breaks = toVendor(1, (vendor) => {
      vendor.broken = true;
    });
    const { turns, decision } = runOnboarding([becomes(1, 'completed'), breaks]);
    expect(turns.filter(({ next }) => next.step === 'remind').length).toBeLessThan(10);
    expect(decision.outcome).toBe('expired');
  });

  it('a re-registration whose reads fail causes fewer than 50 reads', () => {
    const required = ['document'] as const;
    const inputs = [
      attempt(1_000, 'document', 'passed'),
      becomes(1_000, 'needsReview'),
      transition(HOUR_MS, (at) => ({ type: 'ReRegistrationRequested', at })),
      toVendor(HOUR_MS, (vendor) => {
        vendor.broken = true;
      }),
    ];
    const vendor = new ModelVendor(undefined, required);
    const { turns, decision } = runOnboarding(inputs, { vendor, policy: { required } });
    expect(turns.filter(({ next }) => next.step === 'readVendor').length).toBeLessThan(50);
    expect(decision.outcome).toBe('expired');
  });

  it('reports that continue past the deadline do not postpone the outcome', () => {
    const { deadlineMs } = policyWith();
    const stream = Array.from({ length: 60 }, (_, n) =>
      reported(deadlineMs + n * SECOND_MS, 'email', 'failed', { validationId: `forged-${n}` }),
    );
    const { decision } = runOnboarding(stream, { answerMs: 3 * SECOND_MS });
    expect(decision.outcome).toBe('expired');
    expect(decision.decidedAt).toBeLessThan(deadlineMs + 15 * SECOND_MS);
  });

  it('reads become rarer without progress, and reports without information do not postpone them', () => {
    const vendor = () => new ModelVendor({ reRegistration: 'recreate', resendLink: false });
    const idle = runOnboarding([], { vendor: vendor() });
    const reads = idle.turns.filter(({ next }) => next.step === 'readVendor').map(({ now }) => now);
    expect(reads.slice(0, 3).map((at) => Math.round(at / MINUTE_MS))).toEqual([5, 15, 35]);
    expect(reads.at(-3)).toBeLessThan((reads.at(-2) ?? 0) - 6 * HOUR_MS + MINUTE_MS);

    const chatter = Array.from({ length: 60 }, (_, n) => reported(n * MINUTE_MS, 'email', 'pending', 'none'));
    const busy = runOnboarding(chatter, { vendor: vendor() });
    expect(busy.turns.find(({ next }) => next.step === 'readVendor')?.now).toBeLessThan(6 * MINUTE_MS);
  });
});
