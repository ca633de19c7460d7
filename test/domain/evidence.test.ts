import { describe, expect, it } from 'vitest';
import { CHECK_NAMES, type CheckName } from '../../domain/checks.js';
import { decide } from '../../domain/decide.js';
import { evolve } from '../../domain/evolve.js';
import { type Policy, READ_GAP_MS } from '../../domain/policy/policy.js';
import { currentRegistration, reportsOn } from '../../domain/reports.js';
import { awaitsReview, underReview } from '../../domain/review/state.js';
import { isRequired, type State } from '../../domain/state.js';
import type { Transition, TransitionOf } from '../../domain/transitions.js';
import type { VendorRegistration } from '../../domain/vendor-registration.js';
import { forEveryRun } from './arbitraries.js';
import type { AppliedTransition, Run } from './driver.js';

const statuses = ({ checks }: State) => CHECK_NAMES.map((name) => checks[name].status);

/** True if earlier reads no longer count, because the registration was or may have been recreated. */
const isRegisteredAgain = ({ transition, before }: AppliedTransition): boolean =>
  transition.type === 'Registered' ||
  (transition.type === 'RegistrationResumed' && transition.recheck === true && before.generation > 0);

// A read that arrives during a re-registration is ignored.
const isOurs = ({ progress }: State, { vendorRegistration }: TransitionOf<'VendorRead'>): boolean =>
  progress.phase === 'validating' && progress.registration.appRegistrationId === vendorRegistration.appRegistrationId;

/** Returns the reads of the last registration since it was made. */
const readingsOf = ({ applied, state }: Run): readonly VendorRegistration[] =>
  applied
    .slice(applied.findLastIndex(isRegisteredAgain) + 1)
    .flatMap(({ transition, before }) =>
      transition.type === 'VendorRead' && isOurs(before, transition) ? [transition.vendorRegistration] : [],
    )
    .filter(({ appRegistrationId }) => appRegistrationId === currentRegistration(state)?.appRegistrationId);

const saysPassed = ({ checks, comparison }: VendorRegistration, name: CheckName): boolean =>
  checks[name]?.result === 'passed' &&
  checks[name]?.unknownWord === undefined &&
  !(name === 'biometric' && comparison === 'mismatch');

/** True if the attempts are within the limit, and the faces match where document and selfie are required. */
const permits = ({ checks, comparison }: VendorRegistration, name: CheckName, policy: Policy): boolean =>
  (checks[name]?.failedAttempts ?? []).length < policy.attemptLimits[name] &&
  (name !== 'biometric' || !policy.required.includes('document') || comparison === 'match');

/** True if the transition may pass the check: a read of this registration, or an approval of a check under review. */
const mayPass = ({ before, transition }: AppliedTransition, name: CheckName): boolean =>
  (transition.type === 'VendorRead' && isOurs(before, transition) && saysPassed(transition.vendorRegistration, name)) ||
  (transition.type === 'ReviewDecided' &&
    transition.decision === 'approve' &&
    underReview(before, transition.check).includes(name));

const hasPassed = ({ checks }: State, name: CheckName): boolean => checks[name].status === 'passed';

interface About {
  readonly check: CheckName;
  readonly validationId?: string;
  readonly appRegistrationId?: string;
}

/** Returns the ids that late reports can name after a re-registration has voided email and phone. */
const madeVoid = (before: State, after: State): readonly About[] => {
  const appRegistrationId = currentRegistration(before)?.appRegistrationId;
  const isFormer =
    appRegistrationId !== undefined && appRegistrationId !== currentRegistration(after)?.appRegistrationId;
  if (after.progress.phase === 'ended') return [];
  return (['email', 'phone'] as const).flatMap((check): readonly About[] => {
    const known = before.checks[check];
    const validationIds = isRequired(known)
      ? [known.validationId, ...reportsOn(before, check).map((report) => report.validationId)]
      : [];
    return [
      ...(isFormer ? [{ check, appRegistrationId }] : []),
      ...validationIds.flatMap((id): readonly About[] => (id === undefined ? [] : [{ check, validationId: id }])),
    ];
  });
};

describe('a check', () => {
  it('a check passes only by a read of this registration with a known word, or by a reviewer', () => {
    forEveryRun(({ applied }) => {
      for (const step of applied) {
        const { before, after } = step;
        const newly = CHECK_NAMES.filter((name) => hasPassed(after, name) && !hasPassed(before, name));
        expect(newly.filter((name) => !mayPass(step, name))).toEqual([]);
      }
    }, 1_000);
  });

  it('a passed check is reset only by a read, a reviewer, a re-registration or a closed registration', () => {
    const may: readonly Transition['type'][] = [
      'VendorRead',
      'Registered',
      'RegistrationResumed',
      'RegistrationClosed',
      'ChecksRequestedAgain',
    ];
    forEveryRun(({ applied }) => {
      for (const { before, after } of applied.filter(({ transition }) => !may.includes(transition.type)))
        expect(CHECK_NAMES.filter((name) => hasPassed(before, name) && !hasPassed(after, name))).toEqual([]);
    });
  });
});

const REPORTS: readonly Transition['type'][] = ['ValidationReported', 'RegistrationReported', 'UndecodableReported'];

describe('a report', () => {
  it("a report alone changes neither a check's status nor the registration", () => {
    forEveryRun(({ applied }) => {
      for (const { before, transition, after } of applied)
        if (REPORTS.includes(transition.type)) {
          expect(statuses(after)).toEqual(statuses(before));
          expect(after.progress).toBe(before.progress);
          expect(after.ending).toBe(before.ending);
        }
    });
  });

  it('a report with an unknown word changes no check and causes no step', () => {
    forEveryRun(({ turns }) => {
      for (const { before, now } of turns)
        for (const check of CHECK_NAMES) {
          const word = { result: 'passed', unknownWord: 'TELEPORTED' } as const;
          const after = evolve(before, { type: 'ValidationReported', at: now, check, ...word });
          expect(after.checks).toBe(before.checks);
          // It may only postpone a reminder.
          const [was, is] = [decide(before, now).step, decide(after, now).step];
          expect(is === was || (was === 'remind' && is === 'wait')).toBe(true);
        }
    }, 250);
  });

  it('a report about a validation or registration before a re-registration is only counted as stale', () => {
    forEveryRun(({ applied }) => {
      const registeredAgain = applied.filter(
        ({ before, transition }) => transition.type === 'Registered' && before.generation > 0,
      );
      for (const { before, transition: made } of registeredAgain)
        for (const { transition, after } of applied.slice(applied.findIndex(({ transition }) => transition === made)))
          for (const report of madeVoid(before, after)) {
            const late = evolve(after, { type: 'ValidationReported', at: transition.at, result: 'passed', ...report });
            expect(late).toEqual({ ...after, reports: { ...after.reports, stale: after.reports.stale + 1 } });
          }
    }, 250);
  });

  it('reads that reports cause are at least READ_GAP_MS apart', () => {
    forEveryRun(({ turns }) => {
      let lastRead = Number.NEGATIVE_INFINITY;
      for (const { now, next, transition } of turns) {
        if (next.step === 'readVendor' && next.why === 'confirm')
          expect(now - lastRead).toBeGreaterThanOrEqual(READ_GAP_MS);
        if (transition?.type === 'VendorRead' || transition?.type === 'VendorUnreadable') lastRead = transition.at;
      }
    }, 1_000);
  });
});

describe('the decision', () => {
  it('an outcome is verified only after a read of the last registration, or an approval, for every check', () => {
    forEveryRun((run, { policy }) => {
      const { decision, state } = run;
      if (decision.outcome !== 'verified') return;
      const last = readingsOf(run).at(-1);
      expect(last).toBeDefined();
      for (const name of policy.required) {
        const check = state.checks[name];
        const approved = check.status === 'passed' && check.approvedBy !== undefined;
        expect(approved || (last !== undefined && saysPassed(last, name) && permits(last, name, policy))).toBe(true);
        if (approved) expect(decision.reason).toBe('approvedByReviewer');
      }
    }, 1_000);
  });

  it('Verifik is read after an approval before an onboarding ends as verified', () => {
    forEveryRun(({ decision, applied }) => {
      if (decision.outcome !== 'verified') return;
      const last = (holds: (transition: Transition) => boolean) =>
        applied.map(({ transition }) => transition).findLastIndex(holds);
      const approval = last((transition) => transition.type === 'ReviewDecided' && transition.decision === 'approve');
      expect(last((transition) => transition.type === 'VendorRead')).toBeGreaterThan(approval);
    }, 1_000);
  });

  it('an outcome is rejected only by Verifik, or by a reviewer where Verifik left the decision to people', () => {
    forEveryRun((run, { policy }) => {
      const { decision, applied } = run;
      const said = applied.map(({ transition }) => transition);
      const readings = said.flatMap((transition) =>
        transition.type === 'VendorRead' ? [transition.vendorRegistration] : [],
      );
      const { check } = decision;
      switch (decision.reason) {
        case 'attemptsExhausted': {
          const failed = readings.flatMap(({ checks }) => (check && checks[check]?.failedAttempts) ?? []);
          expect(check && new Set(failed).size).toBeGreaterThanOrEqual(check ? policy.attemptLimits[check] : 1);
          break;
        }
        case 'failedAtVendor': {
          const statuses = said.flatMap((transition) => (transition.type === 'Finalised' ? [transition.status] : []));
          expect([...readingsOf(run).map(({ status }) => status), ...statuses]).toContain('failed');
          break;
        }
        case 'rejectedByReviewer':
          expect(said).toContainEqual(expect.objectContaining({ type: 'ReviewDecided', decision: 'reject' }));
          expect(readings.length).toBeGreaterThan(0);
          break;
        case 'refusedByPolicy':
          expect(said).toContainEqual(expect.objectContaining({ type: 'RefusedByPolicy' }));
          break;
        case 'reviewOverdue':
          expect(run.state.review?.dueAt).toBeLessThanOrEqual(decision.decidedAt);
          break;
        default:
          expect(decision.outcome).not.toBe('rejected');
      }
    }, 1_000);
  });

  it('an onboarding whose last read passed every check expires only while a review, a repetition, a read after approval or a registration is pending', () => {
    forEveryRun((run, { policy }) => {
      const last = readingsOf(run).at(-1);
      const before = run.applied.at(-1)?.before;
      if (run.decision.outcome !== 'expired' || last === undefined || before === undefined) return;
      const { approvalUnread, progress, comparisonAwaited, closingHeld } = before;
      const othersAwaited =
        awaitsReview(before) ||
        CHECK_NAMES.some((name) => 'requestedAgain' in before.checks[name]) ||
        [approvalUnread, comparisonAwaited, closingHeld].some((one) => one !== undefined) ||
        before.unconfirmedReports.length > 0 ||
        progress.phase === 'registering';
      expect(othersAwaited || !policy.required.every((name) => saysPassed(last, name))).toBe(true);
    }, 1_000);
  });
});
