import * as E from 'fp-ts/lib/Either.js';
import type { TokenOutcome } from '../../contract/activities.js';
import type { VerifikClient } from '../../verifik/index.js';
import { callOptions, fail } from './vendor-call.js';

/** Mints a token with resend-link. Rejections that the workflow handles are outcomes, not failures. */
export const mintToken = async (
  verifik: VerifikClient,
  appRegistrationId: string,
  { sendEmail }: { readonly sendEmail: boolean },
): Promise<TokenOutcome> => {
  const resent = await verifik.resendLink(appRegistrationId, { sendEmail }, callOptions())();
  if (E.isRight(resent)) return { type: 'RegistrationResumed', appRegistrationId, token: resent.right.token };
  switch (resent.left.type) {
    case 'RegistrationClosed':
      return { type: 'RegistrationClosed', appRegistrationId };
    case 'NotFound':
      return { type: 'RegistrationNotFound' };
    case 'NotSupported':
      return { type: 'ResendLinkAbsent' };
    default:
      return fail(resent.left);
  }
};
