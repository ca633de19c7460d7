import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { ProjectFlow } from '../domain/project-flow.js';
import type { VendorRecord } from '../domain/vendor-erasure.js';
import type { VendorRegistration } from '../domain/vendor-registration.js';
import type { Endpoint, VerifikError } from './errors.js';
import type { AppRegistrationListItem, AppRegistrationPage } from './list-answer.js';
import type { CreatedRegistration, ResentLink, StatusAnswer } from './registration-answers.js';

export interface CallOptions {
  /** Cancels the call, which then fails with `Cancelled`. */
  readonly signal?: AbortSignal;
  /** Sent as `X-Request-Id`: up to 256 printable ASCII characters. Default: a random UUID. */
  readonly requestId?: string;
}

/** The result of one request, for metrics. Contains no ids and no values. */
export interface VerifikCall {
  readonly endpoint: Endpoint;
  readonly outcome: 'ok' | VerifikError['type'];
  readonly status?: number;
  readonly durationMs: number;
}

export type Call<A> = TaskEither<VerifikError, A>;

export interface CreateRequest {
  readonly project: string;
  readonly projectFlow: string;
  readonly email?: string;
  readonly phone?: string;
  readonly countryCode?: string;
  readonly fullName: string;
  readonly language?: string;
}

export interface ListRequest {
  /** From 1. */
  readonly page: number;
  /** 1 to 100. */
  readonly limit: number;
  readonly project?: string;
  readonly projectFlow?: string;
  /** Verifik's status words. */
  readonly statuses?: readonly string[];
  /** Includes each registration's validations and their results. Responses are much larger. */
  readonly populated?: boolean;
  /**
   * Returns the registrations whose email or phone contains one of these. Undocumented: Verifik may refuse or ignore
   * it.
   */
  readonly like?: { readonly email?: string; readonly phone?: string };
}

/** Verifik decides the status of the registration. */
export interface SyncRequest {
  readonly token: string;
  readonly step: 'skipKYC' | 'end';
}

/** A decision of people about a registration. Verifik sets the status, whatever it was. */
export interface OverrideRequest {
  readonly status: 'completed' | 'completedWithoutKyc' | 'failed';
  readonly note?: string;
}

/** The calls. `syncAppRegistration` uses the applicant's token; all others use the client's session. */
export interface VerifikClient {
  createAppRegistration(request: CreateRequest, options?: CallOptions): Call<CreatedRegistration>;
  /** Reads the registration with its validations. The authoritative read. */
  getAppRegistration(appRegistrationId: string, options?: CallOptions): Call<VendorRegistration>;
  /** Reads the registration with its validations and the applicant's personal data. */
  getWholeAppRegistration(appRegistrationId: string, options?: CallOptions): Call<AppRegistrationListItem>;
  listAppRegistrations(request: ListRequest, options?: CallOptions): Call<AppRegistrationPage>;
  syncAppRegistration(appRegistrationId: string, request: SyncRequest, options?: CallOptions): Call<StatusAnswer>;
  /** Sets the status. A call of Verifik's panel, which documents only its name. */
  overrideAppRegistration(appRegistrationId: string, request: OverrideRequest, options?: CallOptions): Call<void>;
  /** Issues a new token for 30 minutes, and optionally sends a link by email. Keeps completed validations. */
  resendLink(
    appRegistrationId: string,
    request: { readonly sendEmail: boolean },
    options?: CallOptions,
  ): Call<ResentLink>;
  /** Reads what the applicants of a project flow have to pass. */
  getProjectFlow(projectFlow: string, options?: CallOptions): Call<ProjectFlow>;
  /** Reads the ids of everything that Verifik keeps of the registration and that is deleted by a call of its own. */
  getVendorRecords(appRegistrationId: string, options?: CallOptions): Call<readonly VendorRecord[]>;
  /** Deletes a record for good. The deletions of registrations and of biometric validations are undocumented. */
  deleteVendorRecord(record: VendorRecord, options?: CallOptions): Call<void>;
  close(): void;
}
