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
  if (E.isRight(resent))
    return { kind: 'resumed', token: { value: resent.right.token, expiresAt: resent.right.expiresAt } };
  switch (resent.left.type) {
    case 'RegistrationOver':
      return { kind: 'over' };
    case 'Gone':
      return { kind: 'gone' };
    case 'NotOffered':
      return { kind: 'notOffered' };
    default:
      return fail(resent.left);
  }
};
