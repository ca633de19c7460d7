import { setTimeout as wait } from 'node:timers/promises';
import { createControl } from '../control.js';
import { KINDS, type Kind } from '../model.js';
import { offersCheck } from '../rules/flow.js';
import { Compared, Document, Populated, Registration, Synced, Validation } from './applicant-answers.js';
import { AttemptRefused, createDevice, type DeviceCall, retry } from './device.js';
import type { Person } from './people.js';

export interface CheckResult {
  readonly check: Kind;
  readonly status: string;
  readonly validationId: string;
}

export interface ApplicantOptions {
  readonly url: string;
  readonly token: string;
  /** Default: read from the registration. */
  readonly project?: string;
  /** Default: read from the registration. */
  readonly person?: Pick<Person, 'email' | 'phone' | 'countryCode'>;
  /** The pause between selfie and face comparison in ms. Default: the sandbox's setting `applicantPauseMs`. */
  readonly pauseMs?: number;
}

/** The applicant's path through the hosted page. */
export interface HostedPageOptions {
  /** Default: all checks of the flow that the registration has contacts for. */
  readonly checks?: readonly Kind[];
  /** The checks to repeat even if they have passed. Default none. */
  readonly force?: readonly Kind[];
  /** Compare the faces after the selfie, if there is a document. Default true. */
  readonly compare?: boolean;
  /** Report each step by `sync`. Default true. */
  readonly steps?: boolean;
  /** Report the end by `sync`, so that Verifik decides. Default true. */
  readonly end?: boolean;
}

export interface SubmitOptions {
  /** Create a new validation even if the check has passed. It is charged again. Default false. */
  readonly force?: boolean;
}

/**
 * An applicant at a device. It does the checks over HTTP, as the hosted page does, and reads codes from the sandbox's
 * outbox.
 */
export interface Applicant {
  validateEmail(otp?: string): Promise<CheckResult>;
  validatePhone(otp?: string): Promise<CheckResult>;
  uploadDocument(options?: SubmitOptions): Promise<CheckResult>;
  takeSelfie(options?: SubmitOptions): Promise<CheckResult>;
  /** Does a check as the hosted page does, with the face comparison after the second of document and selfie. */
  pass(check: Kind, options?: SubmitOptions): Promise<CheckResult>;
  /** Compares the selfie with the document. True if they show the same person. */
  compareFaces(): Promise<boolean>;
  /** Reports a step, as the hosted page does. Returns the registration's status. */
  sync(step: string, status?: string): Promise<string>;
  /** Reports the end of the hosted page. Returns the registration's status. */
  finish(): Promise<string>;
  /** Goes through the hosted page and yields the result of each check. A failed check does not stop it. */
  goThrough(route?: HostedPageOptions): AsyncGenerator<CheckResult, void, undefined>;
}

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const STEP_OF = { email: 'signUpForm', phone: 'signUpForm', document: 'document', biometric: 'liveness' } as const;

const isRefusedAs = (error: unknown, word: string): boolean =>
  error instanceof AttemptRefused && error.body.includes(word);

export const createApplicant = ({ url, token, project, person, pauseMs }: ApplicantOptions): Applicant => {
  const { call, once } = createDevice(url, token);
  const { outbox, settings } = createControl(url);

  const me = async () => {
    const populates = ['documentValidation', 'biometricValidation'];
    return (await call(Registration, 'POST', '/app-registrations/me', { populates })).data;
  };

  const self = async () => {
    if (project !== undefined && person !== undefined) return { project, ...person };
    const { project: own, email, phone, countryCode } = await me();
    const code = countryCode ?? '';
    const known = {
      email: email ?? '',
      // A phone can be a number, and a country code can lack its plus.
      phone: String(phone ?? ''),
      countryCode: code === '' || code.startsWith('+') ? code : `+${code}`,
      ...person,
    };
    return { project: project ?? (typeof own === 'string' ? own : own._id), ...known };
  };

  const newestOtp = async (to: string): Promise<string> => {
    const messages = await outbox({ to });
    const otp = messages.findLast((message) => message.otp !== undefined)?.otp;
    if (otp === undefined) throw new Error('The outbox has no code for the applicant.');
    return otp;
  };

  const validateOtp = async (check: 'email' | 'phone', otp?: string): Promise<CheckResult> => {
    const { project: ownProject, email, phone, countryCode } = await self();
    const contact = check === 'email' ? { email } : { phone, countryCode };
    const to = check === 'email' ? email : `${countryCode}${phone}`;
    const request = { project: ownProject, ...contact, validationMethod: 'verificationCode', type: 'onboarding' };
    await call(Validation, 'POST', `/${check}-validations/app-registration`, request);
    const answer = { ...contact, otp: otp ?? (await newestOtp(to)) };
    const { data } = await call(Validation, 'POST', `/${check}-validations/validate`, answer);
    return { check, validationId: data._id, status: data.status };
  };

  /** Reads the result from the registration: the response to an upload precedes the assessment. */
  const readResult = async (check: 'document' | 'biometric'): Promise<CheckResult> => {
    const registration = await me();
    const validation = registration[`${check}Validation`];
    if (!Populated.is(validation)) throw new Error(`The registration has no ${check} validation.`);
    return { check, validationId: validation._id, status: validation.status };
  };

  const idOf = async (check: 'document' | 'biometric'): Promise<string | null> => {
    const validation = (await me())[`${check}Validation`];
    return Populated.is(validation) ? validation._id : validation;
  };

  /** A forced upload is not idempotent: after a lost response, the registration shows whether it has taken effect. */
  const submit = async (
    check: 'document' | 'biometric',
    { force = false }: SubmitOptions,
    send: (call: DeviceCall, force: object) => Promise<unknown>,
  ): Promise<void> => {
    if (!force) {
      await send(call, {});
      return;
    }
    const previousId = await idOf(check);
    let wasSent = false;
    await retry(async () => {
      if (wasSent && (await idOf(check)) !== previousId) return;
      wasSent = true;
      await send(once, { force });
    });
  };

  const uploadDocument = async (options: SubmitOptions = {}): Promise<CheckResult> => {
    const images = { image: PIXEL, backImage: PIXEL };
    try {
      await submit('document', options, (by, force) =>
        by(Document, 'POST', '/document-validations/app-registration', { ...images, ...force }),
      );
    } catch (error) {
      // The document has passed already, perhaps by an earlier try whose response was lost.
      if (!isRefusedAs(error, 'already_exists')) throw error;
    }
    return readResult('document');
  };

  const takeSelfie = async (options: SubmitOptions = {}): Promise<CheckResult> => {
    const body = { image: `data:image/png;base64,${PIXEL}`, os: 'DESKTOP' };
    try {
      await submit('biometric', options, (by, force) =>
        by(Registration, 'POST', '/biometric-validations/app-registration', { ...body, ...force }),
      );
    } catch (error) {
      // Verifik refuses a selfie without a living face, but records it as a failed validation.
      if (!isRefusedAs(error, 'liveness_failed') && !isRefusedAs(error, 'person_already_set')) throw error;
    }
    return readResult('biometric');
  };

  const compareFaces = async (): Promise<boolean> => {
    const { data } = await call(Compared, 'POST', '/face-recognition/compare/app-registration', {});
    const { compareFaceVerification: comparison } = data;
    return typeof comparison === 'object' && comparison !== null && comparison.result.passed;
  };

  /** The hosted page asks for the comparison some time after the response to the selfie. */
  const pauseAndCompare = async (): Promise<boolean> => {
    await wait(pauseMs ?? (await settings()).applicantPauseMs);
    return compareFaces();
  };

  /** Compares the faces as the hosted page does: after an accepted selfie, if the registration has a document. */
  const compareAfter = async ({ check, status }: CheckResult): Promise<void> => {
    if (check === 'email' || check === 'phone' || status.toLowerCase() === 'failed') return;
    const { documentValidation, biometricValidation, compareFaceVerification } = await me();
    const isPossible = documentValidation !== null && biometricValidation !== null;
    if (isPossible && (check === 'biometric' || compareFaceVerification === null)) await pauseAndCompare();
  };

  const sync = async (step: string, status = 'ONGOING'): Promise<string> => {
    const { _id } = await me();
    return (await call(Synced, 'PUT', `/app-registrations/${_id}/sync`, { step, status })).data.status;
  };

  const validateEmail = (otp?: string) => validateOtp('email', otp);
  const validatePhone = (otp?: string) => validateOtp('phone', otp);
  const finish = () => sync('end', 'COMPLETED');
  const CHECKS: Readonly<Record<Kind, (options?: SubmitOptions) => Promise<CheckResult>>> = {
    email: () => validateEmail(),
    phone: () => validatePhone(),
    document: uploadDocument,
    biometric: takeSelfie,
  };

  const ownChecks = async (): Promise<readonly Kind[]> => {
    const { email, phone } = await self();
    const flow = await settings();
    const hasContact = { email: email !== '', phone: phone !== '', document: true, biometric: true };
    return KINDS.filter((kind) => hasContact[kind] && offersCheck(flow, kind));
  };

  /** Verifik refuses the end of the sign-up form until email and phone have passed. The applicant goes on anyway. */
  const syncStep = async (step: string): Promise<void> => {
    try {
      await sync(step);
    } catch (error) {
      if (!isRefusedAs(error, 'signUpForm_validation_not_passed')) throw error;
    }
  };

  async function* goThrough({ checks, force = [], compare = true, steps = true, end = true }: HostedPageOptions = {}) {
    const route = checks ?? (await ownChecks());
    for (const [index, check] of route.entries()) {
      const step = await CHECKS[check]({ force: force.includes(check) });
      if (compare) await compareAfter(step);
      // The sign-up form ends with its last contact.
      const next = route[index + 1];
      if (steps && (next === undefined || STEP_OF[next] !== STEP_OF[check])) await syncStep(STEP_OF[check]);
      yield step;
    }
    if (end) await finish();
  }

  const pass = async (check: Kind, options?: SubmitOptions): Promise<CheckResult> => {
    const step = await CHECKS[check](options);
    await compareAfter(step);
    return step;
  };

  return {
    validateEmail,
    validatePhone,
    uploadDocument,
    takeSelfie,
    pass,
    compareFaces,
    sync,
    finish,
    goThrough,
  };
};
