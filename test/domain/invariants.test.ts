import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../domain/decide.js';
import { evolve } from '../../domain/evolve.js';
import { REASONS } from '../../domain/outcomes.js';
import { READ_GAP_MS } from '../../domain/policy.js';
import { currentRegistration } from '../../domain/reports.js';
import { ACTIONS, snapshot } from '../../domain/snapshot.js';
import type { State } from '../../domain/state.js';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import { attempt, type Drive, drive, event, policyWith, reported, toVendor } from './driver.js';
import { anyLife, DEADLINE_MS, inEveryLife, live, SECRETS } from './lives.js';
import { ModelVendor } from './model-vendor.js';

/** Every moment of a life: what each turn began with, and what each event came to. */
const momentsOf = ({ turns, entries }: Drive): readonly { readonly state: State; readonly now: number }[] => [
  ...turns.map(({ before, now }) => ({ state: before, now })),
  ...entries.map(({ after, event }) => ({ state: after, now: event.at })),
];

const json = (value: unknown): string => JSON.stringify(value);

describe('whatever happens', () => {
  it('the onboarding ends in few turns, soon after its deadline at the latest, with a reason and a plain sentence', () => {
    inEveryLife(({ decision, turns, state }, { happenings, policy, conditions }) => {
      // After the deadline: what is under way, the last look, one more where reports came meanwhile, closing with a new token.
      const graceMs = 2 * READ_GAP_MS + 6 * conditions.answerMs;
      expect(decision.decidedAt).toBeLessThanOrEqual(DEADLINE_MS + graceMs);
      expect(REASONS[decision.reason]).toEqual({ outcome: decision.outcome, sentence: decision.sentence });
      expect(state.progress).toMatchObject({ phase: 'ended', decision });
      // What sets off turns is a happening, or a reminder that finds the registration over.
      const causes = happenings.length + DEADLINE_MS / policy.reminders.afterMs;
      expect(turns.length).toBeLessThan(100 + 10 * causes);
    }, 2_000);
  });

  it('every answer changes something, and every wait is ahead and not past the deadline', () => {
    inEveryLife(({ turns }) => {
      for (const { next, before, after, now, event } of turns)
        if (next.step === 'wait') {
          expect(next.until).toBeGreaterThan(now);
          expect(next.until).toBeLessThanOrEqual(DEADLINE_MS + 2 * READ_GAP_MS);
        } else if (event !== undefined) expect(json(after)).not.toBe(json(before));
    });
  });

  it('the snapshot names who is awaited, for what and until when, and what may be done', () => {
    inEveryLife((life) => {
      for (const { state, now } of momentsOf(life)) {
        const { phase, hold, awaiting, nextActions } = snapshot(state, now);
        const actions = nextActions.map(({ action }) => action);
        expect(awaiting.what).toMatch(/^[A-Z].*\.$/);
        expect(hold === 'review' || awaiting.from !== 'reviewer').toBe(true);
        expect({ awaited: awaiting.from !== 'nobody', until: awaiting.until, actions }).toEqual(
          phase === 'ended'
            ? { awaited: false, until: undefined, actions: ['startAgain'] }
            : {
                awaited: true,
                until: DEADLINE_MS,
                actions: [
                  'registration',
                  'report',
                  ...(hold === 'review' ? ['decideReview'] : []),
                  'reRegister',
                  'withdraw',
                ],
              },
        );
        expect(nextActions.every(({ action, sentence }) => sentence === ACTIONS[action])).toBe(true);
      }
    }, 500);
  });

  it('no snapshot holds a token or a contact', () => {
    inEveryLife((life) => {
      for (const { state, now } of momentsOf(life)) {
        const shown = json(snapshot(state, now));
        expect(SECRETS.filter((secret) => shown.includes(secret))).toEqual([]);
      }
    });
  });

  it('the generation never decreases, and counts every token that the vendor gives', () => {
    inEveryLife(({ entries }) => {
      for (const { before, after } of entries) {
        expect(after.generation).toBeGreaterThanOrEqual(before.generation);
        const token = currentRegistration(after)?.token?.value;
        if (token !== undefined && token !== currentRegistration(before)?.token?.value)
          expect(after.generation).toBeGreaterThan(before.generation);
      }
    });
  });

  it('a token is had by recreating only where somebody wants it and there is no resend-link', () => {
    inEveryLife(({ turns }) => {
      for (const { next, before } of turns)
        if (next.step === 'register' && next.why === 'tokenLost')
          expect(before).toMatchObject({ tokenWanted: true, resendLinkAbsent: true });
    });
  });

  it('reminders go out at most as often as the policy says', () => {
    inEveryLife(({ state }, { policy }) => expect(state.reminders.sent).toBeLessThanOrEqual(policy.reminders.max));
  });

  it('a state that went through JSON, as at continue-as-new, decides and evolves the same', () => {
    inEveryLife(({ turns, entries }) => {
      for (const { before, now } of turns) {
        const carried: State = JSON.parse(json(before));
        expect(decide(carried, now)).toEqual(decide(before, now));
      }
      for (const { before, event, after } of entries) {
        const carried: State = JSON.parse(json(before));
        expect(evolve(carried, event)).toEqual(after);
      }
    }, 300);
  });

  it('nothing follows the end', () => {
    inEveryLife(({ state, entries }) => {
      for (const { event } of entries) expect(evolve(state, event)).toBe(state);
      expect(json(currentRegistration(state) ?? {})).not.toContain('secret-token');
    });
  });

  it('happens in these lives: every ending, and everything that can be entered', () => {
    const lives = fc.sample(anyLife, { numRuns: 1_000, seed: 1 }).map(live);
    expect(new Set(lives.map(({ decision }) => decision.reason))).toEqual(new Set(Object.keys(REASONS)));
    expect([...new Set(lives.flatMap(({ entries }) => entries.map(({ event }) => event.type)))].sort()).toEqual([
      'Decided',
      'Finalised',
      'JunkReported',
      'ReRegistrationRefused',
      'ReRegistrationRequested',
      'ReadsSetPace',
      'RefusedByPolicy',
      'Registered',
      'RegistrationGone',
      'RegistrationOver',
      'RegistrationReported',
      'RegistrationResumed',
      'ReminderSent',
      'ResendLinkAbsent',
      'ReviewDecided',
      'TokenExpired',
      'TokenRequested',
      'TokenUnavailable',
      'ValidationReported',
      'VendorRead',
      'VendorUnreadable',
      'Withdrawn',
    ]);
  });
});

describe('left alone', () => {
  it('a registration that is over at a vendor who cannot be read is not asked for a link again and again', () => {
    const vendor = new ModelVendor({ reRegistration: 'recreate', resendLink: true });
    const { turns, decision } = drive(vendor, policyWith(), [
      toVendor(1, () => {
        vendor.standing = 'completed';
        vendor.broken = true;
      }),
    ]);
    expect(turns.filter(({ next }) => next.step === 'remind').length).toBeLessThan(10);
    expect(decision.outcome).toBe('expired');
  });

  it('what had passed before a re-registration is not read again and again from a vendor who cannot be read', () => {
    const vendor = new ModelVendor({ reRegistration: 'recreate', resendLink: true }, ['document']);
    const { turns, decision } = drive(vendor, policyWith({ required: ['document'] }), [
      attempt(1_000, 'document', 'passed'),
      toVendor(1_000, () => {
        vendor.standing = 'needsReview';
      }),
      event(HOUR_MS, (now) => ({ type: 'ReRegistrationRequested', at: now })),
      toVendor(HOUR_MS, () => {
        vendor.broken = true;
      }),
    ]);
    expect(turns.filter(({ next }) => next.step === 'readVendor').length).toBeLessThan(50);
    expect(decision.outcome).toBe('expired');
  });

  it('somebody who goes on reporting past the deadline does not put it off', () => {
    const vendor = new ModelVendor({ reRegistration: 'recreate', resendLink: true });
    const { deadlineMs } = policyWith();
    const stream = Array.from({ length: 60 }, (_, n) =>
      reported(deadlineMs + n * SECOND_MS, 'email', 'failed', { validationId: `forged-${n}` }),
    );
    const { decision } = drive(vendor, policyWith(), stream, { answerMs: 3 * SECOND_MS });
    expect(decision.outcome).toBe('expired');
    expect(decision.decidedAt).toBeLessThan(deadlineMs + 15 * SECOND_MS);
  });

  it('the vendor is read ever more rarely, and reports that tell nothing do not put it off', () => {
    const idle = drive(new ModelVendor({ reRegistration: 'recreate', resendLink: false }), policyWith());
    const reads = idle.turns.filter(({ next }) => next.step === 'readVendor').map(({ now }) => now);
    expect(reads.slice(0, 3).map((at) => Math.round(at / MINUTE_MS))).toEqual([5, 15, 35]);
    expect(reads.at(-3)).toBeLessThan((reads.at(-2) ?? 0) - 6 * HOUR_MS + MINUTE_MS);

    const chatter = Array.from({ length: 60 }, (_, n) => reported(n * MINUTE_MS, 'email', 'pending', 'none'));
    const busy = drive(new ModelVendor({ reRegistration: 'recreate', resendLink: false }), policyWith(), chatter);
    expect(busy.turns.find(({ next }) => next.step === 'readVendor')?.now).toBeLessThan(6 * MINUTE_MS);
  });
});
