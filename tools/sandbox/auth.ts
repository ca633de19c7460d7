import type { FastifyRequest } from 'fastify';
import type { Registration } from './model.js';
import { Refusal } from './refusals.js';
import type { SandboxState } from './state.js';
import { type Bearer, LIFETIMES_MS } from './tokens.js';

const bearerOf = async (state: SandboxState, request: FastifyRequest): Promise<Bearer> => {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  const bearer = scheme === 'Bearer' && token !== undefined ? await state.tokens.verify(token) : undefined;
  if (bearer === undefined) throw new Refusal('Unauthorized');
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

export const requireClient = async (state: SandboxState, request: FastifyRequest): Promise<void> => {
  const bearer = await bearerOf(state, request);
  if (bearer.kind !== 'client') throw new Refusal('access_denied');
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

export const issueToken = (
  state: SandboxState,
  registration: Registration,
  how: 'created' | 'resent',
): Promise<string> => {
  state.ledger.count('tokensMinted');
  const { _id, epoch } = registration;
  return state.tokens.mint({ kind: 'registration', appRegistrationId: _id, epoch }, LIFETIMES_MS[how]);
};
