import type { FastifyRequest } from 'fastify';
import type { Registration } from './model.js';
import { Refusal } from './refusals.js';
import { type Bearer, LIFETIMES_MS } from './tokens.js';
import type { World } from './world.js';

const bearerOf = async (world: World, request: FastifyRequest): Promise<Bearer> => {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  const bearer = scheme === 'Bearer' && token !== undefined ? await world.tokens.verify(token) : undefined;
  if (bearer === undefined) throw new Refusal('Unauthorized');
  return bearer;
};

/** The registration whose live token it is. A token from before a recreation is void. */
const registrationOf = (world: World, bearer: Bearer): Registration => {
  if (bearer.kind !== 'registration') throw new Refusal('access_denied');
  const registration = world.registrations.get(bearer.appRegistrationId);
  if (registration === undefined) throw new Refusal('appRegistration_not_found');
  if (registration.epoch !== bearer.epoch) throw new Refusal('Unauthorized');
  return registration;
};

/** Lets only the client's token through. */
export const asClient = async (world: World, request: FastifyRequest): Promise<void> => {
  const bearer = await bearerOf(world, request);
  if (bearer.kind !== 'client') throw new Refusal('access_denied');
};

/** Lets only a registration's own live token through. */
export const asApplicant = async (world: World, request: FastifyRequest): Promise<Registration> =>
  registrationOf(world, await bearerOf(world, request));

/** Lets the client's token through, and that of the one registration: the hosted page links validations itself. */
export const asClientOrOwner = async (
  world: World,
  request: FastifyRequest,
  appRegistrationId: string,
): Promise<void> => {
  const bearer = await bearerOf(world, request);
  if (bearer.kind === 'client') return;
  if (registrationOf(world, bearer)._id !== appRegistrationId) throw new Refusal('access_denied');
};

/** A new token for the registration's applicant. */
export const mintFor = (world: World, registration: Registration, how: 'created' | 'resent'): Promise<string> => {
  world.ledger.count('tokensMinted');
  const { _id, epoch } = registration;
  return world.tokens.mint({ kind: 'registration', appRegistrationId: _id, epoch }, LIFETIMES_MS[how]);
};
