import type { Kind, Otp, Registration, Validation } from './model.js';
import { takeForced } from './outcomes.js';
import { Refusal } from './refusals.js';
import { MAX_ATTEMPTS, viewEvent, viewValidation } from './views.js';
import type { World } from './world.js';

export type OtpKind = Extract<Kind, 'email' | 'phone'>;

const CODE_LIFETIME_MS = 10 * 60_000;

const announce = (world: World, validation: Validation, suffix: string): void =>
  world.webhooks.send(`${validation.kind}_validation_${suffix}`, viewEvent(world, validation));

const deliver = (world: World, registration: Registration, kind: OtpKind, otp: string): void => {
  const { _id: appRegistrationId, email = '', phone = '', countryCode = '' } = registration;
  const message = { appRegistrationId, otp, at: world.now() };
  if (kind === 'email') world.outbox.add({ ...message, to: email, kind: 'email' });
  else world.outbox.add({ ...message, to: `${countryCode}${phone}`, kind: 'sms' }, countryCode);
};

/** Marks the codes that nobody has used in time. */
export const expireCodes = (world: World): void => {
  const { sentCodes } = world;
  for (
    let [oldest] = sentCodes;
    (oldest?.otp?.expiresAt ?? Number.POSITIVE_INFINITY) <= world.now();
    [oldest] = sentCodes
  ) {
    sentCodes.shift();
    if (oldest?.status !== 'sent' || world.findValidation(oldest._id) !== oldest) continue;
    oldest.status = 'expired';
    announce(world, oldest, 'expired');
  }
};

/** Sends a code. An active validation of the same contact is sent again, not doubled. */
export const requestCode = (world: World, registration: Registration, kind: OtpKind): Validation => {
  const present = registration.validations[kind];
  if (present?.otp !== undefined && present.status === 'sent') {
    deliver(world, registration, kind, present.otp.code);
    announce(world, present, 'resend');
    return present;
  }
  const otp: Otp = { code: world.random.digits(6), expiresAt: world.now() + CODE_LIFETIME_MS, attempts: 0 };
  const validation = world.addValidation(registration, kind, 'sent', otp);
  deliver(world, registration, kind, otp.code);
  announce(world, validation, 'created');
  announce(world, validation, 'sent');
  return validation;
};

/** A validation that people will do by hand: no code is sent for it. */
export const requestManual = (world: World, registration: Registration, kind: OtpKind): Validation => {
  const present = registration.validations[kind];
  if (present?.status === 'new') return present;
  const validation = world.addValidation(registration, kind, 'new');
  announce(world, validation, 'created');
  return validation;
};

const wrong = (world: World, validation: Validation, otp: Otp): Refusal => {
  otp.attempts += 1;
  if (otp.attempts >= MAX_ATTEMPTS) validation.status = 'failed';
  announce(world, validation, validation.status === 'failed' ? 'failed' : 'otp_incorect');
  return new Refusal('otp_does_not_match');
};

/** Takes a code. The same right code again answers as the first time did, so that a lost answer can be asked for again. */
export const answerCode = (
  world: World,
  registration: Registration,
  kind: OtpKind,
  code: string,
): ReturnType<typeof viewValidation> => {
  const validation = registration.validations[kind];
  if (validation?.otp === undefined) throw new Refusal(`${kind}Validation_not_found`);
  const { otp, status } = validation;
  if (status === 'expired' && otp.expiresAt <= world.now()) throw new Refusal(`${kind}Validation_has_expired`);
  if (status === 'sent') {
    if (otp.code !== code) throw wrong(world, validation, otp);
    validation.status = takeForced(registration.outcomes, kind) ?? 'validated';
    announce(world, validation, validation.status.toLowerCase());
  } else if (otp.code !== code || otp.attempts >= MAX_ATTEMPTS) {
    throw new Refusal('otp_does_not_match');
  }
  return viewValidation(world, validation);
};
