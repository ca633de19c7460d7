import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as t from 'io-ts';
import { asApplicant, asClient } from '../auth.js';
import { read, Text } from '../input.js';
import type { Registration, Validation } from '../model.js';
import { takeForced } from '../outcomes.js';
import { Refusal } from '../refusals.js';
import { statusOf, viewRegistration, viewValidation } from '../views.js';
import type { World } from '../world.js';

const OTP_LIFETIME_MS = 10 * 60_000;
const MAX_ATTEMPTS = 3;

type OtpKind = 'email' | 'phone';

const OtpRequest = {
  email: t.type({ project: Text, email: Text, validationMethod: Text, type: Text }),
  phone: t.type({ project: Text, phone: Text, countryCode: Text, validationMethod: Text, type: Text }),
};

const OtpAnswer = {
  email: t.type({ email: Text, otp: Text }),
  phone: t.type({ phone: Text, countryCode: Text, otp: Text }),
};

const sendOtp = (world: World, registration: Registration, kind: OtpKind, code: string): void => {
  const to = kind === 'email' ? registration.email : `${registration.countryCode}${registration.phone}`;
  const { _id: appRegistrationId } = registration;
  world.outbox.push({
    to: to ?? '',
    kind: kind === 'email' ? 'email' : 'sms',
    appRegistrationId,
    otp: code,
    at: world.now(),
  });
};

/** An active validation of the same contact is sent again, not doubled. */
const requestOtp = (world: World, registration: Registration, kind: OtpKind): Validation => {
  const present = registration.validations[kind];
  if (present?.otp !== undefined && statusOf(world, present) === 'sent') {
    sendOtp(world, registration, kind, present.otp.code);
    world.webhooks.send(`${kind}_validation_resend`, viewValidation(world, present));
    return present;
  }
  const validation = world.addValidation(registration, kind, 'sent');
  validation.otp = { code: world.random.digits(6), expiresAt: world.now() + OTP_LIFETIME_MS, attempts: 0 };
  sendOtp(world, registration, kind, validation.otp.code);
  world.webhooks.send(`${kind}_validation_created`, viewValidation(world, validation));
  world.webhooks.send(`${kind}_validation_sent`, viewValidation(world, validation));
  return validation;
};

const wrongOtp = (world: World, validation: Validation, otp: NonNullable<Validation['otp']>): Refusal => {
  otp.attempts += 1;
  if (otp.attempts >= MAX_ATTEMPTS) validation.status = 'failed';
  const suffix = validation.status === 'failed' ? 'failed' : 'otp_incorect';
  world.webhooks.send(`${validation.kind}_validation_${suffix}`, viewValidation(world, validation));
  return new Refusal('otp_does_not_match');
};

const answerOtp = (world: World, registration: Registration, kind: OtpKind, code: string): Validation => {
  const validation = registration.validations[kind];
  if (validation?.otp === undefined) throw new Refusal(`${kind}Validation_not_found`);
  const status = statusOf(world, validation);
  if (status === 'expired') throw new Refusal(`${kind}Validation_has_expired`);
  if (status !== 'sent') return validation;
  if (validation.otp.code !== code) throw wrongOtp(world, validation, validation.otp);
  validation.status = takeForced(registration.outcomes, kind) ?? 'validated';
  world.webhooks.send(`${kind}_validation_${validation.status.toLowerCase()}`, viewValidation(world, validation));
  return validation;
};

const addOtp = (app: FastifyInstance, world: World, kind: OtpKind): void => {
  const create = async (request: FastifyRequest) => {
    const registration = await asApplicant(world, request);
    const body = read<{ readonly email?: string; readonly phone?: string }>(OtpRequest[kind], request.body);
    if ((kind === 'email' ? body.email : body.phone) !== registration[kind]) throw new Refusal('MissingParameter');
    return { data: viewValidation(world, requestOtp(world, registration, kind)) };
  };
  const validate = async (request: FastifyRequest) => {
    const registration = await asApplicant(world, request);
    const { otp } = read<{ readonly otp: string }>(OtpAnswer[kind], request.body);
    return { data: viewValidation(world, answerOtp(world, registration, kind, otp)) };
  };
  app.post(`/v2/${kind}-validations/app-registration`, create);
  app.post(`/v2/${kind}-validations`, create);
  app.put(kind === 'email' ? '/v2/email-validations/:id' : '/v2/phone-validations', validate);
  app.post(`/v2/${kind}-validations/validate`, validate);
};

const DocumentBody = t.union([t.type({ image: Text }), t.type({ backImage: Text })]);
const BiometricBody = t.type({ image: Text, os: t.keyof({ DESKTOP: null, IOS: null, ANDROID: null }) });

const addDocuments = (app: FastifyInstance, world: World): void => {
  app.post('/v2/document-validations/app-registration', async (request) => {
    const registration = await asApplicant(world, request);
    read(DocumentBody, request.body);
    const validation = world.addValidation(registration, 'document', 'ASSESSING');
    const answer = { data: { documentValidation: viewValidation(world, validation) } };
    world.webhooks.send('document_validation_created', viewValidation(world, validation));
    // It is assessed after the answer, and only reading it tells how that went.
    validation.status = takeForced(registration.outcomes, 'document') ?? 'VALIDATED';
    if (validation.status === 'NEEDS_MANUAL_VERIFICATION') {
      registration.status = 'NEEDS_MANUAL_VERIFICATION';
      world.webhooks.send('document_validation_manual_verification_required', viewValidation(world, validation));
    }
    return answer;
  });

  app.get('/v2/document-validations/:id', async (request) => {
    await asClient(world, request);
    const validation = world.validations.get(read(t.type({ id: t.string }), request.params).id);
    if (validation?.kind !== 'document') throw new Refusal('documentValidation_not_found');
    const dateTime = new Date(world.now()).toISOString();
    return { data: viewValidation(world, validation), signature: { dateTime, message: 'Certified by the sandbox' } };
  });
};

const addBiometrics = (app: FastifyInstance, world: World): void => {
  app.post('/v2/biometric-validations/app-registration', async (request) => {
    const registration = await asApplicant(world, request);
    read(BiometricBody, request.body);
    const validation = world.addValidation(registration, 'biometric', 'new');
    world.webhooks.send('biometric_validation_new', viewValidation(world, validation));
    validation.status = takeForced(registration.outcomes, 'biometric') ?? 'validated';
    if (validation.status === 'failed') {
      world.webhooks.send('biometric_validation_liveness_failed', viewValidation(world, validation));
      throw new Refusal('liveness_failed', '@0.45');
    }
    world.webhooks.send(`biometric_validation_${validation.status.toLowerCase()}`, viewValidation(world, validation));
    return { data: viewRegistration(world, registration) };
  });

  app.post('/v2/face-recognition/compare/app-registration', async (request) => {
    const registration = await asApplicant(world, request);
    const { document, biometric } = registration.validations;
    if (document === undefined || biometric === undefined) throw new Refusal('MissingParameter');
    const passed = takeForced(registration.outcomes, 'compare') !== 'failed';
    registration.compare = { passed, score: passed ? 0.97 : 0.41 };
    const compareResult = { passed, score: registration.compare.score, compare_min_score: 0.85 };
    world.webhooks.send('face_verification_compare', { ...viewRegistration(world, registration), compareResult });
    return { data: viewRegistration(world, registration, ['compareFaceVerification']) };
  });
};

/** Email, phone, document and biometric validations, and the comparison of faces. */
export const addValidations = (app: FastifyInstance, world: World): void => {
  addOtp(app, world, 'email');
  addOtp(app, world, 'phone');
  addDocuments(app, world);
  addBiometrics(app, world);
};
