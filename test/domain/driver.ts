import type { CheckName } from '../../domain/checks.js';
import type { Contact } from '../../domain/contact.js';
import { decide, type NextStep } from '../../domain/decide.js';
import type { Event } from '../../domain/events.js';
import { evolve } from '../../domain/evolve.js';
import type { Decision } from '../../domain/outcomes.js';
import { DEFAULT_POLICY, type Policy } from '../../domain/policy.js';
import { initialState, type State } from '../../domain/state.js';
import type { ModelVendor } from './model-vendor.js';

export const CONTACT: Contact = { email: 'secret.person@example.com', phone: '3001234567', countryCode: '+57' };

export const policyWith = (change: Partial<Policy> = {}): Policy => ({
  ...DEFAULT_POLICY,
  required: ['email', 'phone', 'document', 'biometric'],
  ...change,
});

/** Something that happens from outside at a moment (ms from the start): to the vendor's truth, and as events. */
export interface Happening {
  readonly at: number;
  readonly happen: (vendor: ModelVendor, at: number, state: State) => readonly Event[];
}

/** One turn of the loop that the workflow runs. */
export interface Turn {
  readonly now: number;
  readonly before: State;
  readonly next: NextStep;
  readonly event?: Event;
  readonly after: State;
}

/** One event as it was entered. */
export interface Entry {
  readonly before: State;
  readonly event: Event;
  readonly after: State;
}

export interface Drive {
  readonly decision: Decision;
  readonly state: State;
  readonly turns: readonly Turn[];
  readonly entries: readonly Entry[];
}

/** More turns than any onboarding may need: who needs them goes round in circles. */
const MAX_TURNS = 5_000;

/** How long the vendor takes to answer, unless told otherwise. */
export const ANSWER_MS = 10;

export interface Conditions {
  /** Whether a step is left when something else is to be done first, as the workflow leaves it: its answer is lost. */
  readonly interrupts?: boolean;
  /** How long the vendor takes to answer. */
  readonly answerMs?: number;
}

/** Runs an onboarding against the model to its end, as the workflow would. */
export const drive = (
  vendor: ModelVendor,
  policy: Policy,
  happenings: readonly Happening[] = [],
  { interrupts = false, answerMs = ANSWER_MS }: Conditions = {},
): Drive => {
  const due = [...happenings].sort((a, b) => a.at - b.at);
  const turns: Turn[] = [];
  const entries: Entry[] = [];
  let state = initialState({ policy, contact: CONTACT }, 0);
  let now = 0;
  const enter = (event: Event): void => {
    const before = state;
    state = evolve(state, event);
    entries.push({ before, event, after: state });
  };
  const happenUntil = (moment: number): void => {
    for (let first = due[0]; first !== undefined && first.at <= moment; first = due[0]) {
      due.shift();
      for (const event of first.happen(vendor, moment, state)) enter(event);
    }
  };
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    happenUntil(now);
    const next = decide(state, now);
    const before = state;
    if (next.step === 'wait') {
      turns.push({ now, before, next, after: state });
      now = Math.min(next.until, due[0]?.at ?? next.until);
      continue;
    }
    if (next.step === 'readVendor' && next.why === 'reconcile' && !state.readsSetPace)
      enter({ type: 'ReadsSetPace', at: now });
    // An answer takes a moment, in which other things happen that it does not know of.
    now += answerMs;
    const event: Event = { ...vendor.answer(next, now, state.lastClaim), at: now };
    happenUntil(now);
    if (interrupts && (decide(state, now).step !== next.step || state.contact !== before.contact)) {
      turns.push({ now, before, next, after: state });
      continue;
    }
    enter(event);
    turns.push({ now, before, next, event, after: state });
    if (next.step === 'finish') return { decision: next.decision, state, turns, entries };
  }
  throw new Error(
    `no end after ${MAX_TURNS} turns; the last steps: ${turns
      .slice(-5)
      .map(({ next }) => next.step)
      .join(', ')}`,
  );
};

/** The applicant attempts a check, and the vendor finds the result. */
export const attempt = (
  at: number,
  check: CheckName,
  result: 'passed' | 'failed' | 'inReview' | 'pending',
): Happening => ({
  at,
  happen: (vendor) => {
    vendor.attempt(check, result);
    return [];
  },
});

/** Somebody reports what a check came to, truly or not. */
export const reported = (
  at: number,
  check: CheckName,
  result: 'passed' | 'failed' | 'inReview' | 'pending',
  about: 'current' | 'none' | { readonly validationId: string } = 'current',
): Happening => ({
  at,
  happen: (vendor, now) => {
    const id = about === 'none' ? undefined : about === 'current' ? vendor.validations[check]?.id : about.validationId;
    return [{ type: 'ValidationReported', at: now, check, result, ...(id === undefined ? {} : { validationId: id }) }];
  },
});

export const event = (at: number, make: (now: number) => Event): Happening => ({
  at,
  happen: (_vendor, now) => [make(now)],
});

/** Something that changes the vendor's truth alone. */
export const toVendor = (at: number, act: (vendor: ModelVendor) => void): Happening => ({
  at,
  happen: (vendor) => {
    act(vendor);
    return [];
  },
});
