import * as t from 'io-ts';
import { createControl } from './control.js';
import { AttemptRefused, createDevice, type DeviceCall, keepTrying } from './device.js';
import type { Kind } from './model.js';
import type { Person } from './people.js';

/** What came of one step of the applicant's. */
export interface StepDone {
  readonly check: Kind;
  readonly status: string;
  readonly validationId: string;
}

export interface ApplicantOptions {
  /** The sandbox's address. */
  readonly url: string;
  /** The registration's token: all that the applicant's device is given. */
  readonly token: string;
  /** Where it is not given, the registration is asked for it. */
  readonly project?: string;
  /** Where they are not given, the registration is asked for them. */
  readonly person?: Pick<Person, 'email' | 'phone' | 'countryCode'>;
}

/** Which way an applicant takes through the hosted page. */
export interface Route {
  /** Default: all that the registration has a contact for. */
  readonly checks?: readonly Kind[];
  /** Which of them are done anew, where they have been done before. Default none. */
  readonly force?: readonly Kind[];
  /** Whether the page compares the faces once document and selfie are there. Default true. */
  readonly compare?: boolean;
  /** Whether the page reports each step. Default true. */
  readonly steps?: boolean;
  /** Whether the page reports the end, so that the vendor decides. Default true. */
  readonly end?: boolean;
}

/** How a document or a selfie is given. */
export interface Giving {
  /** Takes the place of one that has passed before: a new validation, which is charged. Default false: what is there stays. */
  readonly force?: boolean;
}

/** An applicant at their device: does the checks as the hosted page does, over HTTP, reading codes from the outbox. */
export interface Applicant {
  validateEmail(otp?: string): Promise<StepDone>;
  validatePhone(otp?: string): Promise<StepDone>;
  uploadDocument(giving?: Giving): Promise<StepDone>;
  takeSelfie(giving?: Giving): Promise<StepDone>;
  /** One check, whichever it is. */
  pass(check: Kind, giving?: Giving): Promise<StepDone>;
  /** Compares the selfie with the document. Answers whether they are of one person. */
  compareFaces(): Promise<boolean>;
  /** Reports a step, as the hosted page does. Answers with the registration's status. */
  sync(step: string, status?: string): Promise<string>;
  /** The last step of the hosted page. Answers with the registration's status. */
  finish(): Promise<string>;
  /** Goes all the way, telling each check as it is done. A check that fails is told as well, and the way goes on. */
  goThrough(route?: Route): AsyncGenerator<StepDone, void, undefined>;
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

/** The step of the hosted page that a check belongs to. */
const STEP_OF = { email: 'signUpForm', phone: 'signUpForm', document: 'document', biometric: 'liveness' } as const;

const isRefusedAs = (error: unknown, word: string): boolean =>
  error instanceof AttemptRefused && error.said.includes(word);

/** An applicant with a token. */
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
    if (otp === undefined) throw new Error('no code has come');
    return otp;
  };

  const validateOtp = async (check: 'email' | 'phone', otp?: string): Promise<StepDone> => {
    const { project: ownProject, email, phone, countryCode } = await self();
    const contact = check === 'email' ? { email } : { phone, countryCode };
    const to = check === 'email' ? email : `${countryCode}${phone}`;
    const request = { project: ownProject, ...contact, validationMethod: 'verificationCode', type: 'onboarding' };
    await call(Validation, 'POST', `/${check}-validations/app-registration`, request);
    const answer = { ...contact, otp: otp ?? (await newestOtp(to)) };
    const { data } = await call(Validation, 'POST', `/${check}-validations/validate`, answer);
    return { check, validationId: data._id, status: data.status };
  };

  /** What an assessment came to stands in the registration only. */
  const assessed = async (check: 'document' | 'biometric'): Promise<StepDone> => {
    const registration = await me();
    const validation = registration[`${check}Validation`];
    if (!Populated.is(validation)) throw new Error(`the registration has no ${check} validation`);
    return { check, validationId: validation._id, status: validation.status };
  };

  const idOf = async (check: 'document' | 'biometric'): Promise<string | null> => {
    const validation = (await me())[`${check}Validation`];
    return Populated.is(validation) ? validation._id : validation;
  };

  /** What is forced is done again each time: after an answer that was lost, the registration tells whether it has been done. */
  const give = async (
    check: 'document' | 'biometric',
    { force = false }: Giving,
    send: (call: DeviceCall, force: object) => Promise<unknown>,
  ): Promise<void> => {
    if (!force) {
      await send(call, {});
      return;
    }
    const former = await idOf(check);
    let isSent = false;
    await keepTrying(async () => {
      if (isSent && (await idOf(check)) !== former) return;
      isSent = true;
      await send(once, { force });
    });
  };

  const uploadDocument = async (giving: Giving = {}): Promise<StepDone> => {
    const images = { image: PIXEL, backImage: PIXEL };
    try {
      await give('document', giving, (by, force) =>
        by(Document, 'POST', '/document-validations/app-registration', { ...images, ...force }),
      );
    } catch (error) {
      // It is there already: also after an answer that was lost on the way.
      if (!isRefusedAs(error, 'already_exists')) throw error;
    }
    return assessed('document');
  };

  const takeSelfie = async (giving: Giving = {}): Promise<StepDone> => {
    const body = { image: `data:image/png;base64,${PIXEL}`, os: 'DESKTOP' };
    try {
      await give('biometric', giving, (by, force) =>
        by(Registration, 'POST', '/biometric-validations/app-registration', { ...body, ...force }),
      );
    } catch (error) {
      // A selfie that shows no living face is refused, and is a validation that failed all the same.
      if (!isRefusedAs(error, 'liveness_failed') && !isRefusedAs(error, 'person_already_set')) throw error;
    }
    return assessed('biometric');
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
  const CHECKS: Readonly<Record<Kind, (giving?: Giving) => Promise<StepDone>>> = {
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

  async function* goThrough({ checks, force = [], compare = true, steps = true, end = true }: Route = {}) {
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
    pass: (check, giving) => CHECKS[check](giving),
    compareFaces,
    sync,
    finish,
    goThrough,
  };
};
