import * as t from 'io-ts';
import { createApplicant } from '../../../tools/sandbox/index.js';
import {
  type Case,
  complete,
  create,
  forgotten,
  idIn,
  person,
  requestEmail,
  requestPhone,
  resend,
  step,
  validateEmail,
  webhook,
} from './example-answers.js';
import { readExample } from './examples.js';
import { ask, IMAGE, inventPerson, sync, uploadImages } from './vendor.js';

const UPLOAD = 'POST /document-validations/app-registration';
const SELFIE = 'POST /biometric-validations/app-registration';
const UNKNOWN = 'f'.repeat(24);

const NO_VALIDATION_WEBHOOK = { '.webhookUrl string': 'the sandbox ignores the webhook URL of a validation' };

/** The examples that are responses, with the calls whose responses are compared with them. */
export const CASES: Readonly<Record<string, Case>> = {
  'app-registration-object': {
    settings: { secretsInReads: 'present' },
    answer: async (environment) => {
      await complete(environment);
      return environment.read();
    },
    without: {
      '.smartLink string': 'no call or other page says what it refers to',
      '.expiresAt string': 'the token says when it expires; no other page has the time of the registration',
    },
  },
  'create-app-registration.200': {
    settings: { createAnswer: 'nested' },
    answer: (environment) => create(inventPerson(undefined, 1))(environment),
  },
  'create-app-registration.409-contact': { answer: create({ fullName: 'A B' }) },
  'create-app-registration.409-country': { answer: create({ ...person, countryCode: undefined }) },
  'create-biometric-validation.200': {
    settings: { selfieAnswer: 'id' },
    answer: ({ sandbox, token }) => uploadImages(sandbox, token),
  },
  'create-biometric-validation.409-collection': {
    settings: { flow: { liveness: 'skip' } },
    answer: ({ sandbox, token }) => uploadImages(sandbox, token),
  },
  'create-biometric-validation.409-person': {
    answer: async ({ sandbox, token }) => {
      await uploadImages(sandbox, token);
      return ask(sandbox, token, SELFIE, { image: IMAGE, os: 'IOS' });
    },
  },
  'create-document-validation.200': { answer: ({ asApplicant }) => asApplicant(UPLOAD, { image: IMAGE }) },
  'create-document-validation.404-registration': {
    answer: forgotten(({ asApplicant }) => asApplicant(UPLOAD, { image: IMAGE })),
  },
  'create-document-validation.404-settings': {
    settings: { flow: { document: 'skip' } },
    answer: ({ asApplicant }) => asApplicant(UPLOAD, { image: IMAGE }),
  },
  'create-document-validation.409': {
    answer: async ({ asApplicant }) => {
      await asApplicant(UPLOAD, { image: IMAGE });
      return asApplicant(UPLOAD, { image: IMAGE });
    },
  },
  'create-document-validation.422': { answer: ({ asApplicant }) => asApplicant(UPLOAD, {}) },
  'create-email-validation.200': { answer: requestEmail() },
  'create-email-validation.404-flow': { answer: requestEmail({ projectFlow: UNKNOWN }) },
  'create-email-validation.404-project': { answer: requestEmail({ project: UNKNOWN }) },
  'create-email-validation.404-security': { settings: { flow: { emailGateway: 'none' } }, answer: requestEmail() },
  'create-email-validation.409-format': { answer: requestEmail({ email: 'no address' }) },
  'create-email-validation.409': {
    answer: ({ asApplicant }) => asApplicant('POST /email-validations/app-registration', {}),
  },
  'create-phone-validation.200': { settings: { flow: { phoneGateway: 'whatsapp' } }, answer: requestPhone() },
  'create-phone-validation.409-country': { answer: requestPhone({ countryCode: '57' }) },
  'create-phone-validation.409': {
    answer: ({ asApplicant }) => asApplicant('POST /phone-validations/app-registration', {}),
  },
  'dashboard.funnel.200': {
    tag: 'document-FAILED+biometric-failed',
    answer: async ({ sandbox, token, asClient }) => {
      await uploadImages(sandbox, token);
      return asClient(`GET /app-registrations/statistics?project=${sandbox.project}&funnel=true`);
    },
  },
  'dashboard.name-lookup': {
    tag: 'document-review',
    answer: async (environment) => {
      const { sandbox, id, asApplicant, asClient, read } = environment;
      await asApplicant(UPLOAD, { image: IMAGE });
      const document = idIn(await read(), 'documentValidation');
      await asClient(`PUT /document-validations/${document}/manual-name-review`, { decision: 'match' });
      await sandbox.control.override(id, 'COMPLETED', 'seen on a call');
      return { data: await read('documentValidation', 'manualReviewLog.reviewedByStaff') };
    },
  },
  'dashboard.record-failed-scan': {
    settings: { failedValidations: 'moved' },
    tag: 'document-document_number_is_not_extracted+biometric-poor_lighting',
    answer: async ({ sandbox, token, read }) => {
      await uploadImages(sandbox, token);
      return { data: await read('failedDocumentValidations', 'failedBiometricValidations') };
    },
  },
  'delete-document-validation.200': {
    answer: async ({ asApplicant, asClient, read }) => {
      await asApplicant(UPLOAD, { image: IMAGE });
      return asClient(`DELETE /document-validations/${idIn(await read(), 'documentValidation')}`);
    },
  },
  'delete-document-validation.401': {
    answer: ({ sandbox }) => ask(sandbox, 'no token', `DELETE /document-validations/${UNKNOWN}`),
  },
  'delete-document-validation.404': { answer: ({ asClient }) => asClient(`DELETE /document-validations/${UNKNOWN}`) },
  'delete-person.200': {
    answer: async ({ sandbox, token, asClient, read }) => {
      await uploadImages(sandbox, token);
      return asClient(`DELETE /face-recognition/persons/${idIn(await read(), 'person')}`);
    },
  },
  'delete-person.404': { answer: ({ asClient }) => asClient(`DELETE /face-recognition/persons/${UNKNOWN}`) },
  'delete-person.500': {
    answer: async ({ sandbox, asClient }) => {
      await sandbox.control.faults([
        { match: '*', kind: 'status', status: 500, code: 'ERROR', message: 'internal_error' },
      ]);
      return asClient(`DELETE /face-recognition/persons/${UNKNOWN}`);
    },
  },
  'document-validation-object': {
    answer: async ({ asApplicant, read }) => {
      await asApplicant(UPLOAD, { image: IMAGE });
      return (await read('documentValidation'))['documentValidation'];
    },
  },
  'email-validation-object': {
    settings: { secretsInReads: 'present' },
    answer: async (environment) => {
      await validateEmail((otp) => otp)(environment);
      return (await environment.read('emailValidation'))['emailValidation'];
    },
    without: NO_VALIDATION_WEBHOOK,
  },
  'list-app-registrations.409-limit': { answer: ({ asClient }) => asClient('GET /app-registrations?limit=101') },
  'phone-validation-object': {
    settings: { secretsInReads: 'present' },
    answer: async ({ sandbox, token, read }) => {
      await createApplicant({ url: sandbox.url, token }).validatePhone();
      return (await read('phoneValidation'))['phoneValidation'];
    },
    without: NO_VALIDATION_WEBHOOK,
  },
  'project-flow.200': { answer: ({ sandbox, asClient }) => asClient(`GET /project-flows/${sandbox.projectFlow}`) },
  'project-flow.400': { answer: ({ asClient }) => asClient('GET /project-flows/no-id!') },
  'resend-link.200': { answer: resend() },
  'resend-link.403': { answer: resend('applicant') },
  'resend-link.404': { answer: forgotten(resend()) },
  'resend-link.409-status': {
    answer: async (environment) => {
      await environment.sandbox.control.setStatus(environment.id, 'FAILED');
      return resend()(environment);
    },
  },
  'retrieve-app-registration.403': { answer: ({ id, asApplicant }) => asApplicant(`GET /app-registrations/${id}`) },
  'retrieve-app-registration.404': { answer: ({ asClient }) => asClient(`GET /app-registrations/${UNKNOWN}`) },
  'retrieve-document-validation.200': {
    answer: async ({ asApplicant, asClient, read }) => {
      await asApplicant(UPLOAD, { image: IMAGE });
      const id = idIn(await read(), 'documentValidation');
      return asClient(`GET /document-validations/${id}?populates[]=appRegistration&populates[]=projectFlow`);
    },
  },
  'retrieve-document-validation.404': { answer: ({ asClient }) => asClient(`GET /document-validations/${UNKNOWN}`) },
  'session.200': { answer: ({ asClient }) => asClient('GET /auth/session?origin=refresh&expiresIn=1') },
  'sync.200': { answer: step('instructions') },
  'sync.404': { answer: forgotten(step('instructions')) },
  'sync.500-step': { answer: step('dance') },
  'validate-email.200': { answer: validateEmail((otp) => otp) },
  'validate-email.403': { answer: validateEmail((otp) => (otp === '000000' ? '111111' : '000000')) },
  'validate-email.404': {
    answer: ({ asApplicant }) => asApplicant('POST /email-validations/validate', { email: person.email, otp: 123456 }),
  },
  'validate-email.409': { answer: ({ asApplicant }) => asApplicant('POST /email-validations/validate', {}) },
  'validate-phone.200': {
    answer: async (environment) => {
      const { sandbox, asApplicant } = environment;
      await requestPhone()(environment);
      const { phone, countryCode } = person;
      const [message] = await sandbox.control.outbox({ phone });
      return asApplicant('POST /phone-validations/validate', { phone, countryCode, otp: message?.otp });
    },
  },
  'validate-phone.404': {
    answer: ({ asApplicant }) => {
      const { phone, countryCode } = person;
      return asApplicant('POST /phone-validations/validate', { phone, countryCode, otp: '123456' });
    },
  },
  'webhook.background-check': {
    answer: async (environment) => {
      const { asApplicant, read } = environment;
      const id = idIn(await read(), 'informationValidation');
      await asApplicant(`PUT /information-validations/${id}/background-check`, {});
      return webhook(environment, 'onboarding_information_validation_background_check');
    },
  },
  'webhook.document-created': {
    answer: async (environment) => {
      await environment.asApplicant(UPLOAD, { image: IMAGE });
      return webhook(environment, 'onboarding_document_validation_created');
    },
  },
};

/** The examples that are requests, with the calls that send them. */
export const REQUESTS: Readonly<Record<string, Case>> = {
  'dashboard.admin-override.request': {
    answer: ({ sandbox, id }) =>
      sync(sandbox, sandbox.clientToken, id, Object(readExample('dashboard.admin-override.request'))),
  },
  'dashboard.background-check.request': {
    answer: async ({ asClient, read }) => {
      const id = idIn(await read(), 'informationValidation');
      return asClient(`PUT /information-validations/${id}/background-check`, {});
    },
  },
  'dashboard.list-filters.query': {
    answer: ({ asClient }) => asClient(`GET /app-registrations?${queryOf('dashboard.list-filters.query')}`),
  },
  'dashboard.webhook-events.query': {
    answer: ({ asClient }) => asClient(`GET /webhook-events?${queryOf('dashboard.webhook-events.query')}`),
  },
};

const queryOf = (name: string): URLSearchParams => {
  const example = readExample(name);
  return new URLSearchParams(Query.is(example) ? example.query : {});
};

const Query = t.type({ query: t.record(t.string, t.string) });

/** The examples without a call, with the reason. */
export const NOT_ANSWERED: Readonly<Record<string, string>> = {
  'webhook-object': 'the sandbox has one webhook, which is a setting, and no calls that manage webhooks',
};
