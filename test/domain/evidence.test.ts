import { describe, expect, it } from 'vitest';
import { CHECK_NAMES, type CheckName } from '../../domain/checks.js';
import { decide } from '../../domain/decide.js';
import type { Event, EventOf } from '../../domain/events.js';
import { evolve } from '../../domain/evolve.js';
import { READ_GAP_MS } from '../../domain/policy.js';
import type { RegistrationReading } from '../../domain/reading.js';
import { currentRegistration } from '../../domain/reports.js';
import { awaitsReview, underReview } from '../../domain/review.js';
import { isRequired, type State } from '../../domain/state.js';
import type { Drive, Entry } from './driver.js';
import { inEveryLife } from './lives.js';

const statuses = ({ checks }: State) => CHECK_NAMES.map((name) => checks[name].status);

/** Whether what was read before no longer holds: the registration was made again, or may have been. */
const isRemade = ({ event, before }: Entry): boolean =>
  event.type === 'Registered' ||
  (event.type === 'RegistrationResumed' && event.recheck === true && before.generation > 0);

// A read that comes in while the applicant is registered again is set aside.
const isOurs = ({ progress }: State, { reading }: EventOf<'VendorRead'>): boolean =>
  progress.phase === 'validating' && progress.registration.appRegistrationId === reading.appRegistrationId;

/** What was read of the registration that the onboarding had last, since it was last made. */
const readingsOf = ({ entries, state }: Drive): readonly RegistrationReading[] =>
  entries
    .slice(entries.findLastIndex(isRemade) + 1)
    .flatMap(({ event, before }) => (event.type === 'VendorRead' && isOurs(before, event) ? [event.reading] : []))
    .filter(({ appRegistrationId }) => appRegistrationId === currentRegistration(state)?.appRegistrationId);

const saysPassed = ({ checks, faceMismatch }: RegistrationReading, name: CheckName): boolean =>
  checks[name]?.result === 'passed' &&
  checks[name]?.unknownWord === undefined &&
  !(name === 'biometric' && faceMismatch === true);

/** Whether the event may let the check pass: the vendor's own word for this registration, or a reviewer's where the vendor left it to people. */
const mayPass = ({ before, event }: Entry, name: CheckName): boolean =>
  (event.type === 'VendorRead' && isOurs(before, event) && saysPassed(event.reading, name)) ||
  (event.type === 'ReviewDecided' && event.decision === 'approve' && underReview(before, event.check).includes(name));

const hasPassed = ({ checks }: State, name: CheckName): boolean => checks[name].status === 'passed';

interface About {
  readonly check: CheckName;
  readonly validationId?: string;
  readonly appRegistrationId?: string;
}

/** What reports that come too late may speak of, once the registration has been made again: what was known of email and phone. */
const madeVoid = (before: State, after: State): readonly About[] => {
  const appRegistrationId = currentRegistration(before)?.appRegistrationId;
  const isFormer =
    appRegistrationId !== undefined && appRegistrationId !== currentRegistration(after)?.appRegistrationId;
  if (after.progress.phase === 'ended') return [];
  return (['email', 'phone'] as const).flatMap((check): readonly About[] => {
    const known = before.checks[check];
    const validationIds = isRequired(known)
      ? [known.validationId, ...known.claims.map((claim) => claim.validationId)]
      : [];
    return [
      ...(isFormer ? [{ check, appRegistrationId }] : []),
      ...validationIds.flatMap((id): readonly About[] => (id === undefined ? [] : [{ check, validationId: id }])),
    ];
  });
};

describe('a check', () => {
  it('passes by a read of this registration that says so in a known word, or by a reviewer: by nothing else', () => {
    inEveryLife(({ entries }) => {
      for (const entry of entries) {
        const { before, after } = entry;
        const newly = CHECK_NAMES.filter((name) => hasPassed(after, name) && !hasPassed(before, name));
        expect(newly.filter((name) => !mayPass(entry, name))).toEqual([]);
      }
    }, 2_000);
  });

  it('that passed is not undone but by the vendor or by a re-registration', () => {
    const may: readonly Event['type'][] = ['VendorRead', 'Registered', 'RegistrationResumed'];
    inEveryLife(({ entries }) => {
      for (const { before, after } of entries.filter(({ event }) => !may.includes(event.type)))
        expect(CHECK_NAMES.filter((name) => hasPassed(before, name) && !hasPassed(after, name))).toEqual([]);
    });
  });
});

const REPORTS: readonly Event['type'][] = ['ValidationReported', 'RegistrationReported', 'JunkReported'];

describe('a report', () => {
  it('alone never changes what the vendor has said, nor the registration', () => {
    inEveryLife(({ entries }) => {
      for (const { before, event, after } of entries)
        if (REPORTS.includes(event.type)) {
          expect(statuses(after)).toEqual(statuses(before));
          expect(after.progress).toBe(before.progress);
          expect(after.ending).toBe(before.ending);
        }
    });
  });

  it('with an unknown word claims nothing and brings about nothing', () => {
    inEveryLife(({ turns }) => {
      for (const { before, now } of turns)
        for (const check of CHECK_NAMES) {
          const word = { result: 'passed', unknownWord: 'TELEPORTED' } as const;
          const after = evolve(before, { type: 'ValidationReported', at: now, check, ...word });
          expect(after.checks).toBe(before.checks);
          // A sign of life puts off a reminder: that is all it may do.
          const [was, is] = [decide(before, now).step, decide(after, now).step];
          expect(is === was || (was === 'remind' && is === 'wait')).toBe(true);
        }
    }, 500);
  });

  it('about a validation or a registration from before a re-registration is counted as stale and changes nothing else', () => {
    inEveryLife(({ entries }) => {
      const remade = entries.filter(({ before, event }) => event.type === 'Registered' && before.generation > 0);
      for (const { before, event: made } of remade)
        for (const { event, after } of entries.slice(entries.findIndex(({ event }) => event === made)))
          for (const report of madeVoid(before, after)) {
            const late = evolve(after, { type: 'ValidationReported', at: event.at, result: 'passed', ...report });
            expect(late).toEqual({ ...after, reports: { ...after.reports, stale: after.reports.stale + 1 } });
          }
    }, 500);
  });

  it('makes the vendor be read no sooner after another read than the gap allows', () => {
    inEveryLife(({ turns }) => {
      let lastRead = Number.NEGATIVE_INFINITY;
      for (const { now, next, event } of turns) {
        if (next.step === 'readVendor' && next.why === 'confirm')
          expect(now - lastRead).toBeGreaterThanOrEqual(READ_GAP_MS);
        if (event?.type === 'VendorRead' || event?.type === 'VendorUnreadable') lastRead = event.at;
      }
    }, 2_000);
  });
});

describe('the vendor decides', () => {
  it('verified only by a read since the last registration that says so of every check, or left it to the reviewer', () => {
    inEveryLife((life, { policy }) => {
      const { decision, state } = life;
      if (decision.outcome !== 'verified') return;
      const last = readingsOf(life).at(-1);
      expect(last).toBeDefined();
      for (const name of policy.required) {
        const check = state.checks[name];
        const approved = check.status === 'passed' && check.approvedBy !== undefined;
        expect(approved || (last !== undefined && saysPassed(last, name))).toBe(true);
        if (approved) expect(decision.reason).toBe('approvedByReviewer');
      }
    }, 2_000);
  });

  it('once more after a reviewer has approved, before an onboarding ends as verified', () => {
    inEveryLife(({ decision, entries }) => {
      if (decision.outcome !== 'verified') return;
      const last = (holds: (event: Event) => boolean) => entries.map(({ event }) => event).findLastIndex(holds);
      const approval = last((event) => event.type === 'ReviewDecided' && event.decision === 'approve');
      expect(last((event) => event.type === 'VendorRead')).toBeGreaterThan(approval);
    }, 2_000);
  });

  it('rejected only by its own word, or by a reviewer of what it left to people', () => {
    inEveryLife((life, { policy }) => {
      const { decision, entries } = life;
      const said = entries.map(({ event }) => event);
      const readings = said.flatMap((event) => (event.type === 'VendorRead' ? [event.reading] : []));
      const { check } = decision;
      switch (decision.reason) {
        case 'attemptsExhausted': {
          const failed = readings.flatMap(({ checks }) => {
            const reading = check && checks[check];
            return reading?.result === 'failed' ? [reading.validationId] : [];
          });
          expect(check && new Set(failed).size).toBeGreaterThanOrEqual(check ? policy.attemptLimits[check] : 1);
          break;
        }
        case 'failedAtVendor': {
          const standings = said.flatMap((event) => (event.type === 'Finalised' ? [event.standing] : []));
          expect([...readingsOf(life).map(({ standing }) => standing), ...standings]).toContain('failed');
          break;
        }
        case 'rejectedByReviewer':
          expect(said).toContainEqual(expect.objectContaining({ type: 'ReviewDecided', decision: 'reject' }));
          expect(readings.length).toBeGreaterThan(0);
          break;
        case 'refusedByPolicy':
          expect(said).toContainEqual(expect.objectContaining({ type: 'RefusedByPolicy' }));
          break;
        default:
          expect(decision.outcome).not.toBe('rejected');
      }
    }, 2_000);
  });

  it('nothing expires that its last read had let pass, unless people, a read after their approval or a new registration were awaited', () => {
    inEveryLife((life, { policy }) => {
      const last = readingsOf(life).at(-1);
      const before = life.entries.at(-1)?.before;
      if (life.decision.outcome !== 'expired' || last === undefined || before === undefined) return;
      const { approvalUnread = false, progress } = before;
      const othersAwaited = awaitsReview(before) || approvalUnread || progress.phase === 'registering';
      expect(othersAwaited || !policy.required.every((name) => saysPassed(last, name))).toBe(true);
    }, 2_000);
  });
});
