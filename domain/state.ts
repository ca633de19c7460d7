import type { EpochMs } from '../shared/time.js';
import type { CheckName, PerCheck } from './checks.js';
import { perCheck } from './checks.js';
import type { Contact } from './contact.js';
import type { Decision } from './outcomes.js';
import type { Policy } from './policy.js';
import type { CheckResult, RegistrationStanding } from './reading.js';

/** The applicant's token for the registration. A secret: whoever holds it is the applicant. It is never part of a snapshot. */
export interface RegistrationToken {
  readonly value: string;
  readonly expiresAt: EpochMs;
}

/** The registration at the vendor that the onboarding works with now. */
export interface Registration {
  readonly appRegistrationId: string;
  readonly standing: RegistrationStanding;
  /** The vendor's word for the standing, when it is not one we know. */
  readonly unknownWord?: string;
  /** Absent while the vendor gives none: it has run out, or the registration is over. */
  readonly token?: RegistrationToken;
  /** The last authoritative read since this registration was made or recreated. */
  readonly readAt?: EpochMs;
}

/** Why the vendor is to be asked for a registration. Each is answered by the same repeatable call. */
export type RegisterReason = 'start' | 'gone' | 'tokenLost' | 'requested';

/**
 * What reports claim about a check and no read has answered yet. A set, so that neither order nor repetition of reports matters.
 * Claims make the vendor be read sooner and are never taken for its word.
 */
export type Claim = {
  /** Counts up with the claims: a read answers those that were there when it was asked for. */
  readonly serial: number;
  readonly result: Exclude<CheckResult, 'pending'>;
  readonly validationId?: string;
  /** Set where the report came before there was a registration to compare it with. */
  readonly appRegistrationId?: string;
};

/** What reports claim about the registration as a whole and no read has answered yet. */
export interface StandingClaim {
  /** Counts up together with the claims about checks. */
  readonly serial: number;
  readonly standing: RegistrationStanding;
}

interface CheckHistory {
  readonly since: EpochMs;
  /** The distinct validations that the vendor said failed: each is one attempt. They outlive a re-registration. */
  readonly failedValidations: readonly string[];
  /** The vendor's validation that the status is about. */
  readonly validationId?: string;
  readonly claims: readonly Claim[];
}

/** Where a check stands by the vendor's word (or a reviewer's, where the vendor left it to people). */
export type Check =
  | { readonly status: 'notRequired' }
  | ({ readonly status: 'pending' | 'failed' | 'inReview' } & CheckHistory)
  | ({
      readonly status: 'passed' /** The reviewer who passed it; absent where the vendor did. */;
      readonly approvedBy?: string;
    } & CheckHistory);

export type RequiredCheck = Exclude<Check, { status: 'notRequired' }>;

export const isRequired = (check: Check): check is RequiredCheck => check.status !== 'notRequired';

/** Counts of what reporters sent, for people who wonder what became of a report. */
export interface ReportCounts {
  /** Reports that told something new. */
  readonly accepted: number;
  /** Reports that told what was known already. */
  readonly repeated: number;
  /** Reports about a registration or a validation from before a re-registration. */
  readonly stale: number;
  /** Reports about a registration that is not this onboarding's. */
  readonly foreign: number;
  /** Reports with a status word never seen before. */
  readonly unknownWords: number;
  /** Reports that could not be read at all. */
  readonly junk: number;
}

/** How far the onboarding has come. */
export type Progress =
  | {
      readonly phase: 'registering';
      readonly why: RegisterReason;
      /** The registration that the vendor should already have for the applicant. */
      readonly former?: Registration;
      /** The contact that the former registration was made with, where it has changed. */
      readonly formerContact?: Contact;
    }
  | { readonly phase: 'validating'; readonly registration: Registration }
  | { readonly phase: 'ended'; readonly decision: Decision; readonly registration?: Registration };

/** Why the onboarding will end at the next decision, where something other than the checks says so. */
export type Ending =
  | { readonly reason: 'withdrawn' }
  | { readonly reason: 'refusedByPolicy' }
  | { readonly reason: 'rejectedByReviewer'; readonly reviewer: string; readonly check?: CheckName };

/** Everything an onboarding remembers. Plain data: it travels through continue-as-new as it is. */
export interface State {
  readonly policy: Policy;
  readonly contact: Contact;
  readonly startedAt: EpochMs;
  readonly deadline: EpochMs;
  readonly progress: Progress;
  readonly checks: PerCheck<Check>;
  /** Counts registrations and tokens: a caller that holds a token with a lower generation holds an old one. */
  readonly generation: number;
  /** Registrations of this onboarding that are no longer the current one. */
  readonly formerRegistrationIds: readonly string[];
  /** Validations that a re-registration made void. */
  readonly voidedValidationIds: readonly string[];
  /**
   * Validations that reports alone spoke of when a re-registration came: reports of them count no more, while a read of them does,
   * as the vendor may have begun them after it had registered the applicant again. Absent until there is one.
   */
  readonly doubtedValidationIds?: readonly string[];
  /** The serial of the last claim, about a check or the registration. */
  readonly lastClaim: number;
  /** The claims that a read has answered: the same ones again cause no other read. */
  readonly answeredClaims: readonly string[];
  /** What reports claim about the registration as a whole. Absent until there is something. */
  readonly standingClaims?: readonly StandingClaim[];
  /**
   * The standings that were claimed and not found, since the standing last changed or the registration was last made: the same claim
   * again causes no other read. Absent until there is one.
   */
  readonly refutedStandings?: readonly RegistrationStanding[];
  readonly ending?: Ending;
  /** A reviewer let the registration as a whole pass. */
  readonly approvedBy?: string;
  /** A reviewer approved, and the vendor has not been read since: nothing ends well before it has. Absent otherwise. */
  readonly approvalUnread?: true;
  /** Somebody waits for a live token. */
  readonly tokenWanted: boolean;
  /** Something happened that only a read can settle: the vendor called the registration over, or a reviewer approved. */
  readonly readOwed: boolean;
  /** The last time that the vendor was read, or tried to be. */
  readonly readTriedAt?: EpochMs;
  /** The vendor's API generation has no resend-link: tokens can only be had by recreating. */
  readonly resendLinkAbsent: boolean;
  /** Finalising was tried since the last read. */
  readonly finaliseTried: boolean;
  /** How often in a row the vendor refused the token that was to finalise. */
  readonly tokenRefusals: number;
  readonly reminders: { readonly sent: number; readonly nextAt: EpochMs };
  readonly reconcile: {
    readonly intervalMs: number;
    readonly nextAt: EpochMs;
    /** A report asks for a read by then, which leaves the pace as it is. Absent where none does. */
    readonly hintedAt?: EpochMs;
  };
  /**
   * What a read shows sets the pace of the reconcile and puts off reminders, and reports do not. Absent until the first reconcile, before which it makes no
   * difference, and in onboardings from before.
   */
  readonly readsSetPace?: true;
  readonly reports: ReportCounts;
  /** The last few things that were wrong with reports, by field and expectation. */
  readonly recentProblems: readonly string[];
}

/** How an applicant is asked who has been through before. */
export interface AskedAgain {
  /** Validations from before: they count no more. */
  readonly formerValidationIds?: readonly string[];
  /** The first reminder is due at once: it is how the applicant hears of it. */
  readonly invite?: boolean;
}

/** How the state of a new onboarding looks, before its first event. */
export const initialState = (
  { policy, contact, appRegistrationId }: { policy: Policy; contact: Contact; appRegistrationId?: string | undefined },
  at: EpochMs,
  { formerValidationIds = [], invite = false }: AskedAgain = {},
): State => ({
  policy,
  contact,
  startedAt: at,
  deadline: at + policy.deadlineMs,
  progress: {
    phase: 'registering',
    why: 'start',
    ...(appRegistrationId === undefined ? {} : { former: { appRegistrationId, standing: 'unknown' } }),
  },
  checks: perCheck((check) =>
    policy.required.includes(check)
      ? { status: 'pending', since: at, failedValidations: [], claims: [] }
      : { status: 'notRequired' },
  ),
  generation: 0,
  formerRegistrationIds: [],
  voidedValidationIds: formerValidationIds,
  lastClaim: 0,
  answeredClaims: [],
  tokenWanted: false,
  readOwed: false,
  resendLinkAbsent: false,
  finaliseTried: false,
  tokenRefusals: 0,
  reminders: { sent: 0, nextAt: invite ? at : at + policy.reminders.afterMs },
  reconcile: { intervalMs: policy.reconcile.firstMs, nextAt: at + policy.reconcile.firstMs },
  reports: { accepted: 0, repeated: 0, stale: 0, foreign: 0, unknownWords: 0, junk: 0 },
  recentProblems: [],
});
