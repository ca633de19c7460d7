import { type Answer, send } from './http.js';
import { at, textAt } from './reading.js';
import type { CheckName } from './words.js';

/** What came of one call of the phone's to Verifik's API. */
export type Attempt =
  | { readonly done: true; readonly data: unknown }
  | { readonly done: false; readonly word: string; readonly detail: string };

/** The phone tries again when the network or Verifik fails, as the hosted page does. */
const TRIES = 8;
const TRY_AGAIN_MS = 250;

const SAMPLE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const isPassing = (status: number, word: string): boolean =>
  status === 0 || status === 408 || status === 429 || (status >= 500 && !word.includes('step_not_supported'));

/** The word of a refusal, in whichever of Verifik's envelopes. */
const wordOf = (body: unknown, status: number): string => {
  const said = textAt(body, 'code') ?? textAt(body, 'message') ?? textAt(body, 'error') ?? '';
  return said.replace(/^\d+:/, '') || String(status);
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The applicant's phone at Verifik's API: all that it has is the registration's token. */
export interface Phone {
  /** The registration, with what its validations came to. */
  me(): Promise<Attempt>;
  sendCode(check: 'email' | 'phone'): Promise<Attempt>;
  confirmCode(check: 'email' | 'phone', otp: string): Promise<Attempt>;
  /** `image` in base64; without one, a sample. */
  uploadDocument(image?: string): Promise<Attempt>;
  takeSelfie(): Promise<Attempt>;
  compareFaces(): Promise<Attempt>;
  finish(): Promise<Attempt>;
}

/** What the registration says that a check came to. */
export const statusOf = (me: Attempt, check: CheckName): string =>
  (me.done ? textAt(me.data, `${check}Validation`, 'status') : undefined) ?? 'unknown';

/** What an answer came to; undefined where the call is to be tried again. */
const settled = ({ ok, status, body, detail }: Answer, sign: string): Attempt | undefined => {
  const data = at(body, 'data');
  // An answer that was spoiled on the way lacks what every whole one has.
  if (ok) return at(data, sign) === undefined ? undefined : { done: true, data };
  const word = wordOf(body, status);
  return isPassing(status, word) ? undefined : { done: false, word, detail };
};

/** `tell` hears of each call that failed and is tried again. */
export const createPhone = (token: string, tell: (text: string) => void): Phone => {
  const call = async (method: string, path: string, body: unknown, sign: string): Promise<Attempt> => {
    for (let tried = 1; tried <= TRIES; tried += 1) {
      const answer = await send(method, `/v2${path}`, body, token);
      const attempt = settled(answer, sign);
      if (attempt !== undefined) return attempt;
      const said = answer.ok || answer.status === 0 ? 'gave no whole answer' : `answered ${answer.status}`;
      tell(`Verifik ${said}. Trying again (${tried} of ${TRIES})…`);
      await pause(TRY_AGAIN_MS * tried);
    }
    return { done: false, word: 'unavailable', detail: 'It does not answer: try again' };
  };

  const me = () =>
    call('POST', '/app-registrations/me', { populates: ['documentValidation', 'biometricValidation'] }, '_id');

  /** Runs a call that needs to know who it is for. */
  const asMyself = async (run: (self: unknown) => Promise<Attempt>): Promise<Attempt> => {
    const self = await me();
    return self.done ? run(self.data) : self;
  };

  const contactOf = (self: unknown, check: 'email' | 'phone') =>
    check === 'email'
      ? { email: textAt(self, 'email') }
      : { phone: textAt(self, 'phone'), countryCode: textAt(self, 'countryCode') };

  return {
    me,
    sendCode: (check) =>
      asMyself((self) => {
        const project = textAt(self, 'project') ?? textAt(self, 'project', '_id');
        const request = {
          project,
          ...contactOf(self, check),
          validationMethod: 'verificationCode',
          type: 'onboarding',
        };
        return call('POST', `/${check}-validations/app-registration`, request, '_id');
      }),
    confirmCode: (check, otp) =>
      asMyself((self) => call('POST', `/${check}-validations/validate`, { ...contactOf(self, check), otp }, '_id')),
    uploadDocument: (image = SAMPLE) =>
      call('POST', '/document-validations/app-registration', { image, backImage: image }, 'documentValidation'),
    takeSelfie: () => {
      const image = `data:image/png;base64,${SAMPLE}`;
      return call('POST', '/biometric-validations/app-registration', { image, os: 'DESKTOP' }, '_id');
    },
    compareFaces: () => call('POST', '/face-recognition/compare/app-registration', {}, 'compareFaceVerification'),
    finish: () =>
      asMyself((self) => {
        const path = `/app-registrations/${textAt(self, '_id')}/sync`;
        return call('PUT', path, { step: 'end', status: 'COMPLETED' }, 'status');
      }),
  };
};
