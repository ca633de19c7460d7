import type { FastifyInstance } from 'fastify';
import * as t from 'io-ts';
import { requireApplicant, requireClientOrOwner } from '../auth.js';
import { oneOf } from '../decoding.js';
import { Base64, DataUri, IdParams, read } from '../input.js';
import type { Registration, Validation } from '../model.js';
import { takeForced } from '../outcomes.js';
import { Refusal } from '../refusals.js';
import type { SandboxState } from '../state.js';
import { viewCompareResult, viewEvent, viewRegistration, viewValidation } from '../views.js';
import { isClosed, isPassed } from '../words.js';

const Forcible = t.partial({ force: t.boolean });
const DocumentBody = t.intersection([
  t.union([t.type({ image: Base64 }), t.type({ backImage: Base64 })], 'an image or a backImage in base64'),
  Forcible,
]);
const BiometricBody = t.intersection([t.type({ image: DataUri, os: oneOf('DESKTOP', 'IOS', 'ANDROID') }), Forcible]);

/** Sets the result after the response is formatted, as Verifik assesses documents asynchronously. */
const assess = (state: SandboxState, registration: Registration, validation: Validation): void => {
  validation.status = takeForced(registration.outcomes, 'document') ?? state.word('documentPassed');
  const event = viewEvent(state, validation);
  state.webhooks.send('document_validation_source_lookup', event);
  if (validation.status === 'NOT_FOUND') state.webhooks.send('document_validation_data_source_error', event);
  if (validation.status !== 'NEEDS_MANUAL_VERIFICATION' || isClosed(registration.status)) return;
  registration.status = 'NEEDS_MANUAL_VERIFICATION';
  state.webhooks.send('document_validation_manual_verification_required', event);
  state.webhooks.send('app_registration_needs_manual_verification', viewRegistration(state, registration));
};

const addDocuments = (app: FastifyInstance, state: SandboxState): void => {
  app.post('/document-validations/app-registration', async (request) => {
    const registration = await requireApplicant(state, request);
    const { force = false } = read(DocumentBody, request.body);
    if (!force && isPassed(registration.validations.document?.status ?? '')) throw new Refusal('already_exists');
    const validation = state.addValidation(registration, 'document', state.word('documentAssessing'));
    const answer = { data: { documentValidation: viewValidation(state, validation) } };
    state.webhooks.send('document_validation_created', viewEvent(state, validation));
    assess(state, registration, validation);
    return answer;
  });

  app.get('/document-validations/:id', async (request) => {
    const validation = state.findValidation(read(IdParams, request.params).id);
    await requireClientOrOwner(state, request, validation?.appRegistrationId ?? '');
    if (validation?.kind !== 'document') throw new Refusal('documentValidation_not_found');
    const dateTime = new Date(state.now()).toISOString();
    return { data: viewValidation(state, validation), signature: { dateTime, message: 'Certified by the sandbox' } };
  });
};

/** Verifik refuses a selfie without a living face, but records it as a failed validation. */
const refuseFace = (state: SandboxState, validation: Validation): Refusal => {
  const event = viewEvent(state, validation);
  state.webhooks.send('biometrics_liveness_score_not_acceptable', event);
  state.webhooks.send('biometric_validation_liveness_failed', event);
  state.webhooks.send('biometric_validation_failed', event);
  return new Refusal('liveness_failed', { suffix: '@0.45' });
};

const addBiometrics = (app: FastifyInstance, state: SandboxState): void => {
  app.post('/biometric-validations/app-registration', async (request) => {
    const registration = await requireApplicant(state, request);
    const { force = false } = read(BiometricBody, request.body);
    if (!force && isPassed(registration.validations.biometric?.status ?? '')) {
      state.webhooks.send('app_registration_person_already_set', viewRegistration(state, registration));
      throw new Refusal('person_already_set');
    }
    const validation = state.addValidation(registration, 'biometric', 'new');
    state.webhooks.send('biometric_validation_new', viewEvent(state, validation));
    validation.status = takeForced(registration.outcomes, 'biometric') ?? state.word('biometricPassed');
    if (validation.status === 'failed') throw refuseFace(state, validation);
    if (isPassed(validation.status)) {
      state.webhooks.send('biometric_validation_validated', viewEvent(state, validation));
      state.webhooks.send('biometric_validation_created_person', viewEvent(state, validation));
    }
    return { data: viewRegistration(state, registration) };
  });
};

const addComparison = (app: FastifyInstance, state: SandboxState): void => {
  app.post('/face-recognition/compare/app-registration', async (request) => {
    const registration = await requireApplicant(state, request);
    const { document, biometric } = registration.validations;
    if (document === undefined || biometric === undefined) {
      const missing = document === undefined ? 'documentValidation' : 'biometricValidation';
      throw new Refusal('MissingParameter', { detail: `${missing}: expected one before the faces are compared` });
    }
    const passed = (takeForced(registration.outcomes, 'compare') ?? 'passed') === 'passed';
    registration.compare = { _id: state.random.id(), passed, score: passed ? 0.97 : 0.41, at: state.now() };
    const compareResult = viewCompareResult(registration);
    state.webhooks.send('face_verification_compare', { ...viewRegistration(state, registration), compareResult });
    return { data: viewRegistration(state, registration, ['compareFaceVerification']) };
  });
};

export const addIdentityValidations = (app: FastifyInstance, state: SandboxState): void => {
  addDocuments(app, state);
  addBiometrics(app, state);
  addComparison(app, state);
};
