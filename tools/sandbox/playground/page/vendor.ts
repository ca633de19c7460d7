import { type Answer, send } from './http.js';
import { at, textAt } from './json.js';
import type { CheckName } from './words.js';

/** A call that Verifik refused, with its error code. */
export interface Refused {
  readonly done: false;
  readonly word: string;
  readonly detail: string;
}

type Attempt = { readonly done: true; readonly data: unknown } | Refused;

/** The checks with a code. */
export type ContactCheck = 'email' | 'phone';

/** The phone retries, as the hosted page does, if the network or Verifik fails. The wait grows with each try. */
const TRIES = 8;
const RETRY_DELAY_MS = 250;

const SAMPLE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const isTransient = (status: number, word: string): boolean =>
  status === 0 || status === 408 || status === 429 || (status >= 500 && !word.includes('step_not_supported'));

/** Returns the error code, from any of Verifik's error envelopes. */
const wordOf = (body: unknown, status: number): string => {
  const said = textAt(body, 'code') ?? textAt(body, 'message') ?? textAt(body, 'error') ?? '';
  return said.replace(/^\d+:/, '') || String(status);
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const statusOf = (me: Attempt, check: CheckName): string =>
  (me.done ? textAt(me.data, `${check}Validation`, 'status') : undefined) ?? 'unknown';

/** Returns the result, or undefined if the call should be retried. */
const attemptOf = ({ ok, status, body, detail }: Answer, requiredField: string): Attempt | undefined => {
  const data = at(body, 'data');
  // A damaged response lacks a field that every complete one has.
  if (ok) return at(data, requiredField) === undefined ? undefined : { done: true, data };
  const word = wordOf(body, status);
  return isTransient(status, word) ? undefined : { done: false, word, detail };
};

/**
 * Creates the applicant's phone, which calls Verifik's API with the registration token. `onRetry` receives a
 * description of each failed call that is retried.
 */
export const createPhone = (token: string, onRetry: (text: string) => void) => {
  const call = async (method: string, path: string, body: unknown, requiredField: string): Promise<Attempt> => {
    for (let tried = 1; tried <= TRIES; tried += 1) {
      const answer = await send(method, `/v2${path}`, body, token);
      const attempt = attemptOf(answer, requiredField);
      if (attempt !== undefined) return attempt;
      const failure =
        answer.ok || answer.status === 0 ? 'sent no complete response' : `responded with HTTP ${answer.status}`;
      onRetry(`Verifik ${failure}. Trying again (${tried} of ${TRIES})…`);
      await pause(RETRY_DELAY_MS * tried);
    }
    return { done: false, word: 'unavailable', detail: 'Verifik does not respond. Try again' };
  };

  const me = () =>
    call('POST', '/app-registrations/me', { populates: ['documentValidation', 'biometricValidation'] }, '_id');

  const withRegistration = async (run: (registration: unknown) => Promise<Attempt>): Promise<Attempt> => {
    const registration = await me();
    return registration.done ? run(registration.data) : registration;
  };

  const contactOf = (registration: unknown, check: ContactCheck) =>
    check === 'email'
      ? { email: textAt(registration, 'email') }
      : { phone: textAt(registration, 'phone'), countryCode: textAt(registration, 'countryCode') };

  return {
    me,
    sendCode: (check: ContactCheck) =>
      withRegistration((registration) => {
        const project = textAt(registration, 'project') ?? textAt(registration, 'project', '_id');
        const request = {
          project,
          ...contactOf(registration, check),
          validationMethod: 'verificationCode',
          type: 'onboarding',
        };
        return call('POST', `/${check}-validations/app-registration`, request, '_id');
      }),
    confirmCode: (check: ContactCheck, otp: string) =>
      withRegistration((registration) =>
        call('POST', `/${check}-validations/validate`, { ...contactOf(registration, check), otp }, '_id'),
      ),
    /** `image` is in base64. Default: a sample. */
    uploadDocument: (image = SAMPLE) =>
      call('POST', '/document-validations/app-registration', { image, backImage: image }, 'documentValidation'),
    takeSelfie: () => {
      const image = `data:image/png;base64,${SAMPLE}`;
      return call('POST', '/biometric-validations/app-registration', { image, os: 'DESKTOP' }, '_id');
    },
    compareFaces: () => call('POST', '/face-recognition/compare/app-registration', {}, 'compareFaceVerification'),
    finish: () =>
      withRegistration((registration) => {
        const path = `/app-registrations/${textAt(registration, '_id')}/sync`;
        return call('PUT', path, { step: 'end', status: 'COMPLETED' }, 'status');
      }),
  };
};

export type Phone = ReturnType<typeof createPhone>;
