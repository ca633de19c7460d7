import type { FastifyInstance } from 'fastify';
import * as t from 'io-ts';
import { asApplicant } from '../auth.js';
import { IdParams, read } from '../input.js';
import type { Kind, Registration } from '../model.js';
import { takeForced } from '../outcomes.js';
import { Refusal } from '../refusals.js';
import { viewNames, viewRegistration, viewSteps } from '../views.js';
import { asSynced, isOver, isPassed, isUnderReview } from '../words.js';
import type { World } from '../world.js';

/** The steps that can be synced, each with the statuses that may go with it. */
const STEPS: ReadonlyMap<string, readonly string[]> = new Map([
  ['skipKYC', ['COMPLETED_WITHOUT_KYC']],
  ['instructions', ['ONGOING']],
  ['signUpForm', ['ONGOING']],
  ['basicInformation', ['ONGOING']],
  ['document', ['ONGOING']],
  ['liveness', ['ONGOING']],
  ['form', ['ONGOING']],
  ['end', ['COMPLETED', 'FAILED', 'NEEDS_MANUAL_VERIFICATION']],
]);

const snakeCase = (step: string): string =>
  step.replace(/([a-z])([A-Z]+)/g, (_all, before: string, upper: string) => `${before}_${upper}`).toLowerCase();

const isAsked = ({ email, phone }: Registration, kind: Kind): boolean =>
  (kind !== 'email' || email !== undefined) && (kind !== 'phone' || phone !== undefined);

/** What the vendor makes of the end: it completes only what has nothing left to be done. */
const endStatus = (world: World, registration: Registration, asked: string): string => {
  const forced = takeForced(registration.outcomes, 'registration');
  if (forced !== undefined) return forced;
  if (asked !== 'COMPLETED') return asked;
  const blocked = world.settings.mandatory
    .filter((kind) => isAsked(registration, kind))
    .some((kind) => !isPassed(registration.validations[kind]?.status ?? ''));
  if (blocked || registration.compare?.passed === false) return 'NEEDS_MANUAL_VERIFICATION';
  return world.word('completed');
};

const nextStatus = (world: World, registration: Registration, step: string, asked: string): string => {
  if (step === 'end') return endStatus(world, registration, asked);
  // What people have to look at, no step in between takes away from them.
  return step !== 'skipKYC' && isUnderReview(registration.status) ? registration.status : asked;
};

const move = (world: World, registration: Registration, step: string, asked: string): void => {
  registration.status = nextStatus(world, registration, step, asked);
  registration.currentStep = step;
  registration.updatedAt = world.now();
  const view = viewRegistration(world, registration);
  world.webhooks.send(`app_registration_sync_${snakeCase(step)}`, view);
  world.webhooks.send(`app_registration_${registration.status.toLowerCase()}`, view);
  if (step === 'basicInformation')
    world.webhooks.send('information_validation_updated', {
      _id: registration.informationValidationId,
      appRegistration: registration._id,
      ...viewNames(registration),
    });
};

const SyncBody = t.type({ step: t.string, status: t.string });

/** `PUT /app-registrations/{id}/sync`: the hosted page reports where the applicant is, and the vendor decides. */
export const addSync = (app: FastifyInstance, world: World): void => {
  app.put('/app-registrations/:id/sync', async (request) => {
    const registration = await asApplicant(world, request);
    if (read(IdParams, request.params).id !== registration._id) throw new Refusal('access_denied');
    const { step, status } = read(SyncBody, request.body);
    const allowed = STEPS.get(step);
    if (allowed === undefined) throw new Refusal('step_not_supported');
    if (!allowed.includes(status))
      throw new Refusal('MissingParameter', { detail: `status: expected ${allowed.join(' or ')} with step ${step}` });
    if (!isOver(registration.status)) move(world, registration, step, status);
    return {
      data: {
        token: request.headers.authorization?.split(' ')[1],
        ...viewNames(registration),
        step: registration.currentStep,
        steps: viewSteps(world),
        appRegistrationId: registration._id,
        status: asSynced(registration.status),
      },
    };
  });
};
