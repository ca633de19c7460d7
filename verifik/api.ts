import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { VendorRegistration } from '../domain/vendor-registration.js';
import type { Endpoint, VerifikError } from './errors.js';
import type { AppRegistrationListItem, AppRegistrationPage } from './list-answer.js';
import type { CreatedRegistration, ResentLink, StatusAnswer } from './registration-answers.js';
import type { ValidationAnswer } from './validation-answers.js';

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
  /** Verifik's status word. */
  readonly status?: string;
  readonly statuses?: readonly string[];
  /** Includes each registration's validations and their results. Responses are much larger. */
  readonly populated?: boolean;
}

/** A step of the hosted flow. At `end` and `skipKYC`, Verifik decides the status of the registration. */
export type SyncRequest = { readonly token: string } & (
  | {
      readonly step: 'skipKYC' | 'instructions' | 'signUpForm' | 'basicInformation' | 'document' | 'liveness' | 'form';
    }
  | {
      readonly step: 'end';
      /** Default: `COMPLETED`. */
      readonly outcome?: 'FAILED' | 'NEEDS_MANUAL_VERIFICATION';
    }
);

/** A request to send the applicant a one-time password. */
export interface ContactOtp {
  readonly project: string;
  /** Default: `onboarding`. */
  readonly type?: string;
  readonly webhookUrl?: string;
}

/** Calls for registrations. Those with a `token` use the applicant's; all others use the client's session. */
export interface RegistrationCalls {
  createAppRegistration(request: CreateRequest, options?: CallOptions): Call<CreatedRegistration>;
  /** Reads the registration with its validations. The authoritative read. */
  getAppRegistration(appRegistrationId: string, options?: CallOptions): Call<VendorRegistration>;
  /** Reads the registration with its validations and the applicant's personal data. */
  getWholeAppRegistration(appRegistrationId: string, options?: CallOptions): Call<AppRegistrationListItem>;
  listAppRegistrations(request: ListRequest, options?: CallOptions): Call<AppRegistrationPage>;
  me(request: { readonly token: string }, options?: CallOptions): Call<VendorRegistration>;
  updateAppRegistration(
    appRegistrationId: string,
    fields: {
      /** Set by the hosted page. Default: the client's session. */
      readonly token?: string;
      readonly emailValidation?: string;
      readonly phoneValidation?: string;
      readonly phone?: string;
      readonly countryCode?: string;
      readonly replacePhone?: boolean;
    },
    options?: CallOptions,
  ): Call<VendorRegistration>;
  syncAppRegistration(appRegistrationId: string, request: SyncRequest, options?: CallOptions): Call<StatusAnswer>;
  /** Issues a new token for 30 minutes, and optionally sends a link by email. Keeps completed validations. */
  resendLink(
    appRegistrationId: string,
    request: { readonly sendEmail: boolean },
    options?: CallOptions,
  ): Call<ResentLink>;
}

/** Calls for validations. Those with a `token` use the applicant's; all others use the client's session. */
export interface ValidationCalls {
  createEmailValidation(
    request: ContactOtp & {
      readonly token: string;
      readonly email: string;
      /** Default: `verificationCode`. */
      readonly validationMethod?: 'verificationCode' | 'manual';
      /** An ISO date. */
      readonly expiresAt?: string;
    },
    options?: CallOptions,
  ): Call<ValidationAnswer>;
  /** The documented call has a `validationId`, the hosted page's has none. */
  validateEmail(
    request: { readonly token: string; readonly email: string; readonly otp: string; readonly validationId?: string },
    options?: CallOptions,
  ): Call<ValidationAnswer>;
  createPhoneValidation(
    request: ContactOtp & {
      readonly token: string;
      readonly phone: string;
      readonly countryCode: string;
      readonly phoneGateway?: 'sms' | 'whatsapp' | 'none';
    },
    options?: CallOptions,
  ): Call<ValidationAnswer>;
  validatePhone(
    request: {
      readonly token: string;
      readonly phone: string;
      readonly countryCode: string;
      readonly otp: string;
      /** Uses `POST …/validate` instead of `PUT`, like the hosted page. */
      readonly hosted?: boolean;
    },
    options?: CallOptions,
  ): Call<ValidationAnswer>;
  createDocumentValidation(
    request: {
      readonly token: string;
      /** base64. At least one side is required. */
      readonly image?: string;
      readonly backImage?: string;
      readonly force?: boolean;
    },
    options?: CallOptions,
  ): Call<ValidationAnswer>;
  getDocumentValidation(validationId: string, options?: CallOptions): Call<ValidationAnswer>;
  /** Returns the registration, which refers to the new validation. */
  createBiometricValidation(
    request: {
      readonly token: string;
      /** A data URI. */
      readonly image: string;
      readonly os: 'DESKTOP' | 'IOS' | 'ANDROID';
      readonly force?: boolean;
    },
    options?: CallOptions,
  ): Call<VendorRegistration>;
  /** Compares the selfie with the document and returns the registration. */
  compareFace(request: { readonly token: string }, options?: CallOptions): Call<VendorRegistration>;
}

export interface VerifikClient extends RegistrationCalls, ValidationCalls {
  close(): void;
}
