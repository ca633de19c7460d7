import type { RegistrationRecord, RegistrationStatus } from '../../sandbox/index.js';
import type { Applicant } from '../personas.js';

/** The outcome of an onboarding according to the API. */
export interface ReportedOutcome {
  readonly outcome: string;
  readonly reason: string;
  readonly appRegistrationId?: string;
}

/** A callback that the service received, or the message id of one with an invalid signature or body. */
export type ReceivedCallback =
  | { readonly refused: string }
  | {
      readonly messageId: string;
      readonly event: {
        readonly type: string;
        readonly data: {
          readonly id: string;
          readonly sequence: number;
          readonly check?: string;
          readonly evidence?: string;
          readonly decision?: { readonly outcome: string; readonly reason: string } | string;
        };
      };
    };

/** The result of a search for forbidden values in one file. */
export interface SearchResult {
  readonly where: string;
  readonly file: string;
  readonly bytes: number;
  /** False if the file lacks a text that it must contain, so that the search proves nothing. */
  readonly seesMarker: boolean;
  /** The descriptions of the forbidden values in the file. */
  readonly found: readonly string[];
}

/** The result of replaying one workflow run. */
export interface ReplayResult {
  readonly workflowId: string;
  readonly events: number;
  /** The SDK's message if the history does not replay. */
  readonly mismatch?: string;
}

/** The evidence of an onboarding from the API, with the results of verifying its signature. */
export interface CheckedEvidence {
  readonly signed: string;
  readonly document: unknown;
  /** Why its signature is refused, if it is. */
  readonly refused?: string;
  /** True if it is accepted with a changed byte, too. */
  readonly acceptsChange: boolean;
}

/**
 * The input of the invariants. Only the API's outcomes and evidence and the callbacks come from the code under test.
 */
export interface Observations {
  readonly applicants: readonly Applicant[];
  /** The error that kept an applicant from finishing, by reference. */
  readonly blocked: ReadonlyMap<string, string>;
  readonly vendor: {
    readonly registrations: readonly RegistrationStatus[];
    readonly records: readonly RegistrationRecord[];
    /** The number of created registrations by email address. */
    readonly createdByContact: Readonly<Record<string, number>>;
    /** The number of recreations that discarded a passed email or phone check, by registration id. */
    readonly discardedByRegistration: Readonly<Record<string, number>>;
  };
  /** The final outcomes by reference. An onboarding without an outcome is missing. */
  readonly outcomes: ReadonlyMap<string, ReportedOutcome>;
  /** By reference. */
  readonly evidence: ReadonlyMap<string, CheckedEvidence>;
  /** In the order of receipt. */
  readonly callbacks: readonly ReceivedCallback[];
  readonly searched: readonly SearchResult[];
  /** The runs of all workflow types. */
  readonly replayed: readonly ReplayResult[];
  /** The workflow ids of the onboardings by reference. */
  readonly workflowIds: ReadonlyMap<string, string>;
  /** False if the dump of Temporal's database lacks a text that it must contain. */
  readonly databaseIsRead: boolean;
}
