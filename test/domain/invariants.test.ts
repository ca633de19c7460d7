import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { CHECK_NAMES } from '../../domain/checks.js';
import { decide } from '../../domain/decide.js';
import { evolve } from '../../domain/evolve.js';
import { REASONS } from '../../domain/outcomes.js';
import { READ_GAP_MS } from '../../domain/policy.js';
import { currentRegistration } from '../../domain/reports.js';
import { snapshot } from '../../domain/snapshot.js';
import type { State } from '../../domain/state.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../domain/time.js';
import { CONTACT, type Drive, drive, event, type Happening, policyWith, reported } from './driver.js';
import { ModelVendor } from './model-vendor.js';

const check = fc.constantFrom(...CHECK_NAMES);
// Mostly passes, so that many of the lives end well.
const result = fc.oneof(
  { weight: 5, arbitrary: fc.constant('passed' as const) },
  fc.constantFrom('failed' as const, 'inReview' as const, 'pending' as const),
);
const moment = fc.integer({ min: 0, max: 2 * DAY_MS });

const toVendor = (at: number, act: (vendor: ModelVendor) => void): Happening => ({
  at,
  happen: (vendor) => {
    act(vendor);
    return [];
  },
});

/** Everything that can come from outside, sensible or not. */
const anything: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .tuple(moment, check, result)
      .map(([at, name, found]) => toVendor(at, (vendor) => void vendor.attempt(name, found))),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(moment, check, result, fc.constantFrom('current' as const, 'none' as const))
      .map(([at, name, claimed, about]) => reported(at, name, claimed, about)),
  },
  moment.map((at) => event(at, (now) => ({ type: 'TokenRequested', at: now }))),
  moment.map((at) => event(at, (now) => ({ type: 'ReRegistrationRequested', at: now }))),
  moment.map((at) => toVendor(at, (vendor) => vendor.forget())),
  fc.tuple(moment, fc.boolean()).map(([at, broken]) =>
    toVendor(at, (vendor) => {
      vendor.broken = broken;
    }),
  ),
  fc
    .tuple(
      moment,
      fc.constantFrom(
        'needsReview' as const,
        'sessionOver' as const,
        'unknown' as const,
        'completed' as const,
        'failed' as const,
        'inProgress' as const,
      ),
    )
    .map(([at, standing]) =>
      toVendor(at, (vendor) => {
        vendor.standing = standing;
      }),
    ),
  fc.tuple(moment, fc.constantFrom('approve' as const, 'reject' as const)).map(
    ([at, decision]): Happening => ({
      at,
      // As the validator of the update has it: only what is under review can be decided.
      happen: (_vendor, now, state) =>
        snapshot(state, now).hold === undefined
          ? []
          : [{ type: 'ReviewDecided', at: now, decision, reviewer: 'reviewer-7' }],
    }),
  ),
  fc
    .tuple(moment, fc.integer({ min: 0, max: 20 }))
    .map(([at, dice]) =>
      event(at, (now) => (dice === 0 ? { type: 'Withdrawn', at: now } : { type: 'TokenExpired', at: now })),
    ),
);

const POLICY = policyWith({ deadlineMs: 3 * DAY_MS });

/** A few hundred onboardings in which anything happened: what must hold of each is asked below. */
const lives: Drive[] = [];

beforeAll(() => {
  const passes = CHECK_NAMES.map((name) => toVendor(MINUTE_MS, (vendor) => void vendor.attempt(name, 'passed')));
  lives.push(drive(new ModelVendor({ reRegistration: 'resume', resendLink: true }), POLICY, passes));
  const chaos = fc.tuple(
    fc.record({ reRegistration: fc.constantFrom('recreate' as const, 'resume' as const), resendLink: fc.boolean() }),
    fc.array(anything, { maxLength: 40 }),
  );
  fc.assert(
    fc.property(chaos, ([how, happenings]) => {
      lives.push(drive(new ModelVendor(how), POLICY, happenings));
    }),
    { numRuns: 400 },
  );
});

const turnsOf = () => lives.flatMap(({ turns }) => turns);
const unchanged = (a: State, b: State) => JSON.stringify(a) === JSON.stringify(b);

describe('whatever happens', () => {
  it('the onboarding ends, soon after its deadline at the latest, with a reason and a plain sentence', () => {
    for (const { decision, turns } of lives) {
      expect(decision.decidedAt).toBeLessThanOrEqual(POLICY.deadlineMs + MINUTE_MS);
      expect(REASONS[decision.reason]).toEqual({ outcome: decision.outcome, sentence: decision.sentence });
      expect(turns.length).toBeLessThan(500);
    }
    expect(new Set(lives.map(({ decision }) => decision.outcome)).size).toBe(4);
  });

  it('every step changes something, and every wait is ahead and not past the deadline', () => {
    for (const { next, before, after, now } of turnsOf()) {
      if (next.step === 'wait') {
        expect(next.until).toBeGreaterThan(now);
        expect(next.until).toBeLessThanOrEqual(POLICY.deadlineMs + READ_GAP_MS);
      } else expect(unchanged(before, after)).toBe(false);
    }
  });

  it('verified comes only of a read since the last registration in which every check had passed, or of a reviewer', () => {
    for (const { decision, turns } of lives.filter(({ decision }) => decision.outcome === 'verified')) {
      const last = turns.findLastIndex(({ event: entered }) => entered?.type === 'Registered');
      const reads = turns
        .slice(last + 1)
        .flatMap(({ event: entered }) => (entered?.type === 'VendorRead' ? [entered.reading] : []));
      const final = reads.at(-1);
      expect(final).toBeDefined();
      const passed = CHECK_NAMES.every((name) => final?.checks[name]?.result === 'passed');
      expect(passed || decision.reason === 'approvedByReviewer').toBe(true);
    }
  });

  it('a token is had by recreating only where somebody wants it and there is no resend-link', () => {
    for (const { next, before } of turnsOf())
      if (next.step === 'register' && next.why === 'tokenLost') {
        expect(before.tokenWanted).toBe(true);
        expect(before.resendLinkAbsent).toBe(true);
      }
  });

  it('the vendor is never read more often than the gap allows, but for the last look', () => {
    for (const { turns } of lives) {
      const reads = turns
        .filter(({ next }) => next.step === 'readVendor' && next.why !== 'lastLook')
        .map(({ now }) => now);
      for (const [index, at] of reads.entries())
        if (index > 0) expect(at - (reads[index - 1] ?? 0)).toBeGreaterThanOrEqual(READ_GAP_MS);
    }
  });

  it('reminders go out at most as often as the policy says', () => {
    for (const { state } of lives) expect(state.reminders.sent).toBeLessThanOrEqual(POLICY.reminders.max);
  });

  it('reports alone never change what the vendor has said of a check', () => {
    const claims = ['passed', 'failed', 'inReview', 'pending'] as const;
    for (const { before, now } of turnsOf())
      for (const claimed of claims) {
        const after = evolve(before, { type: 'ValidationReported', at: now, check: 'document', result: claimed });
        expect(after.checks.document.status).toBe(before.checks.document.status);
      }
  });

  it('the snapshot names who is awaited, for what and until when, and what may be done; and it holds no secret', () => {
    for (const { before, now } of turnsOf()) {
      const shown = snapshot(before, now);
      expect(shown.awaiting.what).toMatch(/^[A-Z].*\.$/);
      expect(shown.awaiting.until).toBe(POLICY.deadlineMs);
      expect(shown.nextActions.length).toBeGreaterThan(0);
      expect(shown.hold === 'review').toBe(shown.nextActions.some(({ action }) => action === 'decideReview'));
      if (shown.awaiting.from === 'reviewer') expect(shown.hold).toBe('review');
      const text = JSON.stringify(shown);
      for (const secret of [CONTACT.email ?? '', CONTACT.phone ?? '', 'secret-token'])
        expect(text).not.toContain(secret);
    }
  });

  it('a state that went through JSON, as at continue-as-new, decides and evolves the same', () => {
    for (const { before, now, event: entered } of turnsOf()) {
      const carried: State = JSON.parse(JSON.stringify(before));
      expect(decide(carried, now)).toEqual(decide(before, now));
      if (entered !== undefined) expect(evolve(carried, entered)).toEqual(evolve(before, entered));
    }
  });

  it('nothing follows the end', () => {
    for (const { state } of lives) {
      expect(evolve(state, { type: 'TokenRequested', at: 0 })).toBe(state);
      expect(evolve(state, { type: 'Withdrawn', at: 0 })).toBe(state);
      expect(JSON.stringify(currentRegistration(state) ?? {})).not.toContain('secret-token');
    }
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
