import fc from 'fast-check';
import { CHECK_NAMES, perCheck } from '../../domain/checks.js';
import type { Contact } from '../../domain/contact.js';
import type { Event } from '../../domain/events.js';
import type { Policy } from '../../domain/policy.js';
import type { CheckResult, RegistrationStanding } from '../../domain/reading.js';
import { awaitsReview, underReview } from '../../domain/review.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import {
  ANSWER_MS,
  CONTACT,
  type Conditions,
  type Drive,
  drive,
  event,
  type Happening,
  policyWith,
  reported,
  toVendor,
} from './driver.js';
import { type Behaviour, ModelVendor } from './model-vendor.js';

export const DEADLINE_MS = 3 * DAY_MS;

const NEW_CONTACT: Contact = { email: 'other.secret@example.com', phone: '3007654321', countryCode: '+57' };

/** What nobody may learn from a snapshot. */
export const SECRETS: readonly string[] = [
  'secret-token',
  ...[CONTACT, NEW_CONTACT].flatMap(({ email, phone }) => [email ?? '', phone ?? '']),
];

const anyCheck = fc.constantFrom(...CHECK_NAMES);

// Mostly passes, so that many of the lives end well.
export const anyResult = fc.oneof(
  { weight: 5, arbitrary: fc.constant<CheckResult>('passed') },
  fc.constantFrom<CheckResult>('failed', 'inReview', 'pending'),
);

export const anyStanding = fc.constantFrom<RegistrationStanding>(
  'needsReview',
  'sessionOver',
  'unknown',
  'completed',
  'completedWithoutKyc',
  'failed',
  'inProgress',
);

// Things come far apart, while one answer is under way, close together, and around the deadline.
const moment = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 2 * DAY_MS }) },
  { weight: 3, arbitrary: fc.integer({ min: HOUR_MS, max: HOUR_MS + 2 * ANSWER_MS }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: MINUTE_MS }) },
  { weight: 1, arbitrary: fc.integer({ min: DEADLINE_MS - MINUTE_MS, max: DEADLINE_MS + MINUTE_MS }) },
);

export const anyBehaviour: fc.Arbitrary<Behaviour> = fc.record({
  reRegistration: fc.constantFrom('recreate', 'resume'),
  resendLink: fc.boolean(),
  recreatedId: fc.constantFrom('same', 'other'),
});

const anyPolicy: fc.Arbitrary<Policy> = fc
  .record({
    // Recreating voids the checks of the first half, and leaves those of the second.
    required: fc.oneof(
      fc.constant([...CHECK_NAMES]),
      fc.subarray(['document', 'biometric'] as const, { minLength: 1 }),
      fc.subarray([...CHECK_NAMES], { minLength: 1 }),
    ),
    limit: fc.integer({ min: 1, max: 3 }),
    reminders: fc.record({ afterMs: fc.constantFrom(HOUR_MS, DAY_MS), max: fc.integer({ min: 0, max: 3 }) }),
    verifiedForMs: fc.constantFrom(undefined, DAY_MS),
  })
  .map(({ required, limit, reminders, verifiedForMs }) =>
    policyWith({
      required,
      reminders,
      deadlineMs: DEADLINE_MS,
      attemptLimits: perCheck(() => limit),
      ...(verifiedForMs === undefined ? {} : { verifiedForMs }),
    }),
  );

/** Says in a counterexample what happens: a function alone would tell nothing. */
const told = (happening: Happening, ...what: readonly unknown[]): Happening => {
  const tells: fc.WithToStringMethod = { [fc.toStringMethod]: () => `${happening.at} ms: ${what.join(' ')}` };
  return { ...happening, ...tells };
};

const say = (make: (at: number) => Event): fc.Arbitrary<Happening> =>
  moment.map((at) => told(event(at, make), JSON.stringify(make(at))));

const aStandingClaim = fc
  .tuple(moment, anyStanding, fc.constantFrom('current', 'none', 'foreign'))
  .map(([at, standing, about]) => {
    const happening: Happening = {
      at,
      happen: (vendor, now) => {
        const appRegistrationId = about === 'current' ? vendor.appRegistrationId : about;
        const whose = about === 'none' || appRegistrationId === undefined ? {} : { appRegistrationId };
        return [{ type: 'RegistrationReported', at: now, standing, ...whose }];
      },
    };
    return told(happening, 'reported: the registration is', standing, about);
  });

const aClaim = fc
  .tuple(moment, anyCheck, anyResult, fc.constantFrom('current' as const, 'none' as const, { validationId: 'forged' }))
  .map(([at, check, claimed, about]) =>
    told(reported(at, check, claimed, about), 'reported', check, claimed, fc.stringify(about)),
  );

/** Reports of every kind: true ones, forged ones, words never seen, somebody else's, junk. */
export const anyReport: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: aClaim },
  { weight: 2, arbitrary: aStandingClaim },
  say((at) => ({ type: 'RegistrationReported', at, standing: 'unknown', unknownWord: 'TELEPORTED' })),
  anyCheck.chain((check) =>
    fc.oneof(
      say((at) => ({ type: 'ValidationReported', at, check, result: 'pending', unknownWord: 'TELEPORTED' })),
      say((at) => ({ type: 'ValidationReported', at, check, result: 'passed', appRegistrationId: 'foreign' })),
      say((at) => ({ type: 'JunkReported', at, check, problem: 'status (expected string)' })),
    ),
  ),
);

/** Somebody who reports the same over and over, with and without new ids. */
export const aStream: fc.Arbitrary<readonly Happening[]> = fc
  .tuple(moment, anyCheck, anyResult, fc.boolean(), fc.integer({ min: 1, max: 30 }))
  .map(([start, check, claimed, fresh, count]) =>
    Array.from({ length: count }, (_, n) => {
      const at = start + n * SECOND_MS;
      const about = fresh ? { validationId: `forged-${n}` } : 'none';
      return told(reported(at, check, claimed, about), 'reported', check, claimed, fc.stringify(about));
    }),
  );

const anAttempt = fc
  .tuple(moment, anyCheck, anyResult, fc.constantFrom(undefined, undefined, undefined, 'TELEPORTED'))
  .map(([at, check, found, unknownWord]) => {
    const result = unknownWord === undefined ? found : 'pending';
    const attempts = toVendor(at, (vendor) => void vendor.attempt(check, result, unknownWord));
    return told(attempts, 'attempt', check, result, unknownWord ?? '');
  });

const attemptAndReport = (at: number, check: (typeof CHECK_NAMES)[number], result: CheckResult): Happening => {
  const happening: Happening = {
    at,
    happen: (vendor, now) => {
      const validationId = vendor.attempt(check, result);
      return validationId === undefined ? [] : [{ type: 'ValidationReported', at: now, check, result, validationId }];
    },
  };
  return told(happening, 'attempt and report', check, result);
};

const aTrueReport = fc
  .tuple(moment, anyCheck, anyResult)
  .map(([at, check, found]) => attemptAndReport(at, check, found));

/** An applicant who goes through the checks one after the other. */
const aJourney: fc.Arbitrary<readonly Happening[]> = fc
  .tuple(moment, fc.constantFrom(1, SECOND_MS, MINUTE_MS), fc.constantFrom('passed', 'passed', 'passed', 'inReview'))
  .map(([start, apart, last]) =>
    CHECK_NAMES.map((check, n) => attemptAndReport(start + n * apart, check, check === 'biometric' ? last : 'passed')),
  );

const aMood = fc
  .tuple(
    moment,
    fc.constantFrom('broken', 'mixesUp', 'losesAnswers', 'refusesApplicant', 'faceMismatch', 'givesDeadTokens'),
    fc.boolean(),
  )
  .map(([at, mood, on]) =>
    told(
      toVendor(at, (vendor) => {
        vendor[mood] = on;
      }),
      'the vendor:',
      mood,
      on,
    ),
  );

const aStanding = fc.tuple(moment, anyStanding).map(([at, standing]) =>
  told(
    toVendor(at, (vendor) => {
      vendor.standing = standing;
    }),
    'the registration becomes',
    standing,
  ),
);

const aForgetting = moment.map((at) =>
  told(
    toVendor(at, (vendor) => vendor.forget()),
    'the vendor forgets',
  ),
);

// As the validator of the update has it: only what is under review can be decided.
const aReview = fc
  .tuple(moment, fc.constantFrom('approve', 'approve', 'reject'), fc.option(anyCheck, { nil: undefined }))
  .map(([at, decision, check]) => {
    const happening: Happening = {
      at,
      happen: (_vendor, now, state) => {
        const decidable = check === undefined ? awaitsReview(state) : underReview(state, check).length > 0;
        const review = { type: 'ReviewDecided', at: now, decision, reviewer: 'reviewer-7' } as const;
        return decidable ? [check === undefined ? review : { ...review, check }] : [];
      },
    };
    return told(happening, decision, check ?? 'everything');
  });

const aRequest = fc.oneof(
  say((at) => ({ type: 'TokenRequested', at })),
  say((at) => ({ type: 'TokenExpired', at })),
  say((at) => ({ type: 'ReRegistrationRequested', at })),
  say((at) => ({ type: 'ReRegistrationRequested', at, contact: NEW_CONTACT })),
);

const one = (weight: number, happening: fc.Arbitrary<Happening>) => ({
  weight,
  arbitrary: happening.map((it): readonly Happening[] => [it]),
});

/** Everything that can come from outside, sensible or not. */
const anything: fc.Arbitrary<readonly Happening[]> = fc.oneof(
  one(12, anAttempt),
  one(8, aTrueReport),
  one(6, anyReport),
  one(6, aRequest),
  one(3, aReview),
  one(3, aMood),
  one(2, aStanding),
  one(1, aForgetting),
  { weight: 3, arbitrary: aJourney },
  { weight: 1, arbitrary: aStream },
);

/** One onboarding in which anything happens. */
interface Life {
  readonly behaviour: Behaviour;
  readonly policy: Policy;
  readonly happenings: readonly Happening[];
  readonly conditions: Required<Conditions>;
}

export const anyLife: fc.Arbitrary<Life> = fc
  .record({
    behaviour: anyBehaviour,
    policy: anyPolicy,
    happenings: fc.array(anything, { maxLength: 40, size: 'medium' }).map((all) => all.flat()),
    withdrawals: fc.oneof(
      { weight: 19, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.tuple(say((at) => ({ type: 'Withdrawn', at }))) },
    ),
    conditions: fc.record({ interrupts: fc.boolean(), answerMs: fc.constantFrom(ANSWER_MS, 3 * SECOND_MS) }),
  })
  .map(({ happenings, withdrawals, ...life }) => ({ ...life, happenings: [...happenings, ...withdrawals] }));

export const live = ({ behaviour, policy, happenings, conditions }: Life): Drive =>
  drive(new ModelVendor(behaviour, policy.required), policy, happenings, conditions);

/** Asks of many lives what must hold of each. A life that breaks it is told in its shortest form. */
export const inEveryLife = (holds: (drive: Drive, life: Life) => void, numRuns = 1_000): void =>
  fc.assert(
    fc.property(anyLife, (life) => {
      holds(live(life), life);
    }),
    { numRuns },
  );
