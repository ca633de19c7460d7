import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { WEBHOOKS } from '../../verifik/webhook-types.js';
import { readWebhook } from '../../verifik/webhooks.js';

const ID = '65f0a1b2c3d4e5f601234501';
const REGISTRATION = '65f0a1b2c3d4e5f601234500';
const [PROJECT, FLOW] = ['65f0a1b2c3d4e5f601234567', '65f0a1b2c3d4e5f601234568'];

const read = (suffix: string, object: unknown, prefix = 'onboarding_') =>
  readWebhook({ type: `${prefix}${suffix}`, object });

const right = (suffix: string, object: unknown) => {
  const reading = read(suffix, object);
  if (E.isLeft(reading)) throw new Error(JSON.stringify(reading.left));
  return reading.right;
};

const registrationReport = (status: string) => ({
  kind: 'report',
  report: { about: 'appRegistration', status, appRegistrationId: ID },
  routes: [{ by: 'registration', appRegistrationId: ID }],
});

const checkReport = (about: string, status: string) => ({
  kind: 'report',
  report: { about, status, validationId: ID },
  routes: [{ by: 'validation', validationId: ID }],
});

const NOTHING = { kind: 'nothing' };

/** The expected results of every documented suffix for `{_id, status: FAILED, compareResult: {passed: false}}`. */
const EXPECTED = {
  app_registration_created: NOTHING,
  app_registration_sync_skip_kyc: NOTHING,
  app_registration_sync_instructions: NOTHING,
  app_registration_sync_sign_up_form: NOTHING,
  app_registration_sync_basic_information: NOTHING,
  app_registration_sync_document: NOTHING,
  app_registration_sync_liveness: NOTHING,
  app_registration_sync_form: NOTHING,
  app_registration_sync_end: NOTHING,
  app_registration_ongoing: registrationReport('ONGOING'),
  app_registration_completed: registrationReport('COMPLETED'),
  app_registration_completed_without_kyc: registrationReport('COMPLETED_WITHOUT_KYC'),
  app_registration_failed: registrationReport('FAILED'),
  app_registration_expired: registrationReport('EXPIRED'),
  app_registration_started: registrationReport('STARTED'),
  app_registration_needs_manual_verification: registrationReport('NEEDS_MANUAL_VERIFICATION'),
  app_registration_person_already_set: NOTHING,
  email_validation_created: NOTHING,
  email_validation_sent: NOTHING,
  email_validation_resend: NOTHING,
  email_validation_validated: checkReport('email', 'validated'),
  email_validation_failed: checkReport('email', 'failed'),
  email_validation_expired: checkReport('email', 'expired'),
  email_validation_otp_incorect: NOTHING,
  phone_validation_created: NOTHING,
  phone_validation_sent: NOTHING,
  phone_validation_resend: NOTHING,
  phone_validation_validated: checkReport('phone', 'validated'),
  phone_validation_failed: checkReport('phone', 'failed'),
  phone_validation_expired: checkReport('phone', 'expired'),
  phone_validation_otp_incorect: NOTHING,
  document_validation_created: checkReport('document', 'FAILED'),
  document_validation_source_lookup: checkReport('document', 'FAILED'),
  document_validation_data_source_error: checkReport('document', 'FAILED'),
  document_validation_manual_verification_required: checkReport('document', 'NEEDS_MANUAL_VERIFICATION'),
  biometric_validation_new: NOTHING,
  biometric_validation_validated: checkReport('biometric', 'validated'),
  biometric_validation_failed: checkReport('biometric', 'failed'),
  biometric_validation_created_person: NOTHING,
  biometric_validation_liveness_failed: checkReport('biometric', 'failed'),
  biometrics_liveness_score_not_acceptable: checkReport('biometric', 'failed'),
  face_verification_compare: registrationReport('NEEDS_MANUAL_VERIFICATION'),
  information_validation_background_check: NOTHING,
  information_validation_updated: NOTHING,
};

describe('a webhook', () => {
  it.each(Object.entries(EXPECTED))('%s is decoded according to its meaning', (suffix, expected) => {
    const object = { _id: ID, status: 'FAILED', compareResult: { passed: false, score: 0.41 } };
    expect(right(suffix, object)).toMatchObject({ suffix, ...expected });
  });

  it('no other suffix is known', () => {
    expect(Object.keys(WEBHOOKS).sort()).toEqual(Object.keys(EXPECTED).sort());
    for (const suffix of ['app_registration_teleported', 'validated', '', 'toString', 'app_registration_completed_'])
      expect(right(suffix, { _id: ID })).toEqual({ kind: 'unknown' });
  });

  it('a suffix is recognised after any flow type', () => {
    for (const prefix of ['', '_', 'kyc_', 'sign_up_v2_', 'email_validation_sent_'])
      expect(read('app_registration_completed_without_kyc', { _id: ID }, prefix)).toMatchObject({
        right: { suffix: 'app_registration_completed_without_kyc' },
      });
  });

  it('a document webhook without a status, or during the assessment, has no report', () => {
    for (const status of ['ASSESSING', 'new', 'pending', undefined, null])
      expect(right('document_validation_source_lookup', { _id: ID, status })).toMatchObject(NOTHING);
    expect(right('document_validation_created', { _id: ID, status: 'BEATIFIED' })).toMatchObject({
      report: { status: 'BEATIFIED' },
    });
  });

  it('a webhook about a face comparison reports it, wherever its result is', () => {
    const compare = (compareResult: unknown) => right('face_verification_compare', { _id: ID, compareResult });
    expect(compare({ passed: true })).toMatchObject({ report: { about: 'biometric', status: 'validated' } });
    expect(compare({ result: { score: 76, compare_min_score: 0.65 } })).toMatchObject({
      report: { about: 'biometric' },
    });
    expect(compare({ result: { passed: true, score: 0.41 } })).toMatchObject({ report: { about: 'appRegistration' } });
    expect(compare({ result: { passed: false } })).toMatchObject({ report: { about: 'appRegistration' } });
    expect(compare(undefined)).toMatchObject(NOTHING);
  });
});

describe('the routes of a webhook', () => {
  const flow = { project: PROJECT, projectFlow: { _id: FLOW, name: 'populated' } };

  it('the first route is the registration, by its id or populated', () => {
    for (const appRegistration of [REGISTRATION, { _id: REGISTRATION, status: 'ONGOING' }])
      expect(right('biometric_validation_validated', { _id: ID, appRegistration, ...flow })).toMatchObject({
        report: { appRegistrationId: REGISTRATION },
        routes: [
          { by: 'registration', appRegistrationId: REGISTRATION },
          { by: 'validation', validationId: ID },
        ],
      });
  });

  it('the last route of email and phone is that contact with its flow', () => {
    const both = { _id: ID, email: 'Applicant@example.com', phone: '3001234567', countryCode: '+57', ...flow };
    expect(right('email_validation_validated', both)).toMatchObject({
      routes: [
        { by: 'validation', validationId: ID },
        { by: 'contact', contact: { email: 'applicant@example.com' }, project: PROJECT, projectFlow: FLOW },
      ],
    });
    expect(right('phone_validation_failed', both)).toMatchObject({
      routes: [{ by: 'validation' }, { by: 'contact', contact: { phone: '3001234567', countryCode: '+57' } }],
    });
  });

  it('an invalid contact is omitted from the routes without an error', () => {
    for (const contact of [{ email: 7 }, { email: 'nobody' }, { email: null }, { email: 'a@example.com', project: [] }])
      expect(right('email_validation_validated', { _id: ID, ...contact })).toMatchObject({
        report: { about: 'email' },
      });
    expect(right('phone_validation_validated', { _id: ID, phone: 3001234567, countryCode: '57' })).toMatchObject({
      routes: [{ by: 'validation' }, { by: 'contact', contact: { phone: '3001234567', countryCode: '+57' } }],
    });
    expect(right('biometric_validation_failed', { _id: ID, status: 'two words', appRegistration: '' })).toMatchObject({
      report: { status: 'failed' },
      routes: [{ by: 'validation' }],
    });
    expect(right('phone_validation_validated', { _id: ID, phone: '3001234567' })).toMatchObject({
      routes: [{ by: 'validation' }],
    });
  });
});

describe('an invalid webhook', () => {
  it.each([
    ['nothing', undefined, '(root)'],
    ['no type', { object: {} }, 'type'],
    ['a type that is a number', { type: 7 }, 'type'],
    ['no object', { type: 'onboarding_app_registration_failed' }, 'object'],
    ['no id', { type: 'onboarding_email_validation_failed', object: {} }, 'object._id'],
    ['an invalid id', { type: 'onboarding_email_validation_failed', object: { _id: 'a b' } }, 'object._id'],
    ['an endless id', { type: 'onboarding_app_registration_failed', object: { _id: 'x'.repeat(65) } }, 'object._id'],
    [
      'an invalid status word',
      { type: 'onboarding_document_validation_created', object: { _id: ID, status: 'two words' } },
      'object.status',
    ],
    [
      'an invalid registration',
      { type: 'onboarding_biometric_validation_failed', object: { _id: ID, appRegistration: 7 } },
      'object.appRegistration',
    ],
  ])('%s is rejected with the field', (_what, body, field) => {
    expect(readWebhook(body)).toMatchObject({ left: [{ field }] });
  });

  it('any body is decoded or rejected without throwing, and the result contains only ids and words of it', () => {
    const secret = 'canary.of.the.test@example.com';
    const anyId = fc.oneof(fc.constant(ID), fc.constant(secret), fc.anything());
    const anyObject = fc.record(
      {
        _id: anyId,
        status: fc.oneof(fc.constantFrom('validated', 'FAILED', 'ASSESSING', secret), fc.anything()),
        appRegistration: fc.oneof(anyId, fc.record({ _id: anyId })),
        fullName: fc.constant(secret),
        phone: fc.oneof(fc.constant('3001234567'), fc.anything()),
        countryCode: fc.oneof(fc.constant('+57'), fc.constant(secret)),
        project: anyId,
        compareResult: fc.anything(),
      },
      { requiredKeys: [] },
    );
    const anyBody = fc.oneof(
      fc.anything(),
      fc.record({
        type: fc.oneof(
          fc.constantFrom(...Object.keys(EXPECTED)).map((suffix) => `onboarding_${suffix}`),
          fc.string(),
        ),
        object: fc.oneof({ weight: 5, arbitrary: anyObject }, { weight: 1, arbitrary: fc.anything() }),
      }),
    );
    const kinds = new Set<string>();
    fc.assert(
      fc.property(anyBody, (body) => {
        const reading = readWebhook(body);
        kinds.add(E.isLeft(reading) ? 'refused' : reading.right.kind);
        expect(JSON.stringify(reading)).not.toContain(secret);
      }),
      { numRuns: 3_000 },
    );
    expect([...kinds].sort()).toEqual(['nothing', 'refused', 'report', 'unknown']);
  });
});
