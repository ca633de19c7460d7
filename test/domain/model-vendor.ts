import { CHECK_NAMES, type CheckName } from '../../domain/checks.js';
import type { NextStep } from '../../domain/decide.js';
import type { RegisterReason, RegistrationToken } from '../../domain/state.js';
import type { Transition } from '../../domain/transitions.js';
import type {
  CheckResult,
  RegistrationStatus,
  VendorCheck,
  VendorContact,
  VendorRegistration,
} from '../../domain/vendor-registration.js';
import { defined } from '../../shared/defined.js';
import { HOUR_MS, MINUTE_MS } from '../../shared/time.js';

export interface Behaviour {
  readonly reRegistration: 'recreate' | 'resume';
  readonly resendLink: boolean;
  /** Default: `same`. */
  readonly recreatedId?: 'same' | 'other';
}

const RECREATES: Behaviour = { reRegistration: 'recreate', resendLink: true };

type Undated = Transition extends infer E ? (E extends Transition ? Omit<E, 'at'> : never) : never;

const CLOSED: readonly RegistrationStatus[] = ['completed', 'completedWithoutKyc', 'failed'];

/** A deterministic model of Verifik with one applicant. */
export class ModelVendor {
  status: RegistrationStatus = 'inProgress';
  validations: { [K in CheckName]?: { id: string; result: CheckResult; unknownWord?: string } } = {};
  faceMismatch = false;
  /** While true, the comparison of the faces has not run. */
  withoutComparison = false;
  /** True if reads list the failed documents and selfies. */
  listsFailures = true;
  failures: { [K in CheckName]?: readonly string[] } = {};
  contact: VendorContact | undefined;
  /** While true, the call that completes the registration is rejected. */
  rejectsFinalise = false;
  /** While true, no response can be decoded. */
  broken = false;
  /** While true, every read returns another registration. */
  returnsOthers = false;
  /**
   * While true, responses to creations are lost after they take effect, and the retry checks for the registration
   * first.
   */
  losesAnswers = false;
  /** While true, the project's policy rejects the applicant. */
  refusesApplicant = false;
  /** While true, tokens have expired on arrival. */
  issuesExpiredTokens = false;
  registrations = 0;
  tokens = 0;
  readonly behaviour: Behaviour;
  readonly required: readonly CheckName[];
  #id: string | undefined;
  #serial = 0;

  constructor(behaviour: Behaviour = RECREATES, required: readonly CheckName[] = CHECK_NAMES) {
    this.behaviour = behaviour;
    this.required = required;
  }

  get appRegistrationId(): string | undefined {
    return this.#id;
  }

  /** Records an attempt and returns its validation id. */
  attempt(check: CheckName, result: CheckResult, unknownWord?: string): string | undefined {
    if (this.#id === undefined) return undefined;
    this.#serial += 1;
    const id = `${check}-${this.#serial}`;
    this.validations[check] = { id, result, ...defined({ unknownWord }) };
    if (result === 'failed') this.failures[check] = [...(this.failures[check] ?? []), id];
    return id;
  }

  forget(): void {
    this.#id = undefined;
    this.validations = {};
    this.failures = {};
    this.status = 'inProgress';
  }

  #token(now: number, lifetimeMs: number): RegistrationToken {
    this.tokens += 1;
    return { token: `secret-token-${this.tokens}`, expiresAt: this.issuesExpiredTokens ? now : now + lifetimeMs };
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
      return CLOSED.includes(this.status)
        ? { type: 'RegistrationClosed', appRegistrationId }
        : { type: 'RegistrationResumed', appRegistrationId, token: this.#token(now, MINUTE_MS * 30) };
    }
    delete this.validations.email;
    delete this.validations.phone;
    this.status = 'inProgress';
    return { type: 'Registered', appRegistrationId: this.#id, token: this.#token(now, HOUR_MS * 2) };
  }

  #resend(now: number, appRegistrationId: string): Undated {
    if (this.broken) return { type: 'TokenUnavailable' };
    if (!this.behaviour.resendLink) return { type: 'ResendLinkAbsent' };
    if (this.#id !== appRegistrationId) return { type: 'RegistrationNotFound' };
    if (CLOSED.includes(this.status)) return { type: 'RegistrationClosed', appRegistrationId };
    return { type: 'RegistrationResumed', appRegistrationId, token: this.#token(now, MINUTE_MS * 30) };
  }

  #vendorRegistration(): VendorRegistration | undefined {
    if (this.#id === undefined) return undefined;
    const checks: { [K in CheckName]?: VendorCheck } = {};
    for (const check of CHECK_NAMES) {
      const validation = this.validations[check];
      if (validation === undefined) continue;
      const { id, ...found } = validation;
      checks[check] = { ...found, validationId: id, ...this.#attemptsOf(check) };
    }
    return {
      appRegistrationId: this.#id,
      status: this.status,
      checks,
      ...defined({ comparison: this.#comparison, contact: this.contact }),
    };
  }

  #attemptsOf(check: CheckName): Pick<VendorCheck, 'failedAttempts' | 'failuresListed'> {
    const all = this.failures[check] ?? [];
    if (this.listsFailures && (check === 'document' || check === 'biometric'))
      return { failedAttempts: all, failuresListed: true };
    const current = this.validations[check]?.id;
    return { failedAttempts: all.filter((id) => id === current) };
  }

  /** Verifik compares the faces once there are a document and a selfie. */
  get #comparison(): 'match' | 'mismatch' | undefined {
    const { document, biometric } = this.validations;
    if (this.withoutComparison || biometric?.result !== 'passed') return undefined;
    if (document?.result !== 'passed' && document?.result !== 'inReview') return undefined;
    return this.faceMismatch ? 'mismatch' : 'match';
  }

  #read(appRegistrationId: string, upToSerial: number): Undated {
    if (this.broken) return { type: 'VendorUnreadable', problem: 'data.status (expected string)', upToSerial };
    const vendorRegistration = this.#vendorRegistration();
    if (this.returnsOthers && vendorRegistration !== undefined)
      return {
        type: 'VendorRead',
        vendorRegistration: { ...vendorRegistration, appRegistrationId: 'foreign' },
        upToSerial,
      };
    return vendorRegistration?.appRegistrationId === appRegistrationId
      ? { type: 'VendorRead', vendorRegistration, upToSerial }
      : { type: 'RegistrationNotFound' };
  }

  #finalise(appRegistrationId: string, as: 'completed' | 'completedWithoutKyc'): Undated {
    if (this.#id !== appRegistrationId) return { type: 'RegistrationNotFound' };
    if (this.issuesExpiredTokens) return { type: 'TokenExpired' };
    if (this.rejectsFinalise) return { type: 'FinaliseRejected', problem: 'the registration is not complete' };
    const blocked = this.required.some((check) => this.validations[check]?.result !== 'passed');
    if (!CLOSED.includes(this.status)) this.status = blocked ? 'needsReview' : as;
    return { type: 'Finalised', status: this.status };
  }

  /** Returns the transition that follows from the answer to a step. */
  answer(step: NextStep, now: number, upToSerial: number): Undated {
    switch (step.step) {
      case 'register':
        return this.#register(now, step.why);
      case 'renewToken':
        return this.#resend(now, step.appRegistrationId);
      case 'remind': {
        const transition = this.#resend(now, step.appRegistrationId);
        if (transition.type === 'TokenUnavailable') return { type: 'ReminderTried', sent: false };
        return transition.type === 'RegistrationResumed'
          ? { type: 'ReminderTried', sent: true, token: transition.token }
          : transition;
      }
      case 'readVendor':
        return this.#read(step.appRegistrationId, upToSerial);
      case 'finalise':
        return this.#finalise(step.appRegistrationId, step.as);
      case 'deleteValidation': {
        if (this.validations[step.kind]?.id === step.id) delete this.validations[step.kind];
        return { type: 'ValidationDeleted', id: step.id };
      }
      case 'advanceReview':
        return { type: 'ReviewTimePassed' };
      case 'finish':
        return { type: 'Decided', decision: step.decision };
      case 'wait':
        throw new Error('a wait has no answer');
    }
  }
}
