import { describe, expect, it } from 'vitest';
import { CHECK_NAMES } from '../../domain/checks.js';
import { HOUR_MS, SECOND_MS } from '../../shared/time.js';
import { attempt, attemptAndReport, reported, runOnboarding, toVendor } from './driver.js';
import { ModelVendor } from './model-vendor.js';

const AT = HOUR_MS;

const othersPass = CHECK_NAMES.filter((name) => name !== 'document').map((name) => attempt(AT, name, 'passed'));

describe('failed attempts between two reads', () => {
  const sixty = Array.from({ length: 60 }, (_, n) => AT + 30 * n);

  it('each counts, and the passed document after them does not make up for them', () => {
    const inputs = sixty.map((at) => attempt(at, 'document', 'failed'));
    const end = AT + 2 * SECOND_MS;
    const { decision, state } = runOnboarding([
      ...othersPass,
      ...inputs,
      ...attemptAndReport(end, 'document', 'passed'),
    ]);
    expect(decision).toMatchObject({ outcome: 'rejected', reason: 'attemptsExhausted', check: 'document' });
    expect(state.checks.document).toMatchObject({ status: 'passed' });
  });

  it('those that only reports name lead to a review where Verifik does not list them', () => {
    const vendor = new ModelVendor();
    vendor.listsFailures = false;
    const inputs = sixty.flatMap((at) => attemptAndReport(at, 'document', 'failed'));
    const end = AT + 1_900;
    const { decision, state } = runOnboarding(
      [...othersPass, ...inputs, ...attemptAndReport(end, 'document', 'passed')],
      { vendor },
    );
    expect(decision.reason).toBe('reviewOverdue');
    expect(state.checks.document).toMatchObject({ status: 'inReview', reason: 'attemptsUncertain' });
  });

  it('forged failures of a check whose attempts Verifik lists change nothing', () => {
    const forged = Array.from({ length: 9 }, (_, n) =>
      reported(AT + n, 'document', 'failed', { validationId: `f${n}` }),
    );
    const all = [...othersPass, attempt(AT, 'document', 'passed'), ...forged];
    expect(runOnboarding(all).decision.outcome).toBe('verified');
  });
});

describe('a closing call that Verifik rejects', () => {
  const all = CHECK_NAMES.flatMap((name) => attemptAndReport(AT, name, 'passed'));

  it('is repeated after another read, and never verifies the onboarding', () => {
    const vendor = new ModelVendor();
    vendor.rejectsFinalise = true;
    const { decision, turns } = runOnboarding(all, { vendor });
    expect(decision).toMatchObject({ outcome: 'expired', reason: 'deadlinePassed' });
    const steps = turns.map(({ next }) => next.step).filter((step) => step === 'finalise' || step === 'readVendor');
    expect(steps.filter((step, index) => step === 'finalise' && steps[index - 1] === 'finalise')).toEqual([]);
    expect(steps.length).toBeLessThan(90);
  });

  it('verifies the onboarding once Verifik accepts it', () => {
    const vendor = new ModelVendor();
    vendor.rejectsFinalise = true;
    const accepts = toVendor(AT + HOUR_MS, () => {
      vendor.rejectsFinalise = false;
    });
    expect(runOnboarding([...all, accepts], { vendor }).decision.outcome).toBe('verified');
  });

  it('a read that cannot confirm the checks verifies nothing either', () => {
    const vendor = new ModelVendor();
    vendor.rejectsFinalise = true;
    const breaks = toVendor(AT + 20 * SECOND_MS, () => {
      vendor.broken = true;
    });
    const doubt = reported(AT + 30 * SECOND_MS, 'document', 'failed', { validationId: 'another' });
    expect(runOnboarding([...all, breaks, doubt], { vendor }).decision.outcome).toBe('expired');
  });
});

describe('a contact that the applicant changed at Verifik', () => {
  const all = CHECK_NAMES.flatMap((name) => attemptAndReport(AT, name, 'passed'));
  const changed = { email: 'moved@example.com', phone: '3001234567', countryCode: '+57' };

  it('is used, unless the policy leaves it to a reviewer', () => {
    const run = (contactChange: 'accept' | 'review') => {
      const vendor = new ModelVendor();
      vendor.contact = changed;
      return runOnboarding(all, { vendor, policy: { contactChange } });
    };
    const accepted = run('accept');
    expect(accepted.decision.outcome).toBe('verified');
    expect(accepted.state.contact).toEqual(changed);
    const held = run('review');
    expect(held.decision.reason).toBe('reviewOverdue');
    expect(held.state.checks.email).toMatchObject({ status: 'inReview', reason: 'contactChanged' });
    expect(held.state.contact).not.toEqual(changed);
  });
});
