import type { EpochMs } from '../shared/time.js';
import type { CheckReason } from './check-reasons.js';
import { CHECK_NAMES, type CheckName, type PerCheck, perCheck } from './checks.js';
import type { Contact } from './contact.js';
import type { EvidenceRecord } from './evidence/parts.js';
import type { Decision } from './outcomes.js';
import { type NamedPolicy, type OpenPolicy, type Policy, TOKEN_MARGIN_MS } from './policy/policy.js';
import type { OpenReview, ReviewRecord, VoidedValidation } from './review/records.js';
import type { CheckResult, RegistrationStatus, VendorContact } from './vendor-registration.js';

/** The applicant's token for the registration. A secret that authenticates the applicant. Never part of a snapshot. */
export interface RegistrationToken {
  readonly token: string;
  /** The URL of Verifik's hosted page, which contains the token and is as secret. Absent if Verifik gave none. */
  readonly link?: string;
  readonly expiresAt: EpochMs;
}

export interface Registration {
  readonly appRegistrationId: string;
  readonly status: RegistrationStatus;
  readonly unknownWord?: string;
  readonly token?: RegistrationToken;
  /** The time of the last read since the registration was made or recreated. */
  readonly readAt?: EpochMs;
}

export type RegisterReason = 'start' | 'notFound' | 'tokenLost' | 'requested';

/** A report about a check. It causes an earlier read and never counts as Verifik's answer. */
export interface UnconfirmedCheckReport {
  /** Increases with every report. A read confirms the reports that existed when it began. */
  readonly serial: number;
  readonly at: EpochMs;
  readonly about: CheckName;
  readonly result: Exclude<CheckResult, 'pending'>;
  readonly validationId?: string;
  /** Set if the report arrived before there was a registration to compare it with. */
  readonly appRegistrationId?: string;
}

/** A report that no read has confirmed: about a check, or about the registration as a whole. */
export type UnconfirmedReport =
  | UnconfirmedCheckReport
  | { readonly serial: number; readonly about: 'registration'; readonly status: RegistrationStatus };

interface CheckHistory {
  readonly since: EpochMs;
  /** The distinct validations that failed at Verifik. Each counts as one attempt, also after a re-registration. */
  readonly failedValidations: readonly string[];
  /** Validations that only reports say have failed. They put a check under review, and never reject the applicant. */
  readonly reportedFailures: readonly string[];
  /** The validation that the status is about. */
  readonly validationId?: string;
  /** Why the last attempt failed, or why the check waits or waited for a reviewer. */
  readonly reason?: CheckReason;
  /** Set while the applicant has to repeat the check: the reason of the reviewer who requested it again. */
  readonly requestedAgain?: string;
  /** When the document expires. Known only if the policy limits the validity of the outcome. */
  readonly expiresAt?: EpochMs;
}

/** The status of a check according to Verifik, or to a reviewer if Verifik left the decision to people. */
export type Check =
  | { readonly status: 'notRequired' }
  | ({ readonly status: 'pending' | 'failed' | 'inReview' } & CheckHistory)
  | ({
      readonly status: 'passed';
      /** The reviewer who approved the check. Absent if Verifik passed it. */
      readonly approvedBy?: string;
    } & CheckHistory);

export type RequiredCheck = Exclude<Check, { status: 'notRequired' }>;

/** A required check before the first attempt. */
export const pendingCheck = (since: EpochMs): RequiredCheck => ({
  status: 'pending',
  since,
  failedValidations: [],
  reportedFailures: [],
});

export const isRequired = (check: Check): check is RequiredCheck => check.status !== 'notRequired';

export interface ReportCounts {
  readonly accepted: number;
  readonly repeated: number;
  /** Reports about a registration or a validation from before a re-registration. */
  readonly stale: number;
  /** Reports about a registration that is not this onboarding's. */
  readonly foreign: number;
  readonly unknownWords: number;
  readonly undecodable: number;
}

export const NO_REPORTS: ReportCounts = {
  accepted: 0,
  repeated: 0,
  stale: 0,
  foreign: 0,
  unknownWords: 0,
  undecodable: 0,
};

export type Progress =
  | {
      readonly phase: 'registering';
      readonly why: RegisterReason;
      readonly former?: Registration;
      readonly formerContact?: Contact;
    }
  | { readonly phase: 'validating'; readonly registration: Registration }
  | { readonly phase: 'ended'; readonly decision: Decision; readonly registration?: Registration };

/** An outcome that something other than the checks determines at the next decision. */
export type Ending =
  | { readonly reason: 'withdrawn' }
  | { readonly reason: 'refusedByPolicy' }
  | { readonly reason: 'rejectedByReviewer'; readonly reviewer: string; readonly check?: CheckName };

/** The state of an onboarding. Plain data, carried through continue-as-new. */
export interface State {
  readonly policy: Policy;
  /** The parts of the policy that the project flow decides. Set until the first registration is made. */
  readonly openPolicy?: OpenPolicy;
  /** Set from the first registration on, if the request names a policy. */
  readonly namedPolicy?: NamedPolicy;
  /** The version of the project flow when the onboarding started, if Verifik names one. */
  readonly flowVersion?: number;
  readonly contact: Contact;
  readonly startedAt: EpochMs;
  readonly deadline: EpochMs;
  readonly progress: Progress;
  readonly checks: PerCheck<Check>;
  /** Counts registrations and tokens. A caller with a lower generation has an old token. */
  readonly generation: number;
  readonly formerRegistrationIds: readonly string[];
  readonly voidedValidationIds: readonly string[];
  /**
   * Validations known only from reports when the applicant was registered again. Later reports of them are stale. A
   * read of them counts, because they can belong to the new registration.
   */
  readonly doubtedValidationIds?: readonly string[];
  readonly lastReportSerial: number;
  readonly unconfirmedReports: readonly UnconfirmedReport[];
  /**
   * The keys of reports that a read has confirmed or refuted. The same report causes no immediate read. Those of
   * refuted statuses are forgotten when the registration's status changes or it is made again.
   */
  readonly answeredReports: readonly string[];
  readonly ending?: Ending;
  /** Set while reviewers have to decide. In an ended onboarding: the review that was open at the end. */
  readonly review?: OpenReview;
  /** The reviewers' decisions, oldest first. */
  readonly reviews?: readonly ReviewRecord[];
  /** Set once a reviewer requested checks again. */
  readonly repeatRequested?: true;
  /** Voided validations that are still at Verifik. */
  readonly toDeleteAtVendor?: readonly VoidedValidation[];
  /** The reviewer who approved the registration as a whole. */
  readonly approvedBy?: string;
  /** The reviewer, or the system, that gave the approval which the policy requires. */
  readonly requiredApprovalBy?: string;
  /**
   * The serial of a reviewer's approval until a read that was requested after it. No onboarding is `verified` before
   * that read.
   */
  readonly approvalUnread?: number;
  /** Set while the selfie is done and Verifik has not compared it: since when, once the document is done as well. */
  readonly comparisonAwaited?: { readonly since?: EpochMs };
  /** A contact that the applicant set on Verifik's page, and that a reviewer has to accept. */
  readonly changedContact?: VendorContact;
  /**
   * Set after Verifik rejected the closing call, or a read before it failed, until another read succeeds. No onboarding
   * is `verified` before that read.
   */
  readonly closingHeld?: true;
  readonly tokenWanted: boolean;
  /** True if a read must precede the next decision, such as after a closed registration or an approval. */
  readonly readRequired: boolean;
  readonly readTriedAt?: EpochMs;
  /** True if Verifik's API generation has no resend-link, so that only recreating the registration yields a token. */
  readonly resendLinkAbsent: boolean;
  readonly finaliseTried: boolean;
  /** How many tokens in a row Verifik rejected when the registration was to be completed. */
  readonly tokenRefusals: number;
  /**
   * `unsent` counts the reminders that were due and that Verifik did not send. Both count towards the maximum, which
   * `extra` extends by one for each request to repeat checks. `linkOwed` is set from such a request until its link was
   * sent: nothing that a read shows postpones it.
   */
  readonly reminders: {
    readonly sent: number;
    readonly unsent: number;
    readonly nextAt: EpochMs;
    readonly extra?: number;
    readonly linkOwed?: true;
  };
  readonly reconcile: {
    readonly intervalMs: number;
    readonly nextAt: EpochMs;
    /** The time of a read that a report requested. It does not change the interval. */
    readonly requestedReadAt?: EpochMs;
  };
  readonly reports: ReportCounts;
  /** The latest problems with reports: the field and the expected value. */
  readonly recentProblems: readonly string[];
  /** The attempts, scores and generations so far, for the evidence. */
  readonly record?: EvidenceRecord;
}

/** Options of an onboarding that a batch started to verify an applicant again. */
export interface ReverifyOptions {
  /** Validations from before the batch. They do not count. */
  readonly formerValidationIds?: readonly string[];
  /** Makes the first reminder due at once, as the invitation. */
  readonly invite?: boolean;
}

/** The part of a request that determines the first state. Without `openPolicy`, the project flow decides nothing. */
interface Beginning {
  readonly policy: Policy;
  readonly openPolicy?: OpenPolicy;
  readonly contact: Contact;
  readonly appRegistrationId?: string | undefined;
}

export const initialState = (
  { policy, openPolicy, contact, appRegistrationId }: Beginning,
  at: EpochMs,
  { formerValidationIds = [], invite = false }: ReverifyOptions = {},
): State => ({
  policy,
  ...(openPolicy === undefined ? {} : { openPolicy }),
  contact,
  startedAt: at,
  deadline: at + policy.deadlineMs,
  progress: {
    phase: 'registering',
    why: 'start',
    ...(appRegistrationId === undefined ? {} : { former: { appRegistrationId, status: 'unknown' } }),
  },
  checks: perCheck((check) => (policy.required.includes(check) ? pendingCheck(at) : { status: 'notRequired' })),
  generation: 0,
  formerRegistrationIds: [],
  voidedValidationIds: formerValidationIds,
  lastReportSerial: 0,
  unconfirmedReports: [],
  answeredReports: [],
  tokenWanted: false,
  readRequired: false,
  resendLinkAbsent: false,
  finaliseTried: false,
  tokenRefusals: 0,
  reminders: { sent: 0, unsent: 0, nextAt: invite ? at : at + policy.reminders.afterMs },
  reconcile: { intervalMs: policy.reconcile.firstMs, nextAt: at + policy.reconcile.firstMs },
  reports: NO_REPORTS,
  recentProblems: [],
});

/** True if the token is valid for longer than the margin. */
export const isLive = (
  token: RegistrationToken | undefined,
  now: EpochMs,
  marginMs: number = TOKEN_MARGIN_MS,
): token is RegistrationToken => token !== undefined && token.expiresAt - marginMs > now;

export const liveToken = ({ progress }: State, now: EpochMs): RegistrationToken | undefined =>
  progress.phase === 'validating' && isLive(progress.registration.token, now) ? progress.registration.token : undefined;

export const allPassed = (state: State): boolean =>
  CHECK_NAMES.every((name) => !isRequired(state.checks[name]) || state.checks[name].status === 'passed');

/** True if the current registration, or the result of a reviewer's approval, has not been read yet. */
const unread = ({ progress, approvalUnread }: State): boolean =>
  progress.phase === 'validating' && (approvalUnread !== undefined || progress.registration.readAt === undefined);

/** True if every required check has passed and a read has confirmed it. Only completing the registration remains. */
export const allChecksConfirmed = (state: State): boolean => allPassed(state) && !unread(state);
