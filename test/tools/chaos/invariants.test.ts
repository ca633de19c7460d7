import { describe, expect, it } from 'vitest';
import { findViolations } from '../../../tools/chaos/judging/invariants.js';
import type {
  CheckedEvidence,
  Observations,
  ReceivedCallback,
  ReportedOutcome,
} from '../../../tools/chaos/judging/observations.js';
import {
  type Applicant,
  applicantsOf,
  CHECKS,
  PERSONA_NAMES,
  type PersonaName,
  personaOf,
} from '../../../tools/chaos/personas.js';
import type { RegistrationRecord } from '../../../tools/sandbox/index.js';

const applicants = applicantsOf({ seed: 5, onboardings: 2 * PERSONA_NAMES.length });

const workflowIdOf = ({ reference }: Applicant) => `onboarding-${reference}`;

const registrationIdOf = ({ reference }: Applicant) => `registration-of-${reference}`;

const reportedOf = (applicant: Applicant): ReportedOutcome => {
  const { outcome, reason } = personaOf(applicant.persona);
  return { outcome, reason, appRegistrationId: registrationIdOf(applicant) };
};

const registrationOf = (applicant: Applicant): Observations['vendor']['registrations'][number] => {
  const { outcome, reason } = personaOf(applicant.persona);
  const verified = outcome === 'verified';
  const document = reason === 'approvedByReviewer' ? 'NEEDS_MANUAL_VERIFICATION' : 'completed';
  return {
    _id: registrationIdOf(applicant),
    email: applicant.person.email,
    status: verified ? 'completed' : 'ONGOING',
    checks: { email: 'validated', ...(verified ? { phone: 'validated', document, biometric: 'validated' } : {}) },
  };
};

const idOf = (applicant: Applicant, check: string) => `${check}-of-${applicant.reference}`;

const SCORES = { liveness: { score: 0.93, minScore: 0.65 }, comparison: { score: 0.97, minScore: 0.85 } };

const FAILURES: Partial<Readonly<Record<PersonaName, number>>> = { stumbles: 1, fails: 2 };

const recordOf = (applicant: Applicant): RegistrationRecord => {
  const { _id, email, status, checks } = registrationOf(applicant);
  const isVerified = checks.biometric !== undefined;
  return {
    ...{ _id, email, status },
    validations: CHECKS.flatMap((kind) => {
      const word = checks[kind];
      return word === undefined ? [] : [{ _id: idOf(applicant, kind), kind, status: word }];
    }),
    failed: Array.from({ length: FAILURES[applicant.persona] ?? 0 }, (_, index) => ({
      ...{ _id: idOf(applicant, `failed-${index}`), kind: 'document', status: 'failed' },
    })),
    ...(isVerified ? { ...SCORES, comparison: { ...SCORES.comparison, passed: true } } : {}),
  };
};

const signedOf = ({ reference }: Applicant) => `the signed evidence of ${reference}`;

/** The one decision of a reviewer that some personas need. */
const reviewsOf = (applicant: Applicant) => {
  const validationId = idOf(applicant, 'document');
  const by = (decision: string, id: string) => ({
    ...{ at: 3, decision, reviewer: 'reviewer-1' },
    checks: [{ check: 'document', validationId: id }],
  });
  if (applicant.persona === 'repeats') return [by('again', 'the former one')];
  return reportedOf(applicant).reason === 'approvedByReviewer' ? [by('approve', validationId)] : [];
};

const documentOf = (applicant: Applicant, callbacks: readonly ReceivedCallback[] = eventsOf(applicant)) => {
  const { validations, failed, liveness } = recordOf(applicant);
  const { outcome, reason, appRegistrationId } = reportedOf(applicant);
  const isApproved = reason === 'approvedByReviewer';
  const { registrations } = personaOf(applicant.persona);
  const checkOf = (kind: string) => {
    const validationId = validations.find((one) => one.kind === kind)?._id;
    const approved = isApproved && kind === 'document' ? { approvedBy: 'reviewer-1' } : {};
    return { status: validationId === undefined ? 'pending' : 'passed', validationId, ...approved };
  };
  const events = new Map(
    callbacks.flatMap((one) => ('event' in one ? [[one.event.data.sequence, one.event.type]] : [])),
  );
  return JSON.parse(
    JSON.stringify({
      ...{ version: '1', workflowId: workflowIdOf(applicant), startedAt: 1 },
      decision: { outcome, reason, decidedAt: 9 },
      checks: Object.fromEntries(CHECKS.map((kind) => [kind, checkOf(kind)])),
      attempts: failed.map(({ _id, kind }) => ({ check: kind, validationId: _id, reason: 'unspecified', readAt: 2 })),
      generations: Array.from({ length: registrations }, (_, index) => ({
        ...{ generation: index + 1, at: 2 },
        appRegistrationId: index + 1 < registrations ? 'a lost one' : appRegistrationId,
      })),
      reviews: reviewsOf(applicant),
      events: [...events]
        .sort(([a], [b]) => Number(a) - Number(b))
        .map(([sequence, type]) => ({ sequence, type, at: 4 })),
      registration: { appRegistrationId, status: 'completed' },
      ...(liveness === undefined
        ? {}
        : {
            liveness: { ...SCORES.liveness, readAt: 2, validationId: idOf(applicant, 'biometric') },
            comparison: { ...SCORES.comparison, result: 'match', appRegistrationId, readAt: 2 },
          }),
    }),
  );
};

const evidenceOf = (applicant: Applicant, callbacks?: readonly ReceivedCallback[]): CheckedEvidence => ({
  signed: signedOf(applicant),
  document: documentOf(applicant, callbacks),
  acceptsChange: false,
});

const event = (
  applicant: Applicant,
  sequence: number,
  type: string,
  more: { readonly decision?: ReportedOutcome; readonly check?: string } = {},
): ReceivedCallback => ({
  messageId: `${applicant.reference}_${sequence}`,
  event: {
    type,
    data: {
      ...{ id: applicant.reference, sequence, ...more },
      ...(type === 'onboarding.ended' ? { evidence: signedOf(applicant) } : {}),
    },
  },
});

const passed = (applicant: Applicant, sequence: number, check: string): ReceivedCallback =>
  event(applicant, sequence, 'onboarding.check.passed', { check });

const eventsOf = (applicant: Applicant): readonly ReceivedCallback[] => {
  const { passes } = personaOf(applicant.persona);
  return [
    event(applicant, 1, 'onboarding.registered'),
    ...passes.map((check, index) => passed(applicant, index + 2, check)),
    event(applicant, passes.length + 2, 'onboarding.ended', { decision: reportedOf(applicant) }),
  ];
};

/** Observations without a violation. */
const VALID: Observations = {
  applicants,
  blocked: new Map(),
  vendor: {
    registrations: applicants.map(registrationOf),
    records: applicants.map(recordOf),
    createdByContact: Object.fromEntries(
      applicants.map(({ person, persona }) => [person.email.toLowerCase(), personaOf(persona).registrations]),
    ),
    discardedByRegistration: {},
  },
  outcomes: new Map(applicants.map((applicant) => [applicant.reference, reportedOf(applicant)])),
  evidence: new Map(applicants.map((applicant) => [applicant.reference, evidenceOf(applicant)])),
  callbacks: applicants.flatMap(eventsOf),
  replayed: applicants.map((applicant) => ({ workflowId: workflowIdOf(applicant), events: 40 })),
  workflowIds: new Map(applicants.map((applicant) => [applicant.reference, workflowIdOf(applicant)])),
  searched: [{ where: 'a log', file: 'a.log', bytes: 1_000, seesMarker: true, found: [] }],
  databaseIsRead: true,
};

const applicantWho = (persona: PersonaName): Applicant => {
  const applicant = applicants.find((one) => one.persona === persona);
  if (applicant === undefined) throw new Error(`nobody ${persona}`);
  return applicant;
};

const PASSING = applicantWho('passes');

const withOutcome = (applicant: Applicant, reported: ReportedOutcome | undefined): Observations => {
  const outcomes = new Map(VALID.outcomes);
  outcomes.delete(applicant.reference);
  if (reported !== undefined) outcomes.set(applicant.reference, reported);
  return { ...VALID, outcomes };
};

const withCallbacks = (applicant: Applicant, ...events: readonly ReceivedCallback[]): Observations => ({
  ...VALID,
  evidence: new Map(VALID.evidence).set(applicant.reference, evidenceOf(applicant, events)),
  callbacks: [
    ...VALID.callbacks.filter((one) => !('event' in one && one.event.data.id === applicant.reference)),
    ...events,
  ],
});

const withRegistration = (
  applicant: Applicant,
  change: Partial<Observations['vendor']['registrations'][number]>,
): Observations => {
  const registrations = VALID.vendor.registrations.map((one) =>
    one._id === registrationIdOf(applicant) ? { ...one, ...change } : one,
  );
  return { ...VALID, vendor: { ...VALID.vendor, registrations } };
};

const brokenInvariants = (observations: Observations) => [
  ...new Set(findViolations(observations).map(({ invariant }) => invariant)),
];

describe('the invariants', () => {
  it('hold for valid observations, including repeated callbacks', () => {
    expect(findViolations(VALID)).toEqual([]);
    expect(findViolations({ ...VALID, callbacks: [...VALID.callbacks, ...VALID.callbacks] })).toEqual([]);
  });

  it('report a missing outcome', () => {
    expect(findViolations(withOutcome(PASSING, undefined))).toContainEqual(
      expect.objectContaining({ invariant: 'outcome', subject: PASSING.reference }),
    );
  });

  it.each(PERSONA_NAMES)('report a wrong outcome for an applicant who %s', (persona) => {
    const applicant = applicantWho(persona);
    const { outcome } = personaOf(persona);
    const reported =
      outcome === 'rejected' ? reportedOf(PASSING) : { outcome: 'rejected', reason: 'attemptsExhausted' };
    expect(findViolations(withOutcome(applicant, reported))).toContainEqual(
      expect.objectContaining({ invariant: 'expectedOutcome', subject: applicant.reference }),
    );
  });

  it('report the right outcome with the wrong reason', () => {
    expect(brokenInvariants(withOutcome(PASSING, { ...reportedOf(PASSING), reason: 'approvedByReviewer' }))).toContain(
      'expectedOutcome',
    );
  });

  it.each([
    { checks: { email: 'validated', phone: 'validated', document: 'failed', biometric: 'validated' } },
    { checks: { email: 'validated', phone: 'validated', document: 'completed' } },
    { checks: { email: 'validated', phone: 'new', document: 'completed', biometric: 'a word nobody knows' } },
    { status: 'ONGOING' },
    { status: 'FAILED' },
    { email: 'somebody.else@example.com' },
    { _id: 'another' },
  ])('report a verified outcome that Verifik contradicts: %o', (change) => {
    expect(brokenInvariants(withRegistration(PASSING, change))).toContain('matchesVerifik');
  });

  it.each(['fails', 'withdraws', 'runsOutOfTime'] as const)(
    'report a complete registration at Verifik of an applicant who %s',
    (persona) => {
      expect(brokenInvariants(withRegistration(applicantWho(persona), { status: 'COMPLETED' }))).toEqual([
        'matchesVerifik',
      ]);
    },
  );

  it('report an approval that covers more than the document', () => {
    const checks = { email: 'validated', document: 'NEEDS_MANUAL_VERIFICATION', biometric: 'validated' };
    expect(brokenInvariants(withRegistration(applicantWho('isReviewed'), { checks }))).toEqual(['matchesVerifik']);
  });

  it('report a registration that was created twice or never', () => {
    for (const created of [0, 2]) {
      const createdByContact = { ...VALID.vendor.createdByContact, [PASSING.person.email.toLowerCase()]: created };
      expect(brokenInvariants({ ...VALID, vendor: { ...VALID.vendor, createdByContact } })).toEqual(['noDuplicates']);
    }
  });

  it('report finished checks that were discarded without a request of the applicant', () => {
    const discarded = (applicant: Applicant, times: number) => {
      const discardedByRegistration = { [registrationIdOf(applicant)]: times };
      return brokenInvariants({ ...VALID, vendor: { ...VALID.vendor, discardedByRegistration } });
    };
    expect(discarded(PASSING, 1)).toEqual(['noDuplicates']);
    expect(discarded(applicantWho('registersAgain'), 1)).toEqual([]);
    expect(discarded(applicantWho('registersAgain'), 2)).toEqual(['noDuplicates']);
  });

  const withEvidence = (applicant: Applicant, change: Partial<CheckedEvidence>): Observations => ({
    ...VALID,
    evidence: new Map(VALID.evidence).set(applicant.reference, { ...evidenceOf(applicant), ...change }),
  });

  it.each([
    ['a missing document', { document: undefined }],
    ['a refused signature', { refused: 'it was changed' }],
    ['a changed byte that is accepted', { acceptsChange: true }],
    ['another one in the callback', { signed: 'another' }],
  ])('report evidence with %s', (_, change) => {
    expect(brokenInvariants(withEvidence(PASSING, change))).toEqual(['evidence']);
  });

  it.each([
    ['decision', 'passes', { reason: 'approvedByReviewer' }],
    ['decision', 'passes', { decidedAt: 1 }],
    ['registration', 'passes', { appRegistrationId: 'another' }],
    ['checks', 'passes', { email: { status: 'passed', validationId: 'another' } }],
    ['checks', 'fails', { document: { status: 'passed', validationId: 'another' } }],
    ['liveness', 'passes', { score: 0.94 }],
    ['liveness', 'passes', { validationId: 'another' }],
    ['comparison', 'passes', { minScore: 0.5 }],
    ['comparison', 'passes', { result: 'mismatch' }],
  ] as const)('report evidence whose %s of an applicant who %s has %j', (part, persona, change) => {
    const applicant = applicantWho(persona);
    const document = documentOf(applicant);
    const changed = { ...document, [part]: { ...document[part], ...change } };
    expect(brokenInvariants(withEvidence(applicant, { document: changed }))).toEqual(['evidence']);
  });

  it.each([
    ['attempts', 'stumbles'],
    ['attempts', 'fails'],
    ['reviews', 'isReviewed'],
    ['reviews', 'repeats'],
    ['generations', 'getsLost'],
    ['events', 'withdraws'],
  ] as const)('report evidence whose %s of an applicant who %s lack the last one', (part, persona) => {
    const applicant = applicantWho(persona);
    const document = documentOf(applicant);
    const changed = { ...document, [part]: document[part].slice(0, -1) };
    expect(brokenInvariants(withEvidence(applicant, { document: changed }))).toEqual(['evidence']);
  });

  const [first, second, ...others] = eventsOf(PASSING);
  const last = others.at(-1);
  if (first === undefined || second === undefined || last === undefined) throw new Error('expected three events');
  const untilLast = [first, second, ...others.slice(0, -1)];
  const after = untilLast.length + 2;

  it.each([
    ['a gap', [first, ...others]],
    ['another order', [second, first, ...others]],
    ['no first event', [second, ...others]],
    ['no final event', untilLast],
    ['no event at all', []],
    [
      'two final events',
      [...untilLast, last, event(PASSING, after, 'onboarding.ended', { decision: reportedOf(PASSING) })],
    ],
    ['an event after the final event', [...untilLast, last, passed(PASSING, after, 'email')]],
    [
      'a repeated sequence number',
      [first, second, { ...event(PASSING, 2, 'onboarding.registered'), messageId: 'other' }, ...others],
    ],
    [
      'a final event that differs from the API',
      [...untilLast, event(PASSING, after - 1, 'onboarding.ended', { decision: reportedOf(applicantWho('fails')) })],
    ],
    ['a failed onboarding', [...untilLast, event(PASSING, after - 1, 'onboarding.failed')]],
    ['a passed check that was not reported', [first, passed(PASSING, 2, 'phone'), ...others]],
  ])('report callbacks with %s', (_, events) => {
    expect(brokenInvariants(withCallbacks(PASSING, ...events))).toEqual(['callbacks']);
  });

  it.each(['fails', 'withdraws', 'runsOutOfTime'] as const)(
    'report an event for a check that has not passed, of an applicant who %s',
    (persona) => {
      const applicant = applicantWho(persona);
      const events = eventsOf(applicant).map((one, index) => (index === 1 ? passed(applicant, 2, 'biometric') : one));
      expect(findViolations(withCallbacks(applicant, ...events))).toEqual([
        {
          invariant: 'callbacks',
          subject: applicant.reference,
          what: 'biometric was reported as passed but has not passed',
        },
      ]);
    },
  );

  it('report a history of any workflow that does not replay, and a missing history', () => {
    const odd = { workflowId: 'callbacks-of-somebody', events: 9, mismatch: 'another activity' };
    expect(findViolations({ ...VALID, replayed: [...VALID.replayed, odd] })).toEqual([
      { invariant: 'replays', subject: 'callbacks-of-somebody', what: 'another activity' },
    ]);
    const replayed = VALID.replayed.filter(({ workflowId }) => workflowId !== workflowIdOf(PASSING));
    expect(findViolations({ ...VALID, replayed })).toEqual([
      { invariant: 'replays', subject: PASSING.reference, what: 'Temporal has no history of it' },
    ]);
  });

  it('report a final event with another reason, and the number of final events', () => {
    const otherwise = { decision: { ...reportedOf(PASSING), reason: 'approvedByReviewer' } };
    const ending = event(PASSING, after - 1, 'onboarding.ended', otherwise);
    expect(brokenInvariants(withCallbacks(PASSING, ...untilLast, ending))).toEqual(['callbacks']);
    const another = event(PASSING, after, 'onboarding.ended', { decision: reportedOf(PASSING) });
    for (const [count, events] of [
      [0, untilLast],
      [2, [...untilLast, last, another]],
    ] as const)
      expect(findViolations(withCallbacks(PASSING, ...events))).toContainEqual(
        expect.objectContaining({ what: `${count} final events` }),
      );
  });

  it('report a callback with an invalid signature, and one of an onboarding that was not started', () => {
    expect(brokenInvariants({ ...VALID, callbacks: [...VALID.callbacks, { refused: 'a message' }] })).toEqual([
      'callbacks',
    ]);
    const unknown = { ...PASSING, reference: 'unknown' };
    expect(
      brokenInvariants({ ...VALID, callbacks: [...VALID.callbacks, event(unknown, 1, 'onboarding.registered')] }),
    ).toEqual(['callbacks']);
  });

  it('report a forbidden value, and a search that found no marker', () => {
    const [place] = VALID.searched;
    if (place === undefined) throw new Error('expected one searched file');
    expect(findViolations({ ...VALID, searched: [{ ...place, found: ['the email of somebody'] }] })).toEqual([
      { invariant: 'noLeaks', subject: 'a log', what: 'the email of somebody' },
    ]);
    expect(brokenInvariants({ ...VALID, searched: [{ ...place, seesMarker: false }] })).toEqual(['noLeaks']);
    expect(brokenInvariants({ ...VALID, databaseIsRead: false })).toEqual(['noLeaks']);
  });

  it('report an applicant who could not finish', () => {
    expect(findViolations({ ...VALID, blocked: new Map([[PASSING.reference, 'the gateway refused them']]) })).toEqual([
      { invariant: 'notBlocked', subject: PASSING.reference, what: 'the gateway refused them' },
    ]);
  });
});
