import type { EpochMs } from '../shared/time.js';
import type { CheckName } from './checks.js';
import type { Contact } from './contact.js';
import type { Decision } from './outcomes.js';
import type { ResolvedPolicy } from './policy/policy.js';
import type { FlowRules } from './project-flow.js';
import type { RepeatableCheck } from './review/records.js';
import type { RegistrationToken } from './state.js';
import type { CheckResult, RegistrationStatus, VendorRegistration } from './vendor-registration.js';

/** A report about a check. A hint, regardless of its sender. */
export interface Report {
  readonly check: CheckName;
  readonly result: CheckResult;
  readonly validationId?: string;
  readonly appRegistrationId?: string;
  /** The reporter's status word, if it is unknown. The result is then `pending`. */
  readonly unknownWord?: string;
}

/** A report about the registration as a whole. A hint as well. */
export interface RegistrationReport {
  readonly status: RegistrationStatus;
  readonly appRegistrationId?: string;
  /** The reporter's status word, if it is unknown. The status is then `unknown`. */
  readonly unknownWord?: string;
}

/** The subject of a report that could not be decoded; `reports` if it is unknown. */
export type UndecodableSubject = CheckName | 'registration' | 'reports';

/** The part of the first answer that determines the policy. Absent later. */
interface AtStart {
  /** Absent if Verifik does not show it. */
  readonly flow?: FlowRules;
  /** Set if the request names a policy. */
  readonly namedPolicy?: ResolvedPolicy;
}

/** A change of an onboarding's state, with its time. */
export type Transition = { readonly at: EpochMs } & (
  | { readonly type: 'TokenRequested' }
  /** Verifik created a registration, or recreated the applicant's own (with the same id or another). */
  | ({
      readonly type: 'Registered';
      readonly appRegistrationId: string;
      readonly token: RegistrationToken;
    } & AtStart)
  /** Verifik issued a new token for an existing registration. All results remain, except after a lost recreation. */
  | ({
      readonly type: 'RegistrationResumed';
      readonly appRegistrationId: string;
      readonly token: RegistrationToken;
      /** True if a recreation whose response was lost can have deleted validations: earlier reads no longer count. */
      readonly recheck?: boolean;
    } & AtStart)
  /** Verifik issues no token because the registration is closed. */
  | ({ readonly type: 'RegistrationClosed'; readonly appRegistrationId: string } & AtStart)
  | { readonly type: 'RegistrationNotFound' }
  | { readonly type: 'TokenExpired' }
  | { readonly type: 'ResendLinkAbsent' }
  | { readonly type: 'TokenUnavailable' }
  | { readonly type: 'ReRegistrationRequested'; readonly contact?: Contact }
  | { readonly type: 'ReRegistrationRefused' }
  | ({ readonly type: 'ValidationReported' } & Report)
  | ({ readonly type: 'RegistrationReported' } & RegistrationReport)
  | { readonly type: 'UndecodableReported'; readonly check: UndecodableSubject; readonly problem: string }
  /** `upToSerial` is the last report before the read began: the read may not cover later ones. */
  | { readonly type: 'VendorRead'; readonly vendorRegistration: VendorRegistration; readonly upToSerial: number }
  /** Verifik could not be read, or its response could not be decoded. */
  | { readonly type: 'VendorUnreadable'; readonly problem: string; readonly upToSerial: number }
  | { readonly type: 'Finalised'; readonly status: RegistrationStatus }
  /** Verifik rejected the call that completes the registration, or could not be reached. */
  | { readonly type: 'FinaliseRejected'; readonly problem: string }
  /** A reminder was due. `sent` is true if Verifik sent the applicant a link. */
  | { readonly type: 'ReminderTried'; readonly sent: boolean; readonly token?: RegistrationToken }
  | {
      readonly type: 'ReviewDecided';
      readonly decision: 'approve' | 'reject';
      readonly reviewer: string;
      readonly check?: CheckName;
      readonly note?: string;
    }
  /** A reviewer wants the applicant to do checks again. `reason` is for the applicant. */
  | {
      readonly type: 'ChecksRequestedAgain';
      readonly checks: readonly RepeatableCheck[];
      readonly reviewer: string;
      readonly reason: string;
      readonly note?: string;
    }
  | { readonly type: 'ReviewClaimed'; readonly reviewer: string; readonly until: EpochMs }
  | { readonly type: 'ReviewReleased' }
  /** The time of the review's escalation or of the end of a claim has come. */
  | { readonly type: 'ReviewTimePassed' }
  /** Verifik deleted a voided validation, or does not. */
  | { readonly type: 'ValidationDeleted'; readonly id: string; readonly problem?: string }
  | { readonly type: 'RefusedByPolicy' }
  | { readonly type: 'Withdrawn' }
  /** Verifik did not take over the outcome, which does not change. */
  | { readonly type: 'OverrideRefused'; readonly problem: string }
  | { readonly type: 'Decided'; readonly decision: Decision }
);

/** A transition without its time: it gets the time at which it is applied. */
export type Undated<T extends Transition = Transition> = T extends Transition ? Omit<T, 'at'> : never;

export type TransitionOf<T extends Transition['type']> = Extract<Transition, { type: T }>;
