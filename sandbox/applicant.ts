import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { Kind, Message } from './model.js';
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
  readonly project: string;
  readonly person: Pick<Person, 'email' | 'phone' | 'countryCode'>;
}

/** An applicant at their device: does the checks as the hosted page does, over HTTP, reading codes from the outbox. */
export interface Applicant {
  validateEmail(otp?: string): Promise<StepDone>;
  validatePhone(otp?: string): Promise<StepDone>;
  uploadDocument(): Promise<StepDone>;
  takeSelfie(): Promise<StepDone>;
  /** One check, whichever it is. */
  pass(check: Kind): Promise<StepDone>;
  /** The last step of the hosted page. Answers with the registration's status. */
  finish(): Promise<string>;
}

/** The device tries again when the network or Verifik fails: this many times. */
const TRIES = 12;
const TRY_AGAIN_MS = 100;

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const Validation = t.type({ data: t.type({ _id: t.string, status: t.string }) });
const Document = t.type({ data: t.type({ documentValidation: t.type({ _id: t.string, status: t.string }) }) });
const Registration = t.type({
  data: t.intersection([
    t.type({ _id: t.string, status: t.string }),
    t.partial({ documentValidation: t.unknown, biometricValidation: t.unknown }),
  ]),
});
const Populated = t.type({ _id: t.string, status: t.string });
const Synced = t.type({ data: t.type({ status: t.string, appRegistrationId: t.string }) });

/** Verifik refused the applicant's attempt: trying the same again would not help. */
export class AttemptRefused extends Error {
  override readonly name = 'AttemptRefused';
  readonly status: number;

  constructor(status: number) {
    super(`the attempt was refused (HTTP ${status})`);
    this.status = status;
  }
}

const isPassing = (status: number): boolean => status === 408 || status === 429 || status >= 500;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** An applicant with a token. */
export const createApplicant = ({ url, token, project, person }: ApplicantOptions): Applicant => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };

  const once = async <A>(codec: t.Decoder<unknown, A>, method: string, path: string, body: unknown): Promise<A> => {
    const response = await fetch(`${url}/v2${path}`, { method, headers, body: JSON.stringify(body) });
    if (!response.ok && !isPassing(response.status)) throw new AttemptRefused(response.status);
    const decoded = codec.decode(await response.json());
    if (E.isLeft(decoded)) throw new Error(`unreadable answer of ${method} ${path}`);
    return decoded.right;
  };

  const call = async <A>(codec: t.Decoder<unknown, A>, method: string, path: string, body: unknown): Promise<A> => {
    for (let tried = 1; ; tried += 1) {
      try {
        return await once(codec, method, path, body);
      } catch (error) {
        if (error instanceof AttemptRefused || tried === TRIES) throw error;
        await pause(TRY_AGAIN_MS * tried);
      }
    }
  };

  const me = () =>
    call(Registration, 'POST', '/app-registrations/me', { populates: ['documentValidation', 'biometricValidation'] });

  const newestOtp = async (to: string): Promise<string> => {
    const response = await fetch(`${url}/_sandbox/outbox?${new URLSearchParams({ to })}`);
    const messages = (await response.json()) as readonly Message[];
    const otp = messages.findLast((message) => message.otp !== undefined)?.otp;
    if (otp === undefined) throw new Error('no code has come');
    return otp;
  };

  const validateOtp = async (
    check: 'email' | 'phone',
    contact: Record<string, string>,
    to: string,
    otp?: string,
  ): Promise<StepDone> => {
    const request = { project, ...contact, validationMethod: 'verificationCode', type: 'onboarding' };
    await call(Validation, 'POST', `/${check}-validations/app-registration`, request);
    const answer = { ...contact, otp: otp ?? (await newestOtp(to)) };
    const { data } = await call(Validation, 'POST', `/${check}-validations/validate`, answer);
    return { check, validationId: data._id, status: data.status };
  };

  /** What an assessment came to stands in the registration only. */
  const assessed = async (check: 'document' | 'biometric'): Promise<StepDone> => {
    const { data } = await me();
    const validation = check === 'document' ? data.documentValidation : data.biometricValidation;
    if (!Populated.is(validation)) throw new Error(`the registration has no ${check} validation`);
    return { check, validationId: validation._id, status: validation.status };
  };

  const uploadDocument = async (): Promise<StepDone> => {
    await call(Document, 'POST', '/document-validations/app-registration', { image: PIXEL, backImage: PIXEL });
    return assessed('document');
  };

  const takeSelfie = async (): Promise<StepDone> => {
    const image = `data:image/png;base64,${PIXEL}`;
    await call(Registration, 'POST', '/biometric-validations/app-registration', { image, os: 'DESKTOP' }).catch(
      (error: unknown) => {
        // A selfie that shows no living face is refused, and is a validation that failed all the same.
        if (!(error instanceof AttemptRefused)) throw error;
      },
    );
    return assessed('biometric');
  };

  const validateEmail = (otp?: string) => validateOtp('email', { email: person.email }, person.email, otp);
  const validatePhone = (otp?: string) => {
    const { phone, countryCode } = person;
    return validateOtp('phone', { phone, countryCode }, `${countryCode}${phone}`, otp);
  };
  const STEPS = {
    email: () => validateEmail(),
    phone: () => validatePhone(),
    document: uploadDocument,
    biometric: takeSelfie,
  };

  return {
    validateEmail,
    validatePhone,
    uploadDocument,
    takeSelfie,
    pass: (check) => STEPS[check](),
    finish: async () => {
      const { data } = await me();
      const end = { step: 'end', status: 'COMPLETED' };
      return (await call(Synced, 'PUT', `/app-registrations/${data._id}/sync`, end)).data.status;
    },
  };
};
