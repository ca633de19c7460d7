import { CHECK_NAMES, type CheckName } from '../../domain/checks.js';
import type { NextStep } from '../../domain/decide.js';
import type { Event } from '../../domain/events.js';
import type { CheckReading, CheckResult, RegistrationReading, RegistrationStanding } from '../../domain/reading.js';
import type { RegisterReason, RegistrationToken } from '../../domain/state.js';
import { HOUR_MS, MINUTE_MS } from '../../shared/time.js';

export interface Behaviour {
  readonly reRegistration: 'recreate' | 'resume';
  readonly resendLink: boolean;
  /** Whether a recreated registration keeps its id; it does unless told otherwise. */
  readonly recreatedId?: 'same' | 'other';
}

type Undated = Event extends infer E ? (E extends Event ? Omit<E, 'at'> : never) : never;

const OVER: readonly RegistrationStanding[] = ['completed', 'completedWithoutKyc', 'failed'];

/** The vendor's truth about one applicant, as a model: pure, but for its own memory. */
export class ModelVendor {
  standing: RegistrationStanding = 'inProgress';
  validations: { [K in CheckName]?: { id: string; result: CheckResult; unknownWord?: string } } = {};
  faceMismatch = false;
  /** While true, every read answers something that makes no sense. */
  broken = false;
  /** While true, every read answers with somebody else's registration. */
  mixesUp = false;
  /** While true, the answers to creating are lost, though it takes effect: the repeated try looks before it creates. */
  losesAnswers = false;
  /** While true, the applicant is refused by the project's policy. */
  refusesApplicant = false;
  /** While true, tokens are dead on arrival. */
  givesDeadTokens = false;
  registrations = 0;
  tokens = 0;
  readonly behaviour: Behaviour;
  readonly required: readonly CheckName[];
  #id: string | undefined;
  #serial = 0;

  constructor(behaviour: Behaviour, required: readonly CheckName[] = CHECK_NAMES) {
    this.behaviour = behaviour;
    this.required = required;
  }

  get appRegistrationId(): string | undefined {
    return this.#id;
  }

  /** The applicant attempts a check. Answers with the new validation's id. */
  attempt(check: CheckName, result: CheckResult, unknownWord?: string): string | undefined {
    if (this.#id === undefined) return undefined;
    this.#serial += 1;
    const id = `${check}-${this.#serial}`;
    this.validations[check] = { id, result, ...(unknownWord === undefined ? {} : { unknownWord }) };
    return id;
  }

  forget(): void {
    this.#id = undefined;
    this.validations = {};
    this.standing = 'inProgress';
  }

  #token(now: number, lifetimeMs: number): RegistrationToken {
    this.tokens += 1;
    return { value: `secret-token-${this.tokens}`, expiresAt: this.givesDeadTokens ? now : now + lifetimeMs };
  }

  #register(now: number, why: RegisterReason): Undated {
    if (this.refusesApplicant) return { type: why === 'requested' ? 'ReRegistrationRefused' : 'RefusedByPolicy' };
    if (!this.losesAnswers) return this.#create(now);
    const lost = this.#create(now);
    if (lost.type !== 'Registered' || !this.behaviour.resendLink) return this.#create(now);
    const { appRegistrationId, token } = lost;
    return { type: 'RegistrationResumed', appRegistrationId, token, recheck: true };
  }

  #create(now: number): Undated {
    if (
      this.#id === undefined ||
      (this.behaviour.reRegistration === 'recreate' && this.behaviour.recreatedId === 'other')
    ) {
      this.registrations += 1;
      this.#id = `registration-${this.registrations}`;
    } else if (this.behaviour.reRegistration === 'resume') {
      const appRegistrationId = this.#id;
      return OVER.includes(this.standing)
        ? { type: 'RegistrationOver', appRegistrationId }
        : { type: 'RegistrationResumed', appRegistrationId, token: this.#token(now, MINUTE_MS * 30) };
    }
    delete this.validations.email;
    delete this.validations.phone;
    this.standing = 'inProgress';
    return { type: 'Registered', appRegistrationId: this.#id, token: this.#token(now, HOUR_MS * 2) };
  }

  #resend(now: number, appRegistrationId: string): Undated {
    if (this.broken) return { type: 'TokenUnavailable' };
    if (!this.behaviour.resendLink) return { type: 'ResendLinkAbsent' };
    if (this.#id !== appRegistrationId) return { type: 'RegistrationGone' };
    if (OVER.includes(this.standing)) return { type: 'RegistrationOver', appRegistrationId };
    return { type: 'RegistrationResumed', appRegistrationId, token: this.#token(now, MINUTE_MS * 30) };
  }

  #reading(): RegistrationReading | undefined {
    if (this.#id === undefined) return undefined;
    const checks: { [K in CheckName]?: CheckReading } = {};
    for (const check of CHECK_NAMES) {
      const validation = this.validations[check];
      if (validation === undefined) continue;
      const { id, ...found } = validation;
      checks[check] = { ...found, validationId: id };
    }
    return { appRegistrationId: this.#id, standing: this.standing, checks, faceMismatch: this.faceMismatch };
  }

  #read(appRegistrationId: string, upToClaim: number): Undated {
    if (this.broken) return { type: 'VendorUnreadable', problem: 'data.status (expected string)', upToClaim };
    const reading = this.#reading();
    if (this.mixesUp && reading !== undefined)
      return { type: 'VendorRead', reading: { ...reading, appRegistrationId: 'foreign' }, upToClaim };
    return reading?.appRegistrationId === appRegistrationId
      ? { type: 'VendorRead', reading, upToClaim }
      : { type: 'RegistrationGone' };
  }

  #finalise(appRegistrationId: string, as: 'completed' | 'completedWithoutKyc'): Undated {
    if (this.#id !== appRegistrationId) return { type: 'RegistrationGone' };
    if (this.givesDeadTokens) return { type: 'TokenExpired' };
    const blocked = this.required.some((check) => this.validations[check]?.result !== 'passed');
    if (!OVER.includes(this.standing)) this.standing = blocked ? 'needsReview' : as;
    return { type: 'Finalised', standing: this.standing };
  }

  /** What the vendor answers to a step, as the event that follows from it. */
  answer(step: NextStep, now: number, upToClaim: number): Undated {
    switch (step.step) {
      case 'register':
        return this.#register(now, step.why);
      case 'renewToken':
        return this.#resend(now, step.appRegistrationId);
      case 'remind': {
        const event = this.#resend(now, step.appRegistrationId);
        if (event.type === 'TokenUnavailable') return { type: 'ReminderSent' };
        return event.type === 'RegistrationResumed' ? { type: 'ReminderSent', token: event.token } : event;
      }
      case 'readVendor':
        return this.#read(step.appRegistrationId, upToClaim);
      case 'finalise':
        return this.#finalise(step.appRegistrationId, step.as);
      case 'finish':
        return { type: 'Decided', decision: step.decision };
      case 'wait':
        throw new Error('nobody answers a wait');
    }
  }
}
