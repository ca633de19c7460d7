import type { FastifyRequest } from 'fastify';
import * as t from 'io-ts';
import { Refusal } from './answers/refusals.js';
import { queryValues } from './input.js';
import type { Registration } from './model.js';
import type { SandboxState } from './state.js';
import { type Bearer, LIFETIMES_MS } from './tokens.js';

const OfProject = t.type({ project: t.string });
const OfId = t.type({ id: t.string });

/** The project that a request is about, if it says so. */
const projectOf = (state: SandboxState, { body, query, params }: FastifyRequest) => {
  if (OfProject.is(body)) return body.project;
  if (!OfId.is(params)) return queryValues(query, 'where_project')[0];
  const { id } = params;
  const registration = state.registrations.get(state.findValidation(id)?.appRegistrationId ?? id);
  return registration?.project ?? new Map(Object.entries(state.settings.projectFlows)).get(id);
};

const refuseOtherAccount = (state: SandboxState, request: FastifyRequest, account: string | undefined): void => {
  const project = projectOf(state, request);
  if (project === undefined) return;
  if (new Map(Object.entries(state.settings.accounts)).get(project) !== account) throw new Refusal('access_denied');
};

const bearerOf = async (state: SandboxState, request: FastifyRequest): Promise<Bearer> => {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  const bearer = scheme === 'Bearer' && token !== undefined ? await state.tokens.verify(token) : undefined;
  if (bearer === undefined || bearer.kind === 'login') throw new Refusal('Unauthorized');
  if (bearer.kind === 'client') refuseOtherAccount(state, request, bearer.account);
  return bearer;
};

/** Finds the registration of a live token. Recreating a registration voids its earlier tokens. */
const registrationOf = (state: SandboxState, bearer: Bearer): Registration => {
  if (bearer.kind !== 'registration') throw new Refusal('access_denied');
  const registration = state.registrations.get(bearer.appRegistrationId);
  if (registration === undefined) throw new Refusal('appRegistration_not_found');
  if (registration.epoch !== bearer.epoch) throw new Refusal('Unauthorized');
  return registration;
};

/** Requires a client token. Returns its subject. */
export const requireClient = async (state: SandboxState, request: FastifyRequest): Promise<Bearer> => {
  const bearer = await bearerOf(state, request);
  if (bearer.kind !== 'client') throw new Refusal('access_denied');
  return bearer;
};

/** Requires a live registration token. Returns its registration. */
export const requireApplicant = async (state: SandboxState, request: FastifyRequest): Promise<Registration> =>
  registrationOf(state, await bearerOf(state, request));

/** Requires the client token or the token of this registration: the hosted page links validations itself. */
export const requireClientOrOwner = async (
  state: SandboxState,
  request: FastifyRequest,
  appRegistrationId: string,
): Promise<void> => {
  const bearer = await bearerOf(state, request);
  if (bearer.kind === 'client') return;
  if (registrationOf(state, bearer)._id !== appRegistrationId) throw new Refusal('access_denied');
};

/** Requires the client token or any live registration token. */
export const requireClientOrApplicant = async (state: SandboxState, request: FastifyRequest): Promise<void> => {
  const bearer = await bearerOf(state, request);
  if (bearer.kind !== 'client') registrationOf(state, bearer);
};

/** Requires the client token for a call of Verifik's panel, which Verifik does not document. */
export const requirePanel = async (state: SandboxState, request: FastifyRequest): Promise<void> => {
  await requireClient(state, request);
  if (state.settings.panelCalls === 'refused') throw new Refusal('access_denied');
};

/** Allows a call without any token, as the hosted form sends it. */
export const requireClientOrNobody = async (state: SandboxState, request: FastifyRequest): Promise<void> => {
  if (request.headers.authorization !== undefined) await requireClient(state, request);
};

const ACCESS_TYPES = { created: 'app_registration_created', resent: 'app_registration_initiated' } as const;

/** The access type of a token, which is a claim and a field of responses. */
export type AccessType = (typeof ACCESS_TYPES)[keyof typeof ACCESS_TYPES];

export const issueToken = async (
  state: SandboxState,
  registration: Registration,
  how: 'created' | 'resent',
): Promise<{ readonly token: string; readonly accessType: AccessType }> => {
  state.ledger.count('tokensMinted');
  const { _id, epoch } = registration;
  const accessType = ACCESS_TYPES[how];
  const claims = { accessType, step: stepOf(registration) };
  const bearer = { kind: 'registration', appRegistrationId: _id, epoch } as const;
  const token = await state.tokens.mint(bearer, LIFETIMES_MS[how], claims);
  registration.token = token;
  return { token, accessType };
};

/** Issues a token with which the applicant logs in to the customer's own system. */
export const issueLogin = (state: SandboxState, registration: Registration): Promise<string> => {
  const { _id, epoch } = registration;
  const claims = { accessType: 'app_registration_completed', step: stepOf(registration) };
  return state.tokens.mint({ kind: 'login', appRegistrationId: _id, epoch }, LIFETIMES_MS.resent, claims);
};

/** The step that responses name. A new registration is at step `1` of the hosted page: its sign-up form. */
export const stepOf = ({ currentStep }: Registration): string => (currentStep === '1' ? 'signUpForm' : currentStep);
