import { Refusal } from '../answers/refusals.js';
import { MAX_ATTEMPTS, viewEmailData, viewEvent, viewValidation } from '../answers/validation-views.js';
import type { Kind, Otp, Registration, Validation } from '../model.js';
import type { SandboxState } from '../state.js';
import { takeForced } from './outcomes.js';

export type OtpKind = Extract<Kind, 'email' | 'phone'>;

const CODE_LIFETIME_MS = 10 * 60_000;

const announce = (state: SandboxState, validation: Validation, suffix: string, more: object = {}): void =>
  state.webhooks.send(
    `${validation.kind}_validation_${suffix}`,
    { ...viewEvent(state, validation), ...more },
    validation.appRegistrationId,
  );

const emailDataOf = (registration: Registration, kind: OtpKind): object =>
  kind === 'email' ? viewEmailData(registration) : {};

const deliver = (state: SandboxState, registration: Registration, kind: OtpKind, otp: string): void => {
  const { _id: appRegistrationId, email = '', phone = '', countryCode = '' } = registration;
  const message = { appRegistrationId, otp, at: state.now() };
  if (kind === 'email') state.outbox.add({ ...message, to: email, kind: 'email' });
  else state.outbox.add({ ...message, to: `${countryCode}${phone}`, kind: 'sms' }, countryCode);
};

export const expireCodes = (state: SandboxState): void => {
  const { sentCodes } = state;
  for (
    let [oldest] = sentCodes;
    (oldest?.otp?.expiresAt ?? Number.POSITIVE_INFINITY) <= state.now();
    [oldest] = sentCodes
  ) {
    sentCodes.shift();
    if (oldest?.status !== 'sent' || state.findValidation(oldest._id) !== oldest) continue;
    state.setResult(oldest, 'expired');
    announce(state, oldest, 'expired');
  }
};

/** Sends a code. If a validation is open already, its code is sent again. */
export const requestCode = (state: SandboxState, registration: Registration, kind: OtpKind): Validation => {
  const present = registration.validations[kind];
  if (present?.otp !== undefined && present.status === 'sent') {
    deliver(state, registration, kind, present.otp.code);
    announce(state, present, 'resend');
    return present;
  }
  const otp: Otp = { code: state.random.digits(6), expiresAt: state.now() + CODE_LIFETIME_MS, attempts: 0 };
  const validation = state.addValidation(registration, kind, 'sent', otp);
  deliver(state, registration, kind, otp.code);
  announce(state, validation, 'created', emailDataOf(registration, kind));
  announce(state, validation, 'sent');
  return validation;
};

/** Creates a validation that people do by hand, without a code. */
export const requestManual = (state: SandboxState, registration: Registration, kind: OtpKind): Validation => {
  const present = registration.validations[kind];
  if (present?.status === 'new') return present;
  const validation = state.addValidation(registration, kind, 'new');
  announce(state, validation, 'created');
  return validation;
};

const recordWrongCode = (state: SandboxState, validation: Validation, otp: Otp): Refusal => {
  otp.attempts += 1;
  if (otp.attempts >= MAX_ATTEMPTS) state.setResult(validation, 'failed');
  announce(state, validation, validation.status === 'failed' ? 'failed' : 'otp_incorect');
  return new Refusal('otp_does_not_match');
};

/** Checks a code. A repeated correct code has the same response, so that a client can retry after a lost response. */
export const submitCode = (
  state: SandboxState,
  registration: Registration,
  kind: OtpKind,
  code: string,
): ReturnType<typeof viewValidation> => {
  const validation = registration.validations[kind];
  if (validation?.otp === undefined) throw new Refusal(`${kind}Validation_not_found`);
  const { otp, status } = validation;
  if (status === 'expired' && otp.expiresAt <= state.now()) throw new Refusal(`${kind}Validation_has_expired`);
  if (status === 'sent') {
    if (otp.code !== code) throw recordWrongCode(state, validation, otp);
    state.setResult(validation, takeForced(registration.outcomes, kind) ?? 'validated');
    announce(state, validation, validation.status.toLowerCase());
  } else if (otp.code !== code || otp.attempts >= MAX_ATTEMPTS) {
    throw new Refusal('otp_does_not_match');
  }
  return { ...viewValidation(state, validation), showFaceLivenessRecommendation: false };
};

/** Formats the response to a request for a code. */
export const viewRequested = (
  state: SandboxState,
  registration: Registration,
  validation: Validation,
  isNew: boolean,
): ReturnType<typeof viewValidation> => ({
  ...viewValidation(state, validation),
  __v: 0,
  ...(validation.kind === 'email'
    ? { ...viewEmailData(registration), extraParams: [], deleted: false, existing: !isNew, sent: true }
    : { new: isNew }),
});
