import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { RegistrationReading, RegistrationStanding } from '../domain/reading.js';
import type { AppRegistrationPage, CreatedRegistration, TokenAnswer, ValidationAnswer } from './answers.js';
import type { Endpoint, VerifikError } from './errors.js';
import type { CallOptions } from './transport.js';

/** What became of one call, for metrics: no ids, no values. */
export interface VerifikCall {
  readonly endpoint: Endpoint;
  readonly outcome: 'ok' | VerifikError['type'];
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
}

/** The steps of the hosted flow that `sync` reports, each with the status that belongs to it. */
export type SyncStep =
  | 'skipKYC'
  | 'instructions'
  | 'signUpForm'
  | 'basicInformation'
  | 'document'
  | 'liveness'
  | 'form'
  | 'end';

export interface ContactOtp {
  readonly project: string;
  readonly type?: string;
  readonly webhookUrl?: string;
}

/** Verifik's API, one typed call for each endpoint. Calls with a `token` take the applicant's; all others use the client's session. */
export interface VerifikClient {
  createAppRegistration(request: CreateRequest, options?: CallOptions): Call<CreatedRegistration>;
  /** The authoritative read: the registration with its validations populated. */
  getAppRegistration(appRegistrationId: string, options?: CallOptions): Call<RegistrationReading>;
  listAppRegistrations(request: ListRequest, options?: CallOptions): Call<AppRegistrationPage>;
  /** The token's own registration. */
  me(request: { readonly token: string }, options?: CallOptions): Call<RegistrationReading>;
  updateAppRegistration(
    appRegistrationId: string,
    fields: {
      readonly emailValidation?: string;
      readonly phoneValidation?: string;
      readonly phone?: string;
      readonly countryCode?: string;
      readonly replacePhone?: boolean;
    },
    options?: CallOptions,
  ): Call<RegistrationReading>;
  /** Reports a step; at `end` and `skipKYC` the vendor decides what becomes of the registration. */
  syncAppRegistration(
    appRegistrationId: string,
    request: {
      readonly token: string;
      readonly step: SyncStep;
      readonly outcome?: 'FAILED' | 'NEEDS_MANUAL_VERIFICATION';
    },
    options?: CallOptions,
  ): Call<{ readonly standing: RegistrationStanding; readonly unknownWord?: string }>;
  /** A new token of 30 minutes, and a link that the vendor may send by email. Keeps completed validations. */
  resendLink(
    appRegistrationId: string,
    request: { readonly sendEmail: boolean },
    options?: CallOptions,
  ): Call<TokenAnswer & { readonly link?: string }>;
  createEmailValidation(
    request: ContactOtp & { readonly token: string; readonly email: string },
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
  /** Ends the connections that are kept open. */
  close(): void;
}
