import * as E from 'fp-ts/lib/Either.js';
import type { ReminderOutcome, TokenOutcome } from '../../contract/activities.js';
import type { VerifikClient, VerifikError } from '../../verifik/index.js';
import { callOptions, fail } from './vendor-call.js';

type Minted = Extract<TokenOutcome, { type: 'RegistrationResumed' }>;

/** Rejections that the workflow handles are outcomes, not failures. */
const rejection = (appRegistrationId: string, error: VerifikError): Exclude<TokenOutcome, Minted> => {
  switch (error.type) {
    case 'RegistrationClosed':
      return { type: 'RegistrationClosed', appRegistrationId };
    case 'NotFound':
      return { type: 'RegistrationNotFound' };
    case 'NotSupported':
      return { type: 'ResendLinkAbsent' };
    default:
      return fail(error);
  }
};

/** Mints a token with resend-link, without a message to the applicant. */
export const mintToken = async (verifik: VerifikClient, appRegistrationId: string): Promise<TokenOutcome> => {
  const resent = await verifik.resendLink(appRegistrationId, { sendEmail: false }, callOptions())();
  return E.isRight(resent)
    ? { type: 'RegistrationResumed', appRegistrationId, token: resent.right.token }
    : rejection(appRegistrationId, resent.left);
};

/** Verifik's code word for a registration without an email. */
const WITHOUT_EMAIL = 'missingparameter';

/**
 * Lets Verifik send the applicant a link. If there is no email to send it to, mints a token all the same: its link is
 * for a reminder by another channel.
 */
export const remind = async (verifik: VerifikClient, appRegistrationId: string): Promise<ReminderOutcome> => {
  const resent = await verifik.resendLink(appRegistrationId, { sendEmail: true }, callOptions())();
  if (E.isRight(resent)) {
    const { emailSent = true, token } = resent.right;
    return { type: 'ReminderTried', sent: emailSent, token };
  }
  if (resent.left.code !== WITHOUT_EMAIL) return rejection(appRegistrationId, resent.left);
  const minted = await mintToken(verifik, appRegistrationId);
  return minted.type === 'RegistrationResumed' ? { type: 'ReminderTried', sent: false, token: minted.token } : minted;
};
