import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { RegistrationReading } from '../domain/reading.js';
import type { Endpoint, VerifikError } from './errors.js';
import type { AppRegistrationListItem, AppRegistrationPage } from './list-answer.js';
import type { CreatedRegistration, ResentLink, StandingAnswer } from './registration-answers.js';
import type { ValidationAnswer } from './validation-answers.js';

/** What every call takes besides its own arguments. */
export interface CallOptions {
  /** Ends the call early; it then fails as `Cancelled`. */
  readonly signal?: AbortSignal;
  /** Sent as `X-Request-Id`: up to 256 printable ASCII characters. Made up where it is absent. */
  readonly requestId?: string;
}

/** What became of one request, for metrics: no ids, no values. */
export interface VerifikCall {
  readonly endpoint: Endpoint;
  readonly outcome: 'ok' | VerifikError['type'];
  /** The HTTP status, where there was an answer. */
  readonly status?: number;
  readonly durationMs: number;
}

/** One call: what it answers, or what went wrong. */
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
  /** The vendor's own status word. */
  readonly status?: string;
  /** Any of these status words. */
  readonly statuses?: readonly string[];
  /** With each registration's validations, so that the readings say how its checks went: much larger answers. */
  readonly populated?: boolean;
}

/** A step of the hosted flow. At `end` and `skipKYC` the vendor decides what becomes of the registration. */
export type SyncRequest = { readonly token: string } & (
  | {
      readonly step: 'skipKYC' | 'instructions' | 'signUpForm' | 'basicInformation' | 'document' | 'liveness' | 'form';
    }
  | {
      readonly step: 'end';
      /** What to end it as; `COMPLETED` where absent. */
      readonly outcome?: 'FAILED' | 'NEEDS_MANUAL_VERIFICATION';
    }
);

/** A request that the vendor send the applicant a one-time password. */
export interface ContactOtp {
  readonly project: string;
  /** `onboarding` where absent. */
  readonly type?: string;
  readonly webhookUrl?: string;
}

/** The calls about app registrations. Those with a `token` take the applicant's; all others use the client's session. */
export interface RegistrationCalls {
  createAppRegistration(request: CreateRequest, options?: CallOptions): Call<CreatedRegistration>;
  /** The authoritative read: the registration with its validations populated. */
  getAppRegistration(appRegistrationId: string, options?: CallOptions): Call<RegistrationReading>;
  /** The same read, with who the applicant is: personal data. */
  getWholeAppRegistration(appRegistrationId: string, options?: CallOptions): Call<AppRegistrationListItem>;
  listAppRegistrations(request: ListRequest, options?: CallOptions): Call<AppRegistrationPage>;
  /** The token's own registration. */
  me(request: { readonly token: string }, options?: CallOptions): Call<RegistrationReading>;
  updateAppRegistration(
    appRegistrationId: string,
    fields: {
      /** As the hosted page does it; the client's session where absent. */
      readonly token?: string;
      readonly emailValidation?: string;
      readonly phoneValidation?: string;
      readonly phone?: string;
      readonly countryCode?: string;
      readonly replacePhone?: boolean;
    },
    options?: CallOptions,
  ): Call<RegistrationReading>;
  /** Reports a step. */
  syncAppRegistration(appRegistrationId: string, request: SyncRequest, options?: CallOptions): Call<StandingAnswer>;
  /** A new token of 30 minutes, and a link that the vendor may send by email. Keeps completed validations. */
  resendLink(
    appRegistrationId: string,
    request: { readonly sendEmail: boolean },
    options?: CallOptions,
  ): Call<ResentLink>;
}

/** The calls about the validations. Those with a `token` take the applicant's; all others use the client's session. */
export interface ValidationCalls {
  createEmailValidation(
    request: ContactOtp & {
      readonly token: string;
      readonly email: string;
      /** `verificationCode` where absent. */
      readonly validationMethod?: 'verificationCode' | 'manual';
      /** An ISO date. */
      readonly expiresAt?: string;
    },
    options?: CallOptions,
  ): Call<ValidationAnswer>;
  /** With the validation's id as documented, without it as the hosted page does. */
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
      /** As the hosted page does it: `POST …/validate` instead of `PUT`. */
      readonly hosted?: boolean;
    },
    options?: CallOptions,
  ): Call<ValidationAnswer>;
  createDocumentValidation(
    request: {
      readonly token: string;
      /** base64. At least one of the two sides. */
      readonly image?: string;
      readonly backImage?: string;
      readonly force?: boolean;
    },
    options?: CallOptions,
  ): Call<ValidationAnswer>;
  getDocumentValidation(validationId: string, options?: CallOptions): Call<ValidationAnswer>;
  /** Answers with the registration, which refers to the new validation. */
  createBiometricValidation(
    request: {
      readonly token: string;
      /** A data URI. */
      readonly image: string;
      readonly os: 'DESKTOP' | 'IOS' | 'ANDROID';
      readonly force?: boolean;
    },
    options?: CallOptions,
  ): Call<RegistrationReading>;
  /** Compares the selfie with the document, and answers with the registration. */
  compareFace(request: { readonly token: string }, options?: CallOptions): Call<RegistrationReading>;
}

/** Verifik's API, one typed call for each endpoint. */
export interface VerifikClient extends RegistrationCalls, ValidationCalls {
  /** Ends the connections that are kept open. */
  close(): void;
}
