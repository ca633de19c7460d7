import type { FastifyInstance } from 'fastify';
import * as t from 'io-ts';
import { asApplicant } from '../auth.js';
import { read } from '../input.js';
import type { Kind, Registration } from '../model.js';
import { takeForced } from '../outcomes.js';
import { Refusal } from '../refusals.js';
import { statusOf, viewRegistration } from '../views.js';
import type { World } from '../world.js';

/** The steps that can be synced, each with the statuses that may go with it. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  skipKYC: ['COMPLETED_WITHOUT_KYC'],
  instructions: ['ONGOING'],
  signUpForm: ['ONGOING'],
  basicInformation: ['ONGOING'],
  document: ['ONGOING'],
  liveness: ['ONGOING'],
  form: ['ONGOING'],
  end: ['COMPLETED', 'FAILED', 'NEEDS_MANUAL_VERIFICATION'],
};

const PASSED: readonly string[] = ['validated', 'completed', 'VALIDATED', 'ACTIVE'];

const snakeCase = (step: string): string => step.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const isMandatory = ({ email, phone }: Registration, kind: Kind): boolean =>
  (kind !== 'email' || email !== undefined) && (kind !== 'phone' || phone !== undefined);

/** What the vendor makes of the end: it completes only what has nothing left to be done. */
const endStatus = (world: World, registration: Registration, asked: string): string => {
  const forced = takeForced(registration.outcomes, 'registration');
  if (forced !== undefined) return forced;
  if (asked !== 'COMPLETED') return asked;
  const blocked = world.settings.mandatory
    .filter((kind) => isMandatory(registration, kind))
    .some((kind) => {
      const validation = registration.validations[kind];
      return validation === undefined || !PASSED.includes(statusOf(world, validation));
    });
  return blocked || registration.compare?.passed === false ? 'NEEDS_MANUAL_VERIFICATION' : 'COMPLETED';
};

const SyncBody = t.type({ step: t.string, status: t.string });
const OVER: readonly string[] = ['COMPLETED', 'COMPLETED_WITHOUT_KYC', 'FAILED'];

/** `PUT /app-registrations/{id}/sync`: the hosted page reports where the applicant is, and the vendor decides. */
export const addSync = (app: FastifyInstance, world: World): void => {
  app.put('/v2/app-registrations/:id/sync', async (request) => {
    const registration = await asApplicant(world, request);
    if (read(t.type({ id: t.string }), request.params).id !== registration._id) throw new Refusal('access_denied');
    const { step, status } = read(SyncBody, request.body);
    const allowed = STEPS[step];
    if (allowed === undefined) throw new Refusal('step_not_supported');
    if (!allowed.includes(status)) throw new Refusal('MissingParameter');
    if (!OVER.includes(registration.status)) {
      registration.status = step === 'end' ? endStatus(world, registration, status) : status;
      registration.currentStep = step;
      registration.updatedAt = world.now();
      const view = viewRegistration(world, registration);
      world.webhooks.send(`app_registration_sync_${snakeCase(step)}`, view);
      world.webhooks.send(`app_registration_${registration.status.toLowerCase()}`, view);
    }
    const { fullName = '' } = registration;
    const [firstName = '', ...lastNames] = fullName.split(' ');
    const token = request.headers.authorization?.split(' ')[1];
    return {
      data: {
        token,
        firstName,
        lastName: lastNames.join(' '),
        fullName,
        step: registration.currentStep,
        steps: {
          signUpForm: 'mandatory',
          basicInformation: 'optional',
          document: 'mandatory',
          liveness: 'mandatory',
          form: 'skip',
        },
        appRegistrationId: registration._id,
        status: registration.status,
      },
    };
  });
};
