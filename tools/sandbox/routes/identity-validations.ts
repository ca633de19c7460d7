import type { FastifyInstance } from 'fastify';
import * as t from 'io-ts';
import { asApplicant, asClientOrOwner } from '../auth.js';
import { oneOf } from '../decoding.js';
import { Base64, DataUri, IdParams, read } from '../input.js';
import type { Registration, Validation } from '../model.js';
import { takeForced } from '../outcomes.js';
import { Refusal } from '../refusals.js';
import { viewCompareResult, viewEvent, viewRegistration, viewValidation } from '../views.js';
import { isOver, isPassed } from '../words.js';
import type { World } from '../world.js';

const Forcible = t.partial({ force: t.boolean });
const DocumentBody = t.intersection([
  t.union([t.type({ image: Base64 }), t.type({ backImage: Base64 })], 'an image or a backImage in base64'),
  Forcible,
]);
const BiometricBody = t.intersection([t.type({ image: DataUri, os: oneOf('DESKTOP', 'IOS', 'ANDROID') }), Forcible]);

/** It is assessed after the answer, and only reading it tells how that went. */
const assess = (world: World, registration: Registration, validation: Validation): void => {
  validation.status = takeForced(registration.outcomes, 'document') ?? world.word('documentPassed');
  const event = viewEvent(world, validation);
  world.webhooks.send('document_validation_source_lookup', event);
  if (validation.status === 'NOT_FOUND') world.webhooks.send('document_validation_data_source_error', event);
  if (validation.status !== 'NEEDS_MANUAL_VERIFICATION' || isOver(registration.status)) return;
  registration.status = 'NEEDS_MANUAL_VERIFICATION';
  world.webhooks.send('document_validation_manual_verification_required', event);
  world.webhooks.send('app_registration_needs_manual_verification', viewRegistration(world, registration));
};

const addDocuments = (app: FastifyInstance, world: World): void => {
  app.post('/document-validations/app-registration', async (request) => {
    const registration = await asApplicant(world, request);
    const { force = false } = read(DocumentBody, request.body);
    if (!force && isPassed(registration.validations.document?.status ?? '')) throw new Refusal('already_exists');
    const validation = world.addValidation(registration, 'document', world.word('documentAssessing'));
    const answer = { data: { documentValidation: viewValidation(world, validation) } };
    world.webhooks.send('document_validation_created', viewEvent(world, validation));
    assess(world, registration, validation);
    return answer;
  });

  app.get('/document-validations/:id', async (request) => {
    const validation = world.findValidation(read(IdParams, request.params).id);
    await asClientOrOwner(world, request, validation?.appRegistrationId ?? '');
    if (validation?.kind !== 'document') throw new Refusal('documentValidation_not_found');
    const dateTime = new Date(world.now()).toISOString();
    return { data: viewValidation(world, validation), signature: { dateTime, message: 'Certified by the sandbox' } };
  });
};

/** A face that is no living one is refused, and is a validation that failed all the same. */
const refuseFace = (world: World, validation: Validation): Refusal => {
  const event = viewEvent(world, validation);
  world.webhooks.send('biometrics_liveness_score_not_acceptable', event);
  world.webhooks.send('biometric_validation_liveness_failed', event);
  world.webhooks.send('biometric_validation_failed', event);
  return new Refusal('liveness_failed', { suffix: '@0.45' });
};

const addBiometrics = (app: FastifyInstance, world: World): void => {
  app.post('/biometric-validations/app-registration', async (request) => {
    const registration = await asApplicant(world, request);
    const { force = false } = read(BiometricBody, request.body);
    if (!force && isPassed(registration.validations.biometric?.status ?? '')) {
      world.webhooks.send('app_registration_person_already_set', viewRegistration(world, registration));
      throw new Refusal('person_already_set');
    }
    const validation = world.addValidation(registration, 'biometric', 'new');
    world.webhooks.send('biometric_validation_new', viewEvent(world, validation));
    validation.status = takeForced(registration.outcomes, 'biometric') ?? world.word('biometricPassed');
    if (validation.status === 'failed') throw refuseFace(world, validation);
    if (isPassed(validation.status)) {
      world.webhooks.send('biometric_validation_validated', viewEvent(world, validation));
      world.webhooks.send('biometric_validation_created_person', viewEvent(world, validation));
    }
    return { data: viewRegistration(world, registration) };
  });
};

const addComparison = (app: FastifyInstance, world: World): void => {
  app.post('/face-recognition/compare/app-registration', async (request) => {
    const registration = await asApplicant(world, request);
    const { document, biometric } = registration.validations;
    if (document === undefined || biometric === undefined) {
      const missing = document === undefined ? 'documentValidation' : 'biometricValidation';
      throw new Refusal('MissingParameter', { detail: `${missing}: expected one before the faces are compared` });
    }
    const passed = (takeForced(registration.outcomes, 'compare') ?? 'passed') === 'passed';
    registration.compare = { _id: world.random.id(), passed, score: passed ? 0.97 : 0.41, at: world.now() };
    const compareResult = viewCompareResult(registration);
    world.webhooks.send('face_verification_compare', { ...viewRegistration(world, registration), compareResult });
    return { data: viewRegistration(world, registration, ['compareFaceVerification']) };
  });
};

/** Document and biometric validations, and the comparison of faces. */
export const addIdentityValidations = (app: FastifyInstance, world: World): void => {
  addDocuments(app, world);
  addBiometrics(app, world);
  addComparison(app, world);
};
