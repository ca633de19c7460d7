import type { CheckName } from '../../domain/checks.js';
import type { Contact } from '../../domain/contact.js';
import { decide, type NextStep } from '../../domain/decide.js';
import { evolve } from '../../domain/evolve.js';
import type { Decision } from '../../domain/outcomes.js';
import { DEFAULT_POLICY, type Policy } from '../../domain/policy/policy.js';
import { initialState, type State } from '../../domain/state.js';
import type { Transition } from '../../domain/transitions.js';
import type { CheckResult, RegistrationStatus } from '../../domain/vendor-registration.js';
import { defined } from '../../shared/defined.js';
import { ModelVendor } from './model-vendor.js';

export const CONTACT: Contact = { email: 'secret.person@example.com', phone: '3001234567', countryCode: '+57' };

/** Reviews end, so that every run does. */
export const policyWith = (change: Partial<Policy> = {}): Policy => ({
  ...DEFAULT_POLICY,
  review: { ...DEFAULT_POLICY.review, atDeadline: 'reject' },
  required: ['email', 'phone', 'document', 'biometric'],
  ...change,
});

/** An external input at a time (ms from the start). It can change the model of Verifik and cause transitions. */
export interface Input {
  readonly at: number;
  readonly apply: (vendor: ModelVendor, at: number, state: State) => readonly Transition[];
}

/** One turn of the workflow loop. */
export interface Turn {
  readonly now: number;
  readonly before: State;
  readonly next: NextStep;
  readonly transition?: Transition;
  readonly after: State;
}

export interface AppliedTransition {
  readonly before: State;
  readonly transition: Transition;
  readonly after: State;
}

export interface Run {
  readonly decision: Decision;
  readonly state: State;
  readonly turns: readonly Turn[];
  readonly applied: readonly AppliedTransition[];
}

/** Far more turns than an onboarding needs. A run that reaches it loops. */
const MAX_TURNS = 5_000;

/** The model's default response time in ms. */
export const ANSWER_MS = 10;

export interface Conditions {
  /** Default: a new one with the default behaviour. */
  readonly vendor?: ModelVendor;
  readonly policy?: Partial<Policy>;
  /** True if a step with higher priority interrupts a call, whose answer is then lost, as in the workflow. */
  readonly interrupts?: boolean;
  readonly answerMs?: number;
}

/** Runs an onboarding against the model until it ends, as the workflow does. */
export const runOnboarding = (
  inputs: readonly Input[] = [],
  { vendor = new ModelVendor(), policy, interrupts = false, answerMs = ANSWER_MS }: Conditions = {},
): Run => {
  const due = [...inputs].sort((a, b) => a.at - b.at);
  const turns: Turn[] = [];
  const applied: AppliedTransition[] = [];
  let state = initialState({ policy: policyWith(policy), contact: CONTACT }, 0);
  let now = 0;
  const apply = (transition: Transition): void => {
    const before = state;
    state = evolve(state, transition);
    applied.push({ before, transition, after: state });
  };
  const applyInputsUntil = (moment: number): void => {
    for (let first = due[0]; first !== undefined && first.at <= moment; first = due[0]) {
      due.shift();
      for (const transition of first.apply(vendor, moment, state)) apply(transition);
    }
  };
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    applyInputsUntil(now);
    const next = decide(state, now);
    const before = state;
    if (next.step === 'wait') {
      turns.push({ now, before, next, after: state });
      now = Math.min(next.until, due[0]?.at ?? next.until);
      continue;
    }
    // Inputs that arrive during the call do not affect its answer.
    now += answerMs;
    const transition: Transition = { ...vendor.answer(next, now, state.lastReportSerial), at: now };
    applyInputsUntil(now);
    if (interrupts && (decide(state, now).step !== next.step || state.contact !== before.contact)) {
      turns.push({ now, before, next, after: state });
      continue;
    }
    apply(transition);
    turns.push({ now, before, next, transition, after: state });
    if (next.step === 'finish') return { decision: next.decision, state, turns, applied };
  }
  throw new Error(
    `the onboarding did not end within ${MAX_TURNS} turns; last steps: ${turns
      .slice(-5)
      .map(({ next }) => next.step)
      .join(', ')}`,
  );
};

/** A report about a check, true or false. */
export const reported = (
  at: number,
  check: CheckName,
  result: CheckResult,
  about: 'current' | 'none' | { readonly validationId: string } = 'current',
): Input => ({
  at,
  apply: (vendor, now) => {
    const id = about === 'none' ? undefined : about === 'current' ? vendor.validations[check]?.id : about.validationId;
    return [{ type: 'ValidationReported', at: now, check, result, ...defined({ validationId: id }) }];
  },
});

export const transition = (at: number, make: (now: number) => Transition): Input => ({
  at,
  apply: (_vendor, now) => [make(now)],
});

/** A change at Verifik that causes no transition by itself. */
export const toVendor = (at: number, act: (vendor: ModelVendor) => void): Input => ({
  at,
  apply: (vendor) => {
    act(vendor);
    return [];
  },
});

/** An attempt at a check, with its result at Verifik. */
export const attempt = (at: number, check: CheckName, result: CheckResult): Input =>
  toVendor(at, (vendor) => void vendor.attempt(check, result));

/** An attempt with its report. */
export const attemptAndReport = (at: number, check: CheckName, result: CheckResult): readonly Input[] => [
  attempt(at, check, result),
  reported(at, check, result),
];

/** The registration gets a status at Verifik. */
export const becomes = (at: number, status: RegistrationStatus): Input =>
  toVendor(at, (vendor) => {
    vendor.status = status;
  });
