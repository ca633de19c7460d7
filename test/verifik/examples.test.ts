import { describe, expect, it } from 'vitest';
import type { Decode } from '../../verifik/decode.js';
import { itemAnswer, pageAnswer } from '../../verifik/list-answer.js';
import { readRefusal } from '../../verifik/refusals.js';
import { createdAnswer, registrationAnswer, resentAnswer, syncAnswer } from '../../verifik/registration-answers.js';
import { sessionAnswer } from '../../verifik/session.js';
import { tokenExpiry } from '../../verifik/token.js';
import { readWebhook } from '../../verifik/webhooks.js';
import { EXAMPLES, readExample, statusOf } from '../tools/sandbox/examples.js';

const NOW = Date.UTC(2026, 7, 20);
const LIFETIME_MS = 120 * 60_000;
const TOKEN = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...';
const EXPIRY = tokenExpiry(() => NOW, LIFETIME_MS);

/** Reads an object that Verifik's page shows without its envelope. */
const bare =
  <A>(decode: Decode<A>): Decode<A> =>
  (body) =>
    decode({ data: body });

/** Reads a validation as a populated reference of a registration, which is how the product receives it. */
const populated =
  (reference: string): Decode<unknown> =>
  (body) =>
    registrationAnswer({ data: { _id: 'r', status: 'ONGOING', [reference]: body } });

const listed: Decode<unknown> = (body) => pageAnswer({ data: [body], total: 1, page: 1, limit: 1, pages: 1 });

/** Reads an object as the one of a webhook, with fields as Verifik also sends them. */
const sent =
  (suffix: string, change: Readonly<Record<string, unknown>> = {}): Decode<unknown> =>
  (body) =>
    readWebhook({ type: `onboarding_${suffix}`, object: { ...Object(body), ...change } });

const ID = 'app_registration_123456789';
const FLOW = { project: 'project_123456789', projectFlow: 'flow_123456789' };
const OBJECT = {
  appRegistrationId: ID,
  status: 'completed',
  checks: {
    email: { result: 'pending', validationId: 'email_validation_123456789' },
    phone: { result: 'pending', validationId: 'phone_validation_123456789' },
    document: { result: 'pending', validationId: 'document_validation_123456789' },
    biometric: { result: 'pending', validationId: 'biometric_validation_123456789' },
  },
  contact: { email: 'user@example.com', phone: '1234567890', countryCode: '+1' },
  ...FLOW,
};
const ITEM = {
  vendorRegistration: OBJECT,
  ...{ appRegistrationId: ID, status: 'completed', fullName: 'John Doe', language: 'en' },
  ...OBJECT.contact,
  ...FLOW,
  ...{ createdAt: Date.UTC(2024, 0, 15, 10, 30), updatedAt: Date.UTC(2024, 0, 15, 10, 32) },
};

/** The responses that the product reads: the example, the decoder, and the result. */
const ANSWERS: readonly (readonly [example: string, decode: Decode<unknown>, result: unknown])[] = [
  [
    'create-app-registration.200',
    createdAnswer(EXPIRY),
    {
      appRegistrationId: '674de8df21c72be3cc42b8a7',
      status: 'inProgress',
      token: { token: TOKEN, expiresAt: NOW + LIFETIME_MS },
    },
  ],
  [
    'resend-link.200',
    resentAnswer(EXPIRY),
    {
      token: {
        token: TOKEN,
        expiresAt: Date.UTC(2026, 8, 9, 22, 14, 14),
        link: `https://access.verifik.co/sign-up/6266193db77ccc8111730c90?token=${TOKEN}`,
      },
      emailSent: false,
      status: 'inProgress',
    },
  ],
  ['sync.200', syncAnswer, { status: 'inProgress' }],
  ['session.200', sessionAnswer, 'eyJhbGcpXVCJ9.eyJjbGllbnR...JZCIYiUzNjEaIWxYShWeBaRs'],
  ['app-registration-object', bare(registrationAnswer), OBJECT],
  ['app-registration-object', bare(itemAnswer), ITEM],
  ['app-registration-object', listed, { items: [ITEM], page: 1, pages: 1, total: 1 }],
  [
    'dashboard.record-failed-scan',
    registrationAnswer,
    {
      appRegistrationId: '000000000000000000000007',
      status: 'inProgress',
      checks: {
        document: {
          result: 'inReview',
          reason: 'documentUsedElsewhere',
          validationId: '000000000000000000000009',
          failedAttempts: ['000000000000000000000008'],
          failureReasons: { '000000000000000000000008': 'documentNumberUnreadable' },
          failuresListed: true,
        },
        // A selfie in poor light uses up no attempt.
        biometric: {
          result: 'failed',
          reason: 'poorLighting',
          validationId: '00000000000000000000000a',
          failuresListed: true,
        },
      },
    },
  ],
  [
    'dashboard.name-lookup',
    registrationAnswer,
    {
      appRegistrationId: '00000000000000000000000b',
      status: 'needsReview',
      checks: {
        document: { result: 'inReview', reason: 'documentNotSupported', validationId: '00000000000000000000000c' },
      },
    },
  ],
  [
    'email-validation-object',
    populated('emailValidation'),
    {
      appRegistrationId: 'r',
      status: 'inProgress',
      checks: { email: { result: 'passed', validationId: 'email_validation_123456789' } },
      contact: { email: 'user@example.com' },
    },
  ],
  [
    'phone-validation-object',
    populated('phoneValidation'),
    {
      appRegistrationId: 'r',
      status: 'inProgress',
      checks: { phone: { result: 'passed', validationId: 'phone_validation_123456789' } },
      contact: { phone: '1234567890', countryCode: '+1' },
    },
  ],
  [
    'document-validation-object',
    populated('documentValidation'),
    {
      appRegistrationId: 'r',
      status: 'inProgress',
      checks: {
        document: {
          result: 'passed',
          validationId: 'document_validation_123456789',
          expiresAt: Date.UTC(2030, 0, 16) - 1,
        },
      },
    },
  ],
  [
    'email-validation-object',
    sent('email_validation_validated', { phone: '', countryCode: '', appRegistration: '' }),
    {
      kind: 'report',
      suffix: 'email_validation_validated',
      report: { about: 'email', status: 'validated', validationId: 'email_validation_123456789' },
      routes: [
        { by: 'validation', validationId: 'email_validation_123456789' },
        { by: 'contact', contact: { email: OBJECT.contact.email }, ...FLOW },
      ],
    },
  ],
  [
    'phone-validation-object',
    sent('phone_validation_failed', { phone: 1234567890, countryCode: '1', email: '', appRegistration: '' }),
    {
      kind: 'report',
      suffix: 'phone_validation_failed',
      report: { about: 'phone', status: 'failed', validationId: 'phone_validation_123456789' },
      routes: [
        { by: 'validation', validationId: 'phone_validation_123456789' },
        { by: 'contact', contact: { phone: '1234567890', countryCode: '+1' }, ...FLOW },
      ],
    },
  ],
  [
    'app-registration-object',
    sent('app_registration_completed', { webhook: 'https://example.com/webhooks/verifik/secret', fullName: '' }),
    {
      kind: 'report',
      suffix: 'app_registration_completed',
      report: { about: 'appRegistration', status: 'COMPLETED', appRegistrationId: ID },
      routes: [{ by: 'registration', appRegistrationId: ID }],
    },
  ],
  [
    'webhook.document-created',
    readWebhook,
    { kind: 'nothing', suffix: 'document_validation_created', why: 'the validation is in progress' },
  ],
  [
    'webhook.background-check',
    readWebhook,
    {
      kind: 'nothing',
      suffix: 'information_validation_background_check',
      why: 'no check of an onboarding depends on it',
    },
  ],
];

/** The types of the error responses, also of calls that only applicants make: the words are the same in all calls. */
const ERRORS: Readonly<Record<string, string>> = {
  'create-app-registration.409-contact': 'InvalidRequest',
  'create-app-registration.409-country': 'InvalidRequest',
  'create-biometric-validation.409-collection': 'Misconfigured',
  'create-biometric-validation.409-person': 'AttemptFailed',
  'create-document-validation.404-registration': 'NotFound',
  'create-document-validation.404-settings': 'Misconfigured',
  'create-document-validation.409': 'AttemptFailed',
  'create-document-validation.422': 'InvalidRequest',
  'create-email-validation.404-flow': 'Misconfigured',
  'create-email-validation.404-project': 'Misconfigured',
  'create-email-validation.404-security': 'Misconfigured',
  'create-email-validation.409-format': 'InvalidRequest',
  'create-email-validation.409': 'InvalidRequest',
  'create-phone-validation.409-country': 'InvalidRequest',
  'create-phone-validation.409': 'InvalidRequest',
  'delete-document-validation.401': 'Credentials',
  'delete-document-validation.404': 'NotFound',
  'delete-person.404': 'NotFound',
  'delete-person.500': 'Transient',
  'list-app-registrations.409-limit': 'InvalidRequest',
  'project-flow.400': 'InvalidRequest',
  'resend-link.403': 'Credentials',
  'resend-link.404': 'NotFound',
  'resend-link.409-status': 'RegistrationClosed',
  'retrieve-app-registration.403': 'Credentials',
  'retrieve-app-registration.404': 'NotFound',
  'retrieve-document-validation.404': 'NotFound',
  'sync.404': 'NotFound',
  'sync.500-step': 'InvalidRequest',
  'validate-email.403': 'AttemptFailed',
  'validate-email.404': 'NotFound',
  'validate-email.409': 'InvalidRequest',
  'validate-phone.404': 'NotFound',
};

const APPLICANT = 'only the applicant makes this call';
const NO_DELETION = 'the product deletes only the registration of the contract check';

/** The examples that no decoder reads, and why. */
const NOT_READ: Readonly<Record<string, string>> = {
  'create-biometric-validation.200': APPLICANT,
  'create-document-validation.200': APPLICANT,
  'create-email-validation.200': APPLICANT,
  'create-phone-validation.200': APPLICANT,
  'validate-email.200': APPLICANT,
  'validate-phone.200': APPLICANT,
  'delete-document-validation.200': NO_DELETION,
  'delete-person.200': NO_DELETION,
  'project-flow.200': "no rule depends on the flow's configuration",
  'retrieve-document-validation.200': 'documents are read with the registration',
  'webhook-object': 'operators configure webhooks in the panel of Verifik',
  'dashboard.funnel.200': 'the contract check only asks if the statistics are allowed',
  'dashboard.admin-override.request': 'a request: only reviewers at Verifik and the contract check override a status',
  'dashboard.background-check.request': 'a request that the hosted page sends',
  'dashboard.list-filters.query': 'a request: test/activities/search.test.ts compares it with the one of the product',
  'dashboard.webhook-events.query': 'a request that only the panel sends',
};

describe("Verifik's examples", () => {
  it.each(ANSWERS)('the response %s is read as its source says', (example, decode, result) => {
    expect(decode(readExample(example))).toEqual({ _tag: 'Right', right: result });
  });

  it.each(Object.entries(ERRORS))('the error %s is of type %s', (example, type) => {
    const refusal = { endpoint: 'getAppRegistration', requestId: 'r', status: statusOf(example) } as const;
    expect(readRefusal({ ...refusal, body: readExample(example) })).toMatchObject({ type, status: refusal.status });
  });

  it('each example is read, or not read for a reason', () => {
    const read = new Set(ANSWERS.map(([example]) => example));
    expect([...read, ...Object.keys(ERRORS), ...Object.keys(NOT_READ)].sort()).toEqual([...EXAMPLES].sort());
  });
});
