import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as t from 'io-ts';
import { viewSteps } from '../answers/flow-views.js';
import { Refusal } from '../answers/refusals.js';
import { viewNames, viewRegistrationEvent } from '../answers/views.js';
import { asSynced, isClosed, isPassed, isUnderReview } from '../answers/words.js';
import { issueLogin, requireApplicant, requireClient, stepOf } from '../auth.js';
import { oneOf } from '../decoding.js';
import { IdParams, read } from '../input.js';
import type { Registration } from '../model.js';
import { hasPassedComparison } from '../rules/comparisons.js';
import { requiredChecks } from '../rules/flow.js';
import { takeForced } from '../rules/outcomes.js';
import { announceStatus, moveTo, override } from '../rules/overrides.js';
import type { SandboxState } from '../state.js';
import { findOrRefuse } from './registrations.js';

const STEPS: ReadonlyMap<string, readonly string[]> = new Map([
  ['skipKYC', ['COMPLETED_WITHOUT_KYC']],
  ['instructions', ['ONGOING']],
  ['signUpForm', ['ONGOING']],
  ['basicInformation', ['ONGOING']],
  ['document', ['ONGOING']],
  ['liveness', ['ONGOING']],
  ['form', ['ONGOING']],
  ['end', ['COMPLETED', 'FAILED', 'NEEDS_MANUAL_VERIFICATION', 'ONGOING', 'COMPLETED_WITHOUT_KYC']],
]);

const snakeCase = (step: string): string =>
  step.replace(/([a-z])([A-Z]+)/g, (_all, before: string, upper: string) => `${before}_${upper}`).toLowerCase();

const isContactCheck = (kind: string): boolean => kind === 'email' || kind === 'phone';

/** True if a required check has not passed. With `onlyContacts`, of email and phone. */
const hasOpenCheck = (state: SandboxState, registration: Registration, onlyContacts: boolean): boolean =>
  requiredChecks(state.settings, registration)
    .filter((kind) => !onlyContacts || isContactCheck(kind))
    .some((kind) => !isPassed(registration.validations[kind]?.status ?? ''));

/** True if document and selfie exist, and no comparison has found the same person in both. */
const lacksComparison = (registration: Registration): boolean => {
  const { document, biometric } = registration.validations;
  return document !== undefined && biometric !== undefined && !hasPassedComparison(registration);
};

/** Decides the status at the end. A registration that has not passed all that its flow requires goes to a review. */
const endStatus = (state: SandboxState, registration: Registration, requested: string): string => {
  const forced = takeForced(registration.outcomes, 'registration');
  if (forced !== undefined) return forced;
  if (requested === 'FAILED' || requested === 'NEEDS_MANUAL_VERIFICATION') return requested;
  const withoutKyc = requested === 'COMPLETED_WITHOUT_KYC';
  const isBlocked = hasOpenCheck(state, registration, withoutKyc) || (!withoutKyc && lacksComparison(registration));
  if (isBlocked) return 'NEEDS_MANUAL_VERIFICATION';
  return withoutKyc ? requested : state.word('completed');
};

const nextStatus = (state: SandboxState, registration: Registration, step: string, requested: string): string => {
  if (step === 'end') return endStatus(state, registration, requested);
  // A step does not end a review.
  return step !== 'skipKYC' && isUnderReview(registration.status) ? registration.status : requested;
};

const move = (state: SandboxState, registration: Registration, step: string, requested: string): void => {
  if (step === 'signUpForm' && hasOpenCheck(state, registration, true))
    throw new Refusal('signUpForm_validation_not_passed');
  const { _id } = registration;
  moveTo(state, registration, nextStatus(state, registration, step, requested));
  registration.currentStep = step;
  const event = viewRegistrationEvent(state, registration);
  state.webhooks.send(`app_registration_sync_${snakeCase(step)}`, event, _id);
  announceStatus(state, registration);
  if (step === 'basicInformation') {
    const information = { _id: registration.informationValidationId, appRegistration: _id };
    state.webhooks.send('information_validation_updated', { ...information, ...viewNames(registration) }, _id);
  }
};

const SyncBody = t.type({ step: t.string, status: t.string });
const OverrideBody = t.intersection([
  t.type({ status: oneOf('COMPLETED', 'COMPLETED_WITHOUT_KYC', 'FAILED') }),
  t.partial({ note: t.string }),
]);

const viewSynced = (state: SandboxState, registration: Registration, token: string | undefined, status: string) => ({
  data: {
    token,
    ...viewNames(registration),
    step: stepOf(registration),
    steps: viewSteps(state),
    appRegistrationId: registration._id,
    status,
  },
});

const overrideAsClient = async (state: SandboxState, request: FastifyRequest, id: string) => {
  await requireClient(state, request);
  if (state.settings.adminOverride === 'refused') throw new Refusal('access_denied');
  const registration = findOrRefuse(state, id);
  const { status, note } = read(OverrideBody, request.body);
  override(state, registration, { status, note, by: 'client' });
  return viewSynced(state, registration, registration.token, status);
};

const readStep = (body: unknown): t.TypeOf<typeof SyncBody> => {
  const { step, status } = read(SyncBody, body);
  const allowed = STEPS.get(step);
  if (allowed === undefined) throw new Refusal('step_not_supported');
  if (!allowed.includes(status))
    throw new Refusal('MissingParameter', { detail: `status: expected ${allowed.join(' or ')} with step ${step}` });
  return { step, status };
};

/**
 * Adds `PUT /app-registrations/{id}/sync`, by which the hosted page reports steps. At the end, Verifik decides. With a
 * client token, the step `adminOverride` sets the status.
 */
export const addSync = (app: FastifyInstance, state: SandboxState): void => {
  app.put('/app-registrations/:id/sync', async (request) => {
    const { id } = read(IdParams, request.params);
    if (t.type({ step: t.literal('adminOverride') }).is(request.body)) return overrideAsClient(state, request, id);
    const registration = await requireApplicant(state, request);
    if (id !== registration._id) throw new Refusal('access_denied');
    const { step, status } = readStep(request.body);
    if (!isClosed(registration.status)) move(state, registration, step, status);
    const isOver = step === 'end' || step === 'skipKYC';
    const token = isOver ? await issueLogin(state, registration) : request.headers.authorization?.split(' ')[1];
    const isSkipped = step === 'skipKYC' && state.settings.skipKycAnswer === 'ongoing';
    return viewSynced(state, registration, token, isSkipped ? 'ONGOING' : asSynced(registration.status));
  });
};
