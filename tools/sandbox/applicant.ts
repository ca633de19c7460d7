import * as t from 'io-ts';
import { createControl } from './control.js';
import { AttemptRefused, createDevice, type DeviceCall, retry } from './device.js';
import type { Kind } from './model.js';
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
}

/** The applicant's path through the hosted page. */
export interface HostedPageOptions {
  /** Default: all checks that the registration has contacts for. */
  readonly checks?: readonly Kind[];
  /** The checks to repeat even if they have passed. Default none. */
  readonly force?: readonly Kind[];
  /** Compare the faces after document and selfie. Default true. */
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

const Validation = t.type({ data: t.type({ _id: t.string, status: t.string }) });
const Document = t.type({ data: t.type({ documentValidation: t.type({ _id: t.string, status: t.string }) }) });
const Synced = t.type({ data: t.type({ status: t.string, appRegistrationId: t.string }) });
const Populated = t.type({ _id: t.string, status: t.string });
const textOrNull = t.union([t.string, t.null]);
const Reference = t.union([t.string, t.null, Populated]);
const Registration = t.type({
  data: t.type({
    _id: t.string,
    project: t.union([t.string, t.type({ _id: t.string })]),
    email: textOrNull,
    phone: textOrNull,
    countryCode: textOrNull,
    documentValidation: Reference,
    biometricValidation: Reference,
  }),
});
const Compared = t.type({
  data: t.type({ compareFaceVerification: t.union([t.string, t.type({ result: t.type({ passed: t.boolean }) })]) }),
});

const STEP_OF = { email: 'signUpForm', phone: 'signUpForm', document: 'document', biometric: 'liveness' } as const;

const isRefusedAs = (error: unknown, word: string): boolean =>
  error instanceof AttemptRefused && error.body.includes(word);

export const createApplicant = ({ url, token, project, person }: ApplicantOptions): Applicant => {
  const { call, once } = createDevice(url, token);
  const outbox = createControl(url).outbox;

  const me = async () => {
    const populates = ['documentValidation', 'biometricValidation'];
    return (await call(Registration, 'POST', '/app-registrations/me', { populates })).data;
  };

  const self = async () => {
    if (project !== undefined && person !== undefined) return { project, ...person };
    const { project: own, email, phone, countryCode } = await me();
    const known = { email: email ?? '', phone: phone ?? '', countryCode: countryCode ?? '', ...person };
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
    return typeof comparison !== 'string' && comparison.result.passed;
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
    const contacts = [...(email ? (['email'] as const) : []), ...(phone ? (['phone'] as const) : [])];
    return [...contacts, 'document', 'biometric'];
  };

  async function* goThrough({ checks, force = [], compare = true, steps = true, end = true }: HostedPageOptions = {}) {
    const done: Kind[] = [];
    for (const check of checks ?? (await ownChecks())) {
      const step = await CHECKS[check]({ force: force.includes(check) });
      done.push(check);
      if (steps) await sync(STEP_OF[check]);
      yield step;
    }
    if (compare && done.includes('document') && done.includes('biometric')) await compareFaces();
    if (end) await finish();
  }

  return {
    validateEmail,
    validatePhone,
    uploadDocument,
    takeSelfie,
    pass: async (check, options) => {
      const result = await CHECKS[check](options);
      const isIdentity = check === 'document' || check === 'biometric';
      if (isIdentity && (await idOf('document')) !== null && (await idOf('biometric')) !== null) await compareFaces();
      return result;
    },
    compareFaces,
    sync,
    finish,
    goThrough,
  };
};
