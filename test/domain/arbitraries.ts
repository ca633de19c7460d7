import fc from 'fast-check';
import { CHECK_NAMES, perCheck } from '../../domain/checks.js';
import type { Contact } from '../../domain/contact.js';
import type { Policy } from '../../domain/policy/policy.js';
import { REPEATABLE_CHECKS } from '../../domain/review/records.js';
import { awaitsReview, underReview } from '../../domain/review/state.js';
import type { Transition } from '../../domain/transitions.js';
import type { CheckResult, RegistrationStatus } from '../../domain/vendor-registration.js';
import { defined } from '../../shared/defined.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';
import {
  ANSWER_MS,
  becomes,
  CONTACT,
  type Conditions,
  type Input,
  policyWith,
  type Run,
  reported,
  runOnboarding,
  toVendor,
  transition,
} from './driver.js';
import { type Behaviour, ModelVendor } from './model-vendor.js';

export const DEADLINE_MS = 3 * DAY_MS;

const NEW_CONTACT: Contact = { email: 'other.secret@example.com', phone: '3007654321', countryCode: '+57' };

const NOTE = 'the secret note of a reviewer';

/** The texts that no snapshot or event may contain. */
export const SECRETS: readonly string[] = [
  'secret-token',
  NOTE,
  ...[CONTACT, NEW_CONTACT].flatMap(({ email, phone }) => [email ?? '', phone ?? '']),
];

const anyCheck = fc.constantFrom(...CHECK_NAMES);

// Mostly passes, so that many runs end as verified.
export const anyResult = fc.oneof(
  { weight: 5, arbitrary: fc.constant<CheckResult>('passed') },
  fc.constantFrom<CheckResult>('failed', 'inReview', 'pending'),
);

export const anyStatus = fc.constantFrom<RegistrationStatus>(
  'needsReview',
  'sessionOver',
  'unknown',
  'completed',
  'completedWithoutKyc',
  'failed',
  'inProgress',
);

// Inputs arrive far apart, during a call, close together, and around the deadline.
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
    // Recreating a registration voids email and phone, and keeps document and biometric.
    required: fc.oneof(
      fc.constant([...CHECK_NAMES]),
      fc.subarray(['document', 'biometric'] as const, { minLength: 1 }),
      fc.subarray([...CHECK_NAMES], { minLength: 1 }),
    ),
    limit: fc.integer({ min: 1, max: 3 }),
    reminders: fc.record({ afterMs: fc.constantFrom(HOUR_MS, DAY_MS), max: fc.integer({ min: 0, max: 3 }) }),
    verifiedForMs: fc.constantFrom(undefined, DAY_MS),
    approval: fc.constantFrom(undefined, undefined, 'required' as const),
    reviewWithinMs: fc.constantFrom(HOUR_MS, 2 * DAY_MS),
    escalateBeforeMs: fc.constantFrom(0, HOUR_MS),
  })
  .map(({ required, limit, reminders, verifiedForMs, approval, reviewWithinMs, escalateBeforeMs }) =>
    policyWith({
      required,
      reminders,
      // The other ending, to wait on, would not end every run.
      review: { withinMs: reviewWithinMs, escalateBeforeMs, atDeadline: 'reject' },
      deadlineMs: DEADLINE_MS,
      attemptLimits: perCheck(() => limit),
      ...defined({ verifiedForMs, approval }),
    }),
  );

/** Gives the input a readable text in counterexamples. */
const described = (input: Input, ...what: readonly unknown[]): Input => {
  const toText: fc.WithToStringMethod = { [fc.toStringMethod]: () => `${input.at} ms: ${what.join(' ')}` };
  return { ...input, ...toText };
};

const atAnyTime = (make: (at: number) => Transition): fc.Arbitrary<Input> =>
  moment.map((at) => described(transition(at, make), JSON.stringify(make(at))));

const aRegistrationReport = fc
  .tuple(moment, anyStatus, fc.constantFrom('current', 'none', 'foreign'))
  .map(([at, status, about]) => {
    const input: Input = {
      at,
      apply: (vendor, now) => {
        const appRegistrationId = about === 'current' ? vendor.appRegistrationId : about;
        const whose = about === 'none' || appRegistrationId === undefined ? {} : { appRegistrationId };
        return [{ type: 'RegistrationReported', at: now, status, ...whose }];
      },
    };
    return described(input, 'reported: the registration is', status, about);
  });

const aValidationReport = fc
  .tuple(moment, anyCheck, anyResult, fc.constantFrom('current' as const, 'none' as const, { validationId: 'forged' }))
  .map(([at, check, result, about]) =>
    described(reported(at, check, result, about), 'reported', check, result, fc.stringify(about)),
  );

/** True and forged reports, unknown status words, reports about another registration, and undecodable ones. */
export const anyReport: fc.Arbitrary<Input> = fc.oneof(
  { weight: 4, arbitrary: aValidationReport },
  { weight: 2, arbitrary: aRegistrationReport },
  atAnyTime((at) => ({ type: 'RegistrationReported', at, status: 'unknown', unknownWord: 'TELEPORTED' })),
  anyCheck.chain((check) =>
    fc.oneof(
      atAnyTime((at) => ({ type: 'ValidationReported', at, check, result: 'pending', unknownWord: 'TELEPORTED' })),
      atAnyTime((at) => ({ type: 'ValidationReported', at, check, result: 'passed', appRegistrationId: 'foreign' })),
      atAnyTime((at) => ({ type: 'UndecodableReported', at, check, problem: 'status (expected string)' })),
    ),
  ),
);

/** A sender that repeats a report, with or without new validation ids. */
export const aStream: fc.Arbitrary<readonly Input[]> = fc
  .tuple(moment, anyCheck, anyResult, fc.boolean(), fc.integer({ min: 1, max: 30 }))
  .map(([start, check, result, fresh, count]) =>
    Array.from({ length: count }, (_, n) => {
      const at = start + n * SECOND_MS;
      const about = fresh ? { validationId: `forged-${n}` } : 'none';
      return described(reported(at, check, result, about), 'reported', check, result, fc.stringify(about));
    }),
  );

const anAttempt = fc
  .tuple(moment, anyCheck, anyResult, fc.constantFrom(undefined, undefined, undefined, 'TELEPORTED'))
  .map(([at, check, found, unknownWord]) => {
    const result = unknownWord === undefined ? found : 'pending';
    const attempts = toVendor(at, (vendor) => void vendor.attempt(check, result, unknownWord));
    return described(attempts, 'attempt', check, result, unknownWord ?? '');
  });

const truthfulReport = (at: number, check: (typeof CHECK_NAMES)[number], result: CheckResult): Input => {
  const input: Input = {
    at,
    apply: (vendor, now) => {
      const validationId = vendor.attempt(check, result);
      return validationId === undefined ? [] : [{ type: 'ValidationReported', at: now, check, result, validationId }];
    },
  };
  return described(input, 'attempt and report', check, result);
};

const aTrueReport = fc.tuple(moment, anyCheck, anyResult).map(([at, check, found]) => truthfulReport(at, check, found));

/** An applicant who attempts the checks one after the other. */
const aCompleteFlow: fc.Arbitrary<readonly Input[]> = fc
  .tuple(moment, fc.constantFrom(1, SECOND_MS, MINUTE_MS), fc.constantFrom('passed', 'passed', 'passed', 'inReview'))
  .map(([start, apart, last]) =>
    CHECK_NAMES.map((check, n) => truthfulReport(start + n * apart, check, check === 'biometric' ? last : 'passed')),
  );

const aVendorFault = fc
  .tuple(
    moment,
    fc.constantFrom(
      'broken',
      'returnsOthers',
      'losesAnswers',
      'refusesApplicant',
      'faceMismatch',
      'withoutComparison',
      'rejectsFinalise',
      'listsFailures',
      'issuesExpiredTokens',
    ),
    fc.boolean(),
  )
  .map(([at, fault, on]) =>
    described(
      toVendor(at, (vendor) => {
        vendor[fault] = on;
      }),
      'the vendor:',
      fault,
      on,
    ),
  );

const aStatus = fc
  .tuple(moment, anyStatus)
  .map(([at, status]) => described(becomes(at, status), 'the registration becomes', status));

const aForgetting = moment.map((at) =>
  described(
    toVendor(at, (vendor) => vendor.forget()),
    'the vendor forgets',
  ),
);

// Like the update validator, decides only what is under review.
const aReview = fc
  .tuple(moment, fc.constantFrom('approve', 'approve', 'reject'), fc.option(anyCheck, { nil: undefined }))
  .map(([at, decision, check]) => {
    const input: Input = {
      at,
      apply: (_vendor, now, state) => {
        const decidable = check === undefined ? awaitsReview(state) : underReview(state, check).length > 0;
        const review = { type: 'ReviewDecided', at: now, decision, reviewer: 'reviewer-7', note: NOTE } as const;
        return decidable ? [check === undefined ? review : { ...review, check }] : [];
      },
    };
    return described(input, decision, check ?? 'everything');
  });

const ifUnderReview = (at: number, make: (now: number) => Transition): Input => ({
  at,
  apply: (_vendor, now, state) => (awaitsReview(state) ? [make(now)] : []),
});

const aClaim = fc
  .tuple(moment, fc.constantFrom('reviewer-7', 'reviewer-8'), fc.constantFrom(MINUTE_MS, HOUR_MS))
  .map(([at, reviewer, forMs]) =>
    described(
      ifUnderReview(at, (now) => ({ type: 'ReviewClaimed', at: now, reviewer, until: now + forMs })),
      reviewer,
      'claims the review',
    ),
  );

const aRelease = moment.map((at) =>
  described(
    ifUnderReview(at, (now) => ({ type: 'ReviewReleased', at: now })),
    'the review is released',
  ),
);

const aRepeat = fc.tuple(moment, fc.subarray([...REPEATABLE_CHECKS], { minLength: 1 })).map(([at, checks]) =>
  described(
    ifUnderReview(at, (now) => ({
      ...{
        type: 'ChecksRequestedAgain',
        at: now,
        checks,
        reviewer: 'reviewer-7',
        reason: 'It is blurred.',
        note: NOTE,
      },
    })),
    'requests again:',
    ...checks,
  ),
);

const aRequest = fc.oneof(
  atAnyTime((at) => ({ type: 'TokenRequested', at })),
  atAnyTime((at) => ({ type: 'TokenExpired', at })),
  atAnyTime((at) => ({ type: 'ReRegistrationRequested', at })),
  atAnyTime((at) => ({ type: 'ReRegistrationRequested', at, contact: NEW_CONTACT })),
);

const one = (weight: number, input: fc.Arbitrary<Input>) => ({
  weight,
  arbitrary: input.map((it): readonly Input[] => [it]),
});

/** The applicant changes the contact on Verifik's page. */
const aContactChange = fc.tuple(moment, fc.constantFrom(CONTACT, NEW_CONTACT)).map(([at, contact]) =>
  described(
    toVendor(at, (vendor) => {
      vendor.contact = contact;
    }),
    'the contact at Verifik:',
    contact.email ?? '',
  ),
);

const anything: fc.Arbitrary<readonly Input[]> = fc.oneof(
  one(12, anAttempt),
  one(8, aTrueReport),
  one(6, anyReport),
  one(6, aRequest),
  one(3, aReview),
  one(2, aClaim),
  one(1, aRelease),
  one(2, aRepeat),
  one(3, aVendorFault),
  one(2, aStatus),
  one(1, aContactChange),
  one(1, aForgetting),
  { weight: 3, arbitrary: aCompleteFlow },
  { weight: 1, arbitrary: aStream },
);

interface Scenario {
  readonly behaviour: Behaviour;
  readonly policy: Policy;
  readonly inputs: readonly Input[];
  readonly conditions: Required<Pick<Conditions, 'interrupts' | 'answerMs'>>;
}

export const anyScenario: fc.Arbitrary<Scenario> = fc
  .record({
    behaviour: anyBehaviour,
    policy: anyPolicy,
    inputs: fc.array(anything, { maxLength: 40, size: 'medium' }).map((all) => all.flat()),
    withdrawals: fc.oneof(
      { weight: 19, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.tuple(atAnyTime((at) => ({ type: 'Withdrawn', at }))) },
    ),
    conditions: fc.record({ interrupts: fc.boolean(), answerMs: fc.constantFrom(ANSWER_MS, 3 * SECOND_MS) }),
  })
  .map(({ inputs, withdrawals, ...scenario }) => ({ ...scenario, inputs: [...inputs, ...withdrawals] }));

export const runScenario = ({ behaviour, policy, inputs, conditions }: Scenario): Run =>
  runOnboarding(inputs, { vendor: new ModelVendor(behaviour, policy.required), policy, ...conditions });

/** Runs random scenarios and checks each run. fast-check reports the smallest scenario that fails. */
export const forEveryRun = (check: (run: Run, scenario: Scenario) => void, numRuns = 500): void =>
  fc.assert(
    fc.property(anyScenario, (scenario) => {
      check(runScenario(scenario), scenario);
    }),
    { numRuns },
  );
