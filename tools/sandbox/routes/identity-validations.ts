import type { FastifyInstance } from 'fastify';
import * as t from 'io-ts';
import { Refusal } from '../answers/refusals.js';
import { viewEvent, viewValidation } from '../answers/validation-views.js';
import { viewRegistration, viewRegistrationEvent } from '../answers/views.js';
import { isClosed, isPassed } from '../answers/words.js';
import { requireApplicant, requireClientOrOwner } from '../auth.js';
import { oneOf } from '../decoding.js';
import { Base64, IdParams, queryValues, read } from '../input.js';
import type { Registration, Validation } from '../model.js';
import { applyResult, checkAttempt, recordFailure, takeResult } from '../rules/attempts.js';
import { compareFaces } from '../rules/comparisons.js';
import { offersCheck } from '../rules/flow.js';
import type { SandboxState } from '../state.js';

const Forcible = t.partial({ force: t.boolean });
const DocumentBody = t.intersection([
  t.union([t.type({ image: Base64 }), t.type({ backImage: Base64 })], 'an image or a backImage in base64'),
  Forcible,
]);
const BiometricBody = t.intersection([t.type({ image: Base64, os: oneOf('DESKTOP', 'IOS', 'ANDROID') }), Forcible]);

const announce = (state: SandboxState, validation: Validation, ...suffixes: readonly string[]): void => {
  const event = viewEvent(state, validation);
  for (const suffix of suffixes) state.webhooks.send(suffix, event, validation.appRegistrationId);
};

/** Reports the result of a document, and moves the registration to a review if the document needs one. */
const reportDocument = (state: SandboxState, registration: Registration, validation: Validation): void => {
  announce(state, validation, 'document_validation_source_lookup');
  if (validation.status === 'NOT_FOUND') {
    const error = { error: 'Not Found', statusCode: 404, message: 'The data source does not know the document' };
    const event = { ...viewEvent(state, validation), ...error };
    state.webhooks.send('document_validation_data_source_error', event, registration._id);
  }
  if (validation.status !== 'NEEDS_MANUAL_VERIFICATION' || isClosed(registration.status)) return;
  registration.status = 'NEEDS_MANUAL_VERIFICATION';
  announce(state, validation, 'document_validation_manual_verification_required');
  const event = viewRegistrationEvent(state, registration);
  state.webhooks.send('app_registration_needs_manual_verification', event, registration._id);
};

const addDocuments = (app: FastifyInstance, state: SandboxState): void => {
  app.post('/document-validations/app-registration', async (request) => {
    const registration = await requireApplicant(state, request);
    const { force = false } = read(DocumentBody, request.body);
    if (!offersCheck(state.settings, 'document')) throw new Refusal('document_settings_not_set');
    checkAttempt(state, registration, 'document', force);
    const previous = registration.validations.document;
    const validation = state.addValidation(registration, 'document', state.word('documentAssessing'));
    const answer = { data: { documentValidation: viewValidation(state, validation) } };
    announce(state, validation, 'document_validation_created');
    const result = takeResult(state, registration, 'document');
    // The result comes after the response, as Verifik assesses documents asynchronously.
    applyResult(state, validation, result);
    recordFailure(state, registration, validation, previous);
    reportDocument(state, registration, validation);
    if (result.refusal !== undefined) throw new Refusal(result.refusal);
    return answer;
  });

  app.get('/document-validations/:id', async (request) => {
    const validation = state.findValidation(read(IdParams, request.params).id);
    await requireClientOrOwner(state, request, validation?.appRegistrationId ?? '');
    if (validation?.kind !== 'document') throw new Refusal('documentValidation_not_found');
    const registration = state.registrations.peek(validation.appRegistrationId);
    const populates = queryValues(request.query, 'populates[]');
    const full = registration && { ...viewRegistration(state, registration, ['projectFlow']) };
    const populated = {
      ...(populates.includes('appRegistration') ? { appRegistration: full } : {}),
      ...(populates.includes('projectFlow') ? { projectFlow: full?.['projectFlow'] } : {}),
    };
    return {
      data: { ...viewValidation(state, validation), ...populated },
      signature: signatureAt(state.now()),
    };
  });
};

/** The signature in responses about documents and persons. */
export const signatureAt = (at: number) => ({
  dateTime: new Date(at).toISOString(),
  message: 'Certified by the sandbox',
});

const addBiometrics = (app: FastifyInstance, state: SandboxState): void => {
  app.post('/biometric-validations/app-registration', async (request) => {
    const registration = await requireApplicant(state, request);
    const { force = false } = read(BiometricBody, request.body);
    if (!offersCheck(state.settings, 'biometric')) throw new Refusal('collection_not_set');
    const previous = registration.validations.biometric;
    if (!force && isPassed(previous?.status ?? '')) {
      const error = { error: 'Conflict', statusCode: 409, message: '409:person_already_set' };
      const event = { ...viewRegistrationEvent(state, registration), ...error };
      state.webhooks.send('app_registration_person_already_set', event, registration._id);
    }
    checkAttempt(state, registration, 'biometric', force);
    const validation = state.addValidation(registration, 'biometric', 'new');
    announce(state, validation, 'biometric_validation_new');
    const { refusal, ...result } = takeResult(state, registration, 'biometric');
    const hasFailed = result.status === 'failed';
    applyResult(state, validation, hasFailed ? { recordedReason: 'liveness_failed', ...result } : result);
    recordFailure(state, registration, validation, previous);
    if (hasFailed) throw refuseFace(state, validation, refusal);
    if (isPassed(validation.status))
      announce(state, validation, 'biometric_validation_validated', 'biometric_validation_created_person');
    const populates = state.settings.selfieAnswer === 'populated' ? ['biometricValidation'] : [];
    const data = viewRegistration(state, registration, populates);
    return { data: { ...data, assignedCollection: 'collection_of_the_sandbox' } };
  });
};

/** Verifik refuses a selfie without a living face, or of bad quality, but records it as a failed validation. */
const refuseFace = (
  state: SandboxState,
  validation: Validation,
  reason: Refusal['code'] = 'liveness_failed',
): Refusal => {
  if (reason !== 'liveness_failed') {
    announce(state, validation, 'biometric_validation_failed');
    return new Refusal(reason);
  }
  announce(
    state,
    validation,
    'biometrics_liveness_score_not_acceptable',
    'biometric_validation_liveness_failed',
    'biometric_validation_failed',
  );
  return new Refusal(reason, { suffix: '@0.45' });
};

const addComparison = (app: FastifyInstance, state: SandboxState): void => {
  app.post('/face-recognition/compare/app-registration', async (request) => {
    const registration = await requireApplicant(state, request);
    await compareFaces(state, registration);
    return { data: viewRegistration(state, registration, ['compareFaceVerification']) };
  });
};

export const addIdentityValidations = (app: FastifyInstance, state: SandboxState): void => {
  addDocuments(app, state);
  addBiometrics(app, state);
  addComparison(app, state);
};
