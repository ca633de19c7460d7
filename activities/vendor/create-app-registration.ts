import * as E from 'fp-ts/lib/Either.js';
import type {
  CreateAppRegistrationInput,
  OnboardingActivities,
  RegistrationOutcome,
} from '../../contract/activities.js';
import { rulesOf } from '../../domain/project-flow.js';
import type { ContactKeys } from '../../shared/contact-keys.js';
import { defined } from '../../shared/defined.js';
import type { VerifikAccounts, VerifikClient } from '../../verifik/index.js';
import { invalidRequest } from '../failures.js';
import type { PoliciesFile } from '../policies-file.js';
import { failingFind } from './account.js';
import { findPolicy, requiredBy, resolvePolicy } from './named-policies.js';
import { isOwn } from './own-registration.js';
import { type FlowReader, projectFlows } from './project-flows.js';
import { findRegistration } from './search.js';
import { mintToken } from './tokens.js';
import { answerOf, callOptions, fail, isRetry } from './vendor-call.js';

/** Returns the contact's registration at the vendor: the known one, or the result of a bounded search. */
const existingRegistration = async (
  verifik: VerifikClient,
  input: CreateAppRegistrationInput,
): Promise<string | undefined> => {
  const known = input.why !== 'notFound' && !input.contactChanged;
  return known && input.formerRegistrationId !== undefined
    ? input.formerRegistrationId
    : answerOf(findRegistration(verifik, input, callOptions()));
};

/**
 * Refuses to adopt a registration of somebody else, whose id a caller named.
 *
 * @throws ApplicationFailure `InvalidRequest`
 */
const refuseForeign = async (
  verifik: VerifikClient,
  input: CreateAppRegistrationInput,
  named: string | undefined,
): Promise<void> => {
  if (named === undefined) return;
  const read = await verifik.getAppRegistration(named, callOptions())();
  if (E.isLeft(read)) {
    if (read.left.type !== 'NotFound') fail(read.left);
  } else if (!isOwn(input)(read.right))
    throw invalidRequest({
      field: 'appRegistrationId',
      expected: 'a registration of this project, project flow and contact',
    });
};

const resume = async (
  verifik: VerifikClient,
  appRegistrationId: string,
  recheck: boolean,
): Promise<RegistrationOutcome | undefined> => {
  const minted = await mintToken(verifik, appRegistrationId);
  switch (minted.type) {
    case 'RegistrationResumed':
      return { ...minted, recheck };
    case 'RegistrationClosed':
      return minted;
    case 'RegistrationNotFound':
    case 'ResendLinkAbsent':
      return undefined;
  }
};

/**
 * Finds the named policy and reads the flow before an onboarding's first registration: the request has to fit both.
 * Nothing is asked of the vendor if the policy is refused.
 */
const settleAtStart = async (
  verifik: VerifikClient,
  policies: PoliciesFile,
  readFlow: FlowReader,
  input: CreateAppRegistrationInput,
): Promise<Pick<RegistrationOutcome, 'flow' | 'namedPolicy'>> => {
  const { why, policyName, contact, projectFlow } = input;
  if (why !== 'start') return {};
  const chosen = policyName === undefined ? undefined : await findPolicy(policies, policyName, contact);
  const flow = await readFlow(verifik, projectFlow, chosen === undefined ? input : requiredBy(chosen, contact));
  return defined({ flow: flow && rulesOf(flow), namedPolicy: chosen && resolvePolicy(chosen, flow, contact) });
};

/**
 * `POST /app-registrations` has no idempotency key, and the vendor handles a repeated contact in one of two ways. A
 * retry therefore first searches for the registration that an earlier attempt may have created, and a registered
 * applicant is resumed by resend-link.
 */
const createOrResume = async (
  verifik: VerifikClient,
  input: CreateAppRegistrationInput,
): Promise<RegistrationOutcome> => {
  const checkExistingFirst = input.checkExistingFirst === true || isRetry();
  const named = input.why === 'start' && input.isRestart !== true ? input.formerRegistrationId : undefined;
  await refuseForeign(verifik, input, named);
  if (checkExistingFirst || named !== undefined) {
    const existing = await existingRegistration(verifik, input);
    const resumed = existing === undefined ? undefined : await resume(verifik, existing, checkExistingFirst);
    // If the old registration is over, try to create a new one. The vendor rejects that below if it does not permit it.
    if (resumed !== undefined && resumed.type !== 'RegistrationClosed') return resumed;
  }
  const { project, projectFlow, contact, fullName, language } = input;
  const request = { project, projectFlow, ...contact, fullName, ...(language === undefined ? {} : { language }) };
  const created = await verifik.createAppRegistration(request, callOptions())();
  if (E.isRight(created)) {
    const { appRegistrationId, token } = created.right;
    return { type: 'Registered', appRegistrationId, token };
  }
  if (created.left.type !== 'AlreadyRegistered') return fail(created.left);
  const existing = await existingRegistration(verifik, input);
  const resumed = existing === undefined ? undefined : await resume(verifik, existing, checkExistingFirst);
  return resumed ?? fail(created.left);
};

/**
 * Creates the activity that creates or resumes the applicant's registration, and returns it with a token. At the start
 * of an onboarding it first finds the named policy and reads the project flow, and returns both as well.
 *
 * @throws ApplicationFailure `InvalidRequest` if the request requires a check that the flow does not have, if the named
 * registration is not of this project, flow and contact, or if the named policy is unknown or does not fit.
 * @throws ApplicationFailure `Misconfigured` if no account has the project, or if the flow is not active, verifies
 * businesses, or has no check that the contact allows.
 * @throws ApplicationFailure `AlreadyRegistered` if the vendor has registered the contact, but the registration cannot
 * be found or resumed.
 */
export const registrationCreation = (
  accounts: VerifikAccounts,
  policies: PoliciesFile,
  contactKeys?: ContactKeys,
): OnboardingActivities['createAppRegistration'] => {
  const readFlow = projectFlows();
  return async (input) => {
    const { verifik } = await failingFind(accounts, input.why === 'start')(input.project);
    const atStart = await settleAtStart(verifik, policies, readFlow, input);
    const keys = input.withContactKeys === true ? contactKeys?.(input.contact) : undefined;
    return { ...(await createOrResume(verifik, input)), ...atStart, ...defined({ contactKeys: keys }) };
  };
};
