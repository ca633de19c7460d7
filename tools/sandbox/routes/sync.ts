import type { FastifyInstance } from 'fastify';
import * as t from 'io-ts';
import { requireApplicant } from '../auth.js';
import { hasContactFor } from '../contacts.js';
import { IdParams, read } from '../input.js';
import type { Registration } from '../model.js';
import { takeForced } from '../outcomes.js';
import { Refusal } from '../refusals.js';
import type { SandboxState } from '../state.js';
import { viewNames, viewRegistration, viewSteps } from '../views.js';
import { asSynced, isClosed, isPassed, isUnderReview } from '../words.js';

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

/** Decides the status at the end. A registration with open mandatory checks or different faces goes to a review. */
const endStatus = (state: SandboxState, registration: Registration, requested: string): string => {
  const forced = takeForced(registration.outcomes, 'registration');
  if (forced !== undefined) return forced;
  if (requested !== 'COMPLETED') return requested;
  const blocked = state.settings.mandatory
    .filter((kind) => hasContactFor(registration, kind))
    .some((kind) => !isPassed(registration.validations[kind]?.status ?? ''));
  if (blocked || registration.compare?.passed === false) return 'NEEDS_MANUAL_VERIFICATION';
  return state.word('completed');
};

const nextStatus = (state: SandboxState, registration: Registration, step: string, requested: string): string => {
  if (step === 'end') return endStatus(state, registration, requested);
  // A step does not end a review.
  return step !== 'skipKYC' && isUnderReview(registration.status) ? registration.status : requested;
};

const move = (state: SandboxState, registration: Registration, step: string, requested: string): void => {
  registration.status = nextStatus(state, registration, step, requested);
  registration.currentStep = step;
  registration.updatedAt = state.now();
  const view = viewRegistration(state, registration);
  state.webhooks.send(`app_registration_sync_${snakeCase(step)}`, view);
  state.webhooks.send(`app_registration_${registration.status.toLowerCase()}`, view);
  if (step === 'basicInformation')
    state.webhooks.send('information_validation_updated', {
      _id: registration.informationValidationId,
      appRegistration: registration._id,
      ...viewNames(registration),
    });
};

const SyncBody = t.type({ step: t.string, status: t.string });

/** Adds `PUT /app-registrations/{id}/sync`, by which the hosted page reports steps. At the end, Verifik decides. */
export const addSync = (app: FastifyInstance, state: SandboxState): void => {
  app.put('/app-registrations/:id/sync', async (request) => {
    const registration = await requireApplicant(state, request);
    if (read(IdParams, request.params).id !== registration._id) throw new Refusal('access_denied');
    const { step, status } = read(SyncBody, request.body);
    const allowed = STEPS.get(step);
    if (allowed === undefined) throw new Refusal('step_not_supported');
    if (!allowed.includes(status))
      throw new Refusal('MissingParameter', { detail: `status: expected ${allowed.join(' or ')} with step ${step}` });
    if (!isClosed(registration.status)) move(state, registration, step, status);
    return {
      data: {
        token: request.headers.authorization?.split(' ')[1],
        ...viewNames(registration),
        step: registration.currentStep,
        steps: viewSteps(state),
        appRegistrationId: registration._id,
        status: asSynced(registration.status),
      },
    };
  });
};
