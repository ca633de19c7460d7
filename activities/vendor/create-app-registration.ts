import * as E from 'fp-ts/lib/Either.js';
import type { CreateAppRegistrationInput, RegistrationOutcome } from '../../contract/activities.js';
import type { VerifikClient } from '../../verifik/index.js';
import { findRegistration } from './search.js';
import { mintToken } from './tokens.js';
import { answerOf, callOptions, fail, isRetry } from './vendor-call.js';

/** The registration that the vendor should have for this contact: the one we know, or what a bounded search finds. */
const existingRegistration = async (
  verifik: VerifikClient,
  input: CreateAppRegistrationInput,
): Promise<string | undefined> => {
  const known = input.why !== 'gone' && !input.contactChanged;
  return known && input.formerRegistrationId !== undefined
    ? input.formerRegistrationId
    : answerOf(findRegistration(verifik, input, callOptions()));
};

const resume = async (
  verifik: VerifikClient,
  appRegistrationId: string,
  recheck: boolean,
): Promise<RegistrationOutcome | undefined> => {
  const minted = await mintToken(verifik, appRegistrationId, { sendEmail: false });
  switch (minted.kind) {
    case 'resumed':
      return { kind: 'resumed', appRegistrationId, token: minted.token, recheck };
    case 'over':
      return { kind: 'over', appRegistrationId };
    case 'gone':
    case 'notOffered':
      return undefined;
  }
};

/**
 * Gets a registration and its token for the applicant: `POST /app-registrations`, which carries no idempotency key and meets one of
 * the vendor's two behaviours when it is repeated. So a repeated try looks first for what an earlier one may have left, and an
 * applicant whom the vendor has already is resumed by resend-link.
 *
 * @throws ApplicationFailure `AlreadyRegistered` when the vendor has the contact under a registration that cannot be found or resumed.
 */
export const createAppRegistration = async (
  verifik: VerifikClient,
  input: CreateAppRegistrationInput,
): Promise<RegistrationOutcome> => {
  const checkExistingFirst = input.checkExistingFirst === true || isRetry();
  const adopts = input.why === 'start' && input.formerRegistrationId !== undefined && input.again !== true;
  if (checkExistingFirst || adopts) {
    const existing = await existingRegistration(verifik, input);
    const resumed = existing === undefined ? undefined : await resume(verifik, existing, checkExistingFirst);
    // An old registration that is over is no reason not to begin a new one; if the vendor thinks otherwise, it says so below.
    if (resumed !== undefined && resumed.kind !== 'over') return resumed;
  }
  const { project, projectFlow, contact, fullName, language } = input;
  const request = { project, projectFlow, ...contact, fullName, ...(language === undefined ? {} : { language }) };
  const created = await verifik.createAppRegistration(request, callOptions())();
  if (E.isRight(created)) {
    const { appRegistrationId, token, expiresAt } = created.right;
    return { kind: 'registered', appRegistrationId, token: { value: token, expiresAt } };
  }
  if (created.left.type !== 'AlreadyRegistered') return fail(created.left);
  const existing = await existingRegistration(verifik, input);
  const resumed = existing === undefined ? undefined : await resume(verifik, existing, checkExistingFirst);
  return resumed ?? fail(created.left);
};
