import { describe, expect, it } from 'vitest';
import { castOf } from '../../../tools/chaos/cast.js';
import type { Evidence, Heard, ToldOutcome } from '../../../tools/chaos/judging/evidence.js';
import { judge } from '../../../tools/chaos/judging/judge.js';
import { type Member, PERSONA_NAMES, type PersonaName, personaOf } from '../../../tools/chaos/personas.js';

const cast = castOf({ seed: 5, onboardings: 2 * PERSONA_NAMES.length });

const workflowIdOf = ({ reference }: Member) => `onboarding-${reference}`;

const registrationIdOf = ({ reference }: Member) => `registration-of-${reference}`;

const toldOf = (member: Member): ToldOutcome => {
  const { outcome, reason } = personaOf(member.persona);
  return { outcome, reason, appRegistrationId: registrationIdOf(member) };
};

const standingOf = (member: Member): Evidence['vendor']['standings'][number] => {
  const { outcome, reason } = personaOf(member.persona);
  const verified = outcome === 'verified';
  const document = reason === 'approvedByReviewer' ? 'NEEDS_MANUAL_VERIFICATION' : 'completed';
  return {
    _id: registrationIdOf(member),
    email: member.person.email,
    status: verified ? 'completed' : 'ONGOING',
    checks: { email: 'validated', ...(verified ? { phone: 'validated', document, biometric: 'validated' } : {}) },
  };
};

const event = (
  member: Member,
  sequence: number,
  type: string,
  more: { readonly decision?: ToldOutcome; readonly check?: string } = {},
): Heard => ({
  messageId: `${member.reference}_${sequence}`,
  event: { type, data: { id: member.reference, sequence, ...more } },
});

const passed = (member: Member, sequence: number, check: string): Heard =>
  event(member, sequence, 'onboarding.check.passed', { check });

const eventsOf = (member: Member): readonly Heard[] => {
  const { passes } = personaOf(member.persona);
  return [
    event(member, 1, 'onboarding.registered'),
    ...passes.map((check, index) => passed(member, index + 2, check)),
    event(member, passes.length + 2, 'onboarding.ended', { decision: toldOf(member) }),
  ];
};

/** All is well. */
const GOOD: Evidence = {
  cast,
  stopped: new Map(),
  vendor: {
    standings: cast.map(standingOf),
    createdByContact: Object.fromEntries(
      cast.map(({ person, persona }) => [person.email.toLowerCase(), personaOf(persona).registrations]),
    ),
    discardedByRegistration: {},
  },
  outcomes: new Map(cast.map((member) => [member.reference, toldOf(member)])),
  heard: cast.flatMap(eventsOf),
  replayed: cast.map((member) => ({ workflowId: workflowIdOf(member), events: 40 })),
  workflowIds: new Map(cast.map((member) => [member.reference, workflowIdOf(member)])),
  searched: [{ where: 'a log', file: 'a.log', bytes: 1_000, seesMarker: true, found: [] }],
  databaseIsRead: true,
};

const someone = (persona: PersonaName): Member => {
  const member = cast.find((one) => one.persona === persona);
  if (member === undefined) throw new Error(`nobody ${persona}`);
  return member;
};

const PASSING = someone('passes');

const withOutcome = (member: Member, told: ToldOutcome | undefined): Evidence => {
  const outcomes = new Map(GOOD.outcomes);
  outcomes.delete(member.reference);
  if (told !== undefined) outcomes.set(member.reference, told);
  return { ...GOOD, outcomes };
};

const withHeard = (member: Member, ...events: readonly Heard[]): Evidence => ({
  ...GOOD,
  heard: [...GOOD.heard.filter((one) => !('event' in one && one.event.data.id === member.reference)), ...events],
});

const withStanding = (member: Member, change: Partial<Evidence['vendor']['standings'][number]>): Evidence => {
  const standings = GOOD.vendor.standings.map((one) =>
    one._id === registrationIdOf(member) ? { ...one, ...change } : one,
  );
  return { ...GOOD, vendor: { ...GOOD.vendor, standings } };
};

const rules = (evidence: Evidence) => [...new Set(judge(evidence).map(({ rule }) => rule))];

describe('the judge', () => {
  it('acquits where all is well, callbacks that came again included', () => {
    expect(judge(GOOD)).toEqual([]);
    expect(judge({ ...GOOD, heard: [...GOOD.heard, ...GOOD.heard] })).toEqual([]);
  });

  it('notices an outcome that is lost', () => {
    expect(judge(withOutcome(PASSING, undefined))).toContainEqual(
      expect.objectContaining({ rule: 'outcome', of: PASSING.reference }),
    );
  });

  it.each(PERSONA_NAMES)('notices the outcome that is wrong for whoever %s', (persona) => {
    const member = someone(persona);
    const { outcome } = personaOf(persona);
    const told = outcome === 'rejected' ? toldOf(PASSING) : { outcome: 'rejected', reason: 'attemptsExhausted' };
    expect(judge(withOutcome(member, told))).toContainEqual(
      expect.objectContaining({ rule: 'rightOutcome', of: member.reference }),
    );
  });

  it('notices the right outcome for the wrong reason', () => {
    expect(rules(withOutcome(PASSING, { ...toldOf(PASSING), reason: 'approvedByReviewer' }))).toContain('rightOutcome');
  });

  it.each([
    { checks: { email: 'validated', phone: 'validated', document: 'failed', biometric: 'validated' } },
    { checks: { email: 'validated', phone: 'validated', document: 'completed' } },
    { checks: { email: 'validated', phone: 'new', document: 'completed', biometric: 'a word nobody knows' } },
    { status: 'ONGOING' },
    { status: 'FAILED' },
    { email: 'somebody.else@example.com' },
    { _id: 'another' },
  ])('notices a verified that Verifik knows nothing of: %o', (change) => {
    expect(rules(withStanding(PASSING, change))).toContain('agreesWithVerifik');
  });

  it.each(['fails', 'withdraws', 'runsOutOfTime'] as const)(
    'notices that Verifik has completed whoever %s',
    (persona) => {
      expect(rules(withStanding(someone(persona), { status: 'COMPLETED' }))).toEqual(['agreesWithVerifik']);
    },
  );

  it('notices an approval that covers more than the document', () => {
    const checks = { email: 'validated', document: 'NEEDS_MANUAL_VERIFICATION', biometric: 'validated' };
    expect(rules(withStanding(someone('isReviewed'), { checks }))).toEqual(['agreesWithVerifik']);
  });

  it('notices a registration that was created twice, or never', () => {
    for (const created of [0, 2]) {
      const createdByContact = { ...GOOD.vendor.createdByContact, [PASSING.person.email.toLowerCase()]: created };
      expect(rules({ ...GOOD, vendor: { ...GOOD.vendor, createdByContact } })).toEqual(['nothingTwice']);
    }
  });

  it('notices finished checks that were thrown away, but where the applicant asked for it', () => {
    const discarded = (member: Member, times: number) => {
      const discardedByRegistration = { [registrationIdOf(member)]: times };
      return rules({ ...GOOD, vendor: { ...GOOD.vendor, discardedByRegistration } });
    };
    expect(discarded(PASSING, 1)).toEqual(['nothingTwice']);
    expect(discarded(someone('registersAgain'), 1)).toEqual([]);
    expect(discarded(someone('registersAgain'), 2)).toEqual(['nothingTwice']);
  });

  const [first, second, ...others] = eventsOf(PASSING);
  const last = others.at(-1);
  if (first === undefined || second === undefined || last === undefined) throw new Error('there are three');
  const untilLast = [first, second, ...others.slice(0, -1)];
  const after = untilLast.length + 2;

  it.each([
    ['a gap', [first, ...others]],
    ['another order', [second, first, ...others]],
    ['no beginning', [second, ...others]],
    ['no ending', untilLast],
    ['nothing at all', []],
    ['two endings', [...untilLast, last, event(PASSING, after, 'onboarding.ended', { decision: toldOf(PASSING) })]],
    ['something after the ending', [...untilLast, last, passed(PASSING, after, 'email')]],
    [
      'a sequence told twice',
      [first, second, { ...event(PASSING, 2, 'onboarding.registered'), messageId: 'other' }, ...others],
    ],
    [
      'an ending that the API does not know',
      [...untilLast, event(PASSING, after - 1, 'onboarding.ended', { decision: toldOf(someone('fails')) })],
    ],
    ['a failure', [...untilLast, event(PASSING, after - 1, 'onboarding.failed')]],
    ['a check that was never told', [first, passed(PASSING, 2, 'phone'), ...others]],
  ])('notices callbacks with %s', (_, events) => {
    expect(rules(withHeard(PASSING, ...events))).toEqual(['callbacks']);
  });

  it.each(['fails', 'withdraws', 'runsOutOfTime'] as const)(
    'notices callbacks that tell of a check that nobody has passed, of whoever %s',
    (persona) => {
      const member = someone(persona);
      const events = eventsOf(member).map((one, index) => (index === 1 ? passed(member, 2, 'biometric') : one));
      expect(judge(withHeard(member, ...events))).toEqual([
        { rule: 'callbacks', of: member.reference, what: 'biometric was told to have passed' },
      ]);
    },
  );

  it('notices a history that does not replay, whoever it is of, and one that is not there', () => {
    const odd = { workflowId: 'callbacks-of-somebody', events: 9, mismatch: 'another activity' };
    expect(judge({ ...GOOD, replayed: [...GOOD.replayed, odd] })).toEqual([
      { rule: 'replays', of: 'callbacks-of-somebody', what: 'another activity' },
    ]);
    const replayed = GOOD.replayed.filter(({ workflowId }) => workflowId !== workflowIdOf(PASSING));
    expect(judge({ ...GOOD, replayed })).toEqual([
      { rule: 'replays', of: PASSING.reference, what: 'Temporal has no history of it' },
    ]);
  });

  it('notices an ending told for another reason, and says how many endings there were', () => {
    const otherwise = { decision: { ...toldOf(PASSING), reason: 'approvedByReviewer' } };
    const ending = event(PASSING, after - 1, 'onboarding.ended', otherwise);
    expect(rules(withHeard(PASSING, ...untilLast, ending))).toEqual(['callbacks']);
    const another = event(PASSING, after, 'onboarding.ended', { decision: toldOf(PASSING) });
    for (const [count, events] of [
      [0, untilLast],
      [2, [...untilLast, last, another]],
    ] as const)
      expect(judge(withHeard(PASSING, ...events))).toContainEqual(
        expect.objectContaining({ what: `${count} endings were told` }),
      );
  });

  it('notices a callback without a good signature, and one of an onboarding that nobody started', () => {
    expect(rules({ ...GOOD, heard: [...GOOD.heard, { refused: 'a message' }] })).toEqual(['callbacks']);
    const stranger = { ...PASSING, reference: 'a stranger' };
    expect(rules({ ...GOOD, heard: [...GOOD.heard, event(stranger, 1, 'onboarding.registered')] })).toEqual([
      'callbacks',
    ]);
  });

  it('notices what was found where it may not be, and a search that saw nothing', () => {
    const [place] = GOOD.searched;
    if (place === undefined) throw new Error('there is one');
    expect(judge({ ...GOOD, searched: [{ ...place, found: ['the email of somebody'] }] })).toEqual([
      { rule: 'nothingReadable', of: 'a log', what: 'the email of somebody' },
    ]);
    expect(rules({ ...GOOD, searched: [{ ...place, seesMarker: false }] })).toEqual(['nothingReadable']);
    expect(rules({ ...GOOD, databaseIsRead: false })).toEqual(['nothingReadable']);
  });

  it('notices an applicant who was stopped', () => {
    expect(judge({ ...GOOD, stopped: new Map([[PASSING.reference, 'the gateway refused them']]) })).toEqual([
      { rule: 'unstopped', of: PASSING.reference, what: 'the gateway refused them' },
    ]);
  });
});
