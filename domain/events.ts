import type { EpochMs } from '../shared/time.js';
import type { CheckName } from './checks.js';
import type { Contact } from './contact.js';
import type { Decision } from './outcomes.js';
import type { CheckResult, RegistrationReading, RegistrationStanding } from './reading.js';
import type { RegistrationToken } from './state.js';

/** What a report says about a check: a hint, whoever sent it. */
export interface Report {
  readonly check: CheckName;
  readonly result: CheckResult;
  readonly validationId?: string;
  readonly appRegistrationId?: string;
  /** The reporter's status word when it is not one we know; the result is then `pending`. */
  readonly unknownWord?: string;
}

/** What a report says about the registration as a whole: a hint as well. */
export interface StandingReport {
  readonly standing: RegistrationStanding;
  readonly appRegistrationId?: string;
  /** The reporter's status word when it is not one we know; the standing is then `unknown`. */
  readonly unknownWord?: string;
}

/** What a report that could not be read was to be about; `reports` where it did not say. */
export type JunkSubject = CheckName | 'registration' | 'reports';

/** Everything that can happen to an onboarding. Each event carries its moment. */
export type Event = { readonly at: EpochMs } & (
  | { readonly type: 'TokenRequested' }
  /** The vendor gave a registration: a new one, or the applicant's own recreated (same or other id). */
  | { readonly type: 'Registered'; readonly appRegistrationId: string; readonly token: RegistrationToken }
  /** The vendor gave a new token for a registration it already had. Everything done stays done, unless a recreation may have come between. */
  | {
      readonly type: 'RegistrationResumed';
      readonly appRegistrationId: string;
      readonly token: RegistrationToken;
      /** A recreation whose answer was lost may have deleted validations: what was read before no longer holds. */
      readonly recheck?: boolean;
    }
  /** The vendor has the registration and gives no token for it, because it is over. */
  | { readonly type: 'RegistrationOver'; readonly appRegistrationId: string }
  /** The vendor no longer knows the registration. */
  | { readonly type: 'RegistrationGone' }
  | { readonly type: 'TokenExpired' }
  | { readonly type: 'ResendLinkAbsent' }
  /** No token could be had; who waited for one has been told so. */
  | { readonly type: 'TokenUnavailable' }
  /** A caller asks for a re-registration, with a new contact where the applicant's has changed. */
  | { readonly type: 'ReRegistrationRequested'; readonly contact?: Contact }
  /** The vendor refused a re-registration that a caller had asked for: the onboarding goes on as before. */
  | { readonly type: 'ReRegistrationRefused' }
  | ({ readonly type: 'ValidationReported' } & Report)
  | ({ readonly type: 'RegistrationReported' } & StandingReport)
  | { readonly type: 'JunkReported'; readonly check: JunkSubject; readonly problem: string }
  /** `upToClaim` is the last claim that was there when the read was asked for: later ones it may not have seen. */
  | { readonly type: 'VendorRead'; readonly reading: RegistrationReading; readonly upToClaim: number }
  /** The vendor answered, and its answer could not be read. */
  | { readonly type: 'VendorUnreadable'; readonly problem: string; readonly upToClaim: number }
  /** From now on reports leave the reconcile its pace: a forged one costs one read, and no more. */
  | { readonly type: 'ReadsSetPace' }
  | { readonly type: 'Finalised'; readonly standing: RegistrationStanding }
  | { readonly type: 'ReminderSent'; readonly token?: RegistrationToken }
  | {
      readonly type: 'ReviewDecided';
      readonly decision: 'approve' | 'reject';
      readonly reviewer: string;
      readonly check?: CheckName;
    }
  | { readonly type: 'RefusedByPolicy' }
  | { readonly type: 'Withdrawn' }
  | { readonly type: 'Decided'; readonly decision: Decision }
);

export type EventOf<T extends Event['type']> = Extract<Event, { type: T }>;
