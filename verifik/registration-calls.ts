import * as E from 'fp-ts/lib/Either.js';
import type { VendorRecord } from '../domain/vendor-erasure.js';
import { defined } from '../shared/defined.js';
import type { ListRequest, VerifikClient } from './api.js';
import { type Calls, type Precondition, validId } from './calls.js';
import type { Endpoint } from './errors.js';
import { itemAnswer, pageAnswer } from './list-answer.js';
import { projectFlowAnswer } from './project-flow-answer.js';
import { createdAnswer, registrationAnswer, resentAnswer, syncAnswer } from './registration-answers.js';
import { tokenExpiry } from './token.js';
import { recordsAnswer } from './vendor-records.js';

/** The documented lifetimes, for tokens without an expiry: 120 min from create, 30 min from resend-link. */
const CREATED_TOKEN_LIFETIME_MS = 120 * 60_000;
const RESENT_TOKEN_LIFETIME_MS = 30 * 60_000;

const MAX_PAGE_SIZE = 100;

/** Without populates, Verifik returns only ids, which give no results. */
export const POPULATES = [
  'emailValidation',
  'phoneValidation',
  'documentValidation',
  'biometricValidation',
  'failedDocumentValidations',
  'failedBiometricValidations',
  'compareFaceVerification',
] as const;

/** The populates for a read with personal data. */
const WHOLE = [...POPULATES, 'informationValidation'] as const;

const populate = (query: URLSearchParams, names: readonly string[] = POPULATES): URLSearchParams => {
  for (const name of names) query.append('populates[]', name);
  return query;
};

const listQuery = (request: ListRequest): URLSearchParams => {
  const { page, limit, project, projectFlow, statuses, populated, like = {} } = request;
  const query = new URLSearchParams({ page: String(page), limit: String(limit) });
  if (project !== undefined) query.set('where_project', project);
  if (projectFlow !== undefined) query.set('where_projectFlow', projectFlow);
  for (const word of statuses ?? []) query.append('in_status[]', word);
  // The question mark is part of the names.
  if (like.email !== undefined) query.set('?like_email', like.email);
  if (like.phone !== undefined) query.set('?like_phone', like.phone);
  return populated === true ? populate(query, WHOLE) : query;
};

const wholeNumber = (field: string, value: number, most: number): Precondition => ({
  code: `malformed_${field}`,
  field,
  expected: `a whole number from 1 to ${most}`,
  holds: Number.isSafeInteger(value) && value >= 1 && value <= most,
});

/** The only status that Verifik accepts with the step. */
const SYNC_STATUS = { end: 'COMPLETED', skipKYC: 'COMPLETED_WITHOUT_KYC' } as const;

const OVERRIDE_STATUS = {
  completed: 'COMPLETED',
  completedWithoutKyc: 'COMPLETED_WITHOUT_KYC',
  failed: 'FAILED',
} as const;

/** The call that deletes a kind of record. */
const DELETIONS = {
  person: { endpoint: 'deletePerson', path: '/face-recognition/persons' },
  biometric: { endpoint: 'deleteBiometricValidation', path: '/biometric-validations' },
  document: { endpoint: 'deleteDocumentValidation', path: '/document-validations' },
  registration: { endpoint: 'deleteAppRegistration', path: '/app-registrations' },
} as const satisfies Record<VendorRecord['kind'], { readonly endpoint: Endpoint; readonly path: string }>;

export const registrationCalls = ({ asClient, asApplicant, now, close }: Calls): VerifikClient => ({
  createAppRegistration: (body, options) =>
    asClient(
      {
        endpoint: 'createAppRegistration',
        method: 'POST',
        path: '/app-registrations',
        body,
        decode: createdAnswer(tokenExpiry(now, CREATED_TOKEN_LIFETIME_MS)),
      },
      options,
    ),

  getAppRegistration: (id, options) =>
    asClient(
      {
        endpoint: 'getAppRegistration',
        method: 'GET',
        path: `/app-registrations/${id}`,
        query: populate(new URLSearchParams()),
        preconditions: [validId('appRegistrationId', id)],
        decode: registrationAnswer,
      },
      options,
    ),

  getWholeAppRegistration: (id, options) =>
    asClient(
      {
        endpoint: 'getAppRegistration',
        method: 'GET',
        path: `/app-registrations/${id}`,
        query: populate(new URLSearchParams(), WHOLE),
        preconditions: [validId('appRegistrationId', id)],
        decode: itemAnswer,
      },
      options,
    ),

  listAppRegistrations: (request, options) =>
    asClient(
      {
        endpoint: 'listAppRegistrations',
        method: 'GET',
        path: '/app-registrations',
        query: listQuery(request),
        preconditions: [
          wholeNumber('page', request.page, Number.MAX_SAFE_INTEGER),
          wholeNumber('limit', request.limit, MAX_PAGE_SIZE),
        ],
        decode: pageAnswer,
      },
      options,
    ),

  syncAppRegistration: (id, { token, step }, options) =>
    asApplicant(
      token,
      {
        endpoint: 'syncAppRegistration',
        method: 'PUT',
        path: `/app-registrations/${id}/sync`,
        body: { step, status: SYNC_STATUS[step] },
        preconditions: [validId('appRegistrationId', id)],
        decode: syncAnswer,
      },
      options,
    ),

  overrideAppRegistration: (id, { status, note }, options) =>
    asClient(
      {
        endpoint: 'overrideAppRegistration',
        method: 'PUT',
        path: `/app-registrations/${id}/sync`,
        body: defined({ step: 'adminOverride', status: OVERRIDE_STATUS[status], note }),
        preconditions: [validId('appRegistrationId', id)],
        decode: () => E.right(undefined),
      },
      options,
    ),

  resendLink: (id, { sendEmail }, options) =>
    asClient(
      {
        endpoint: 'resendLink',
        method: 'POST',
        path: `/app-registrations/${id}/resend-link`,
        body: { sendEmail },
        preconditions: [validId('appRegistrationId', id)],
        decode: resentAnswer(tokenExpiry(now, RESENT_TOKEN_LIFETIME_MS)),
      },
      options,
    ),

  getProjectFlow: (id, options) =>
    asClient(
      {
        endpoint: 'getProjectFlow',
        method: 'GET',
        path: `/project-flows/${id}`,
        preconditions: [validId('projectFlow', id)],
        decode: projectFlowAnswer,
      },
      options,
    ),

  getVendorRecords: (id, options) =>
    asClient(
      {
        endpoint: 'getAppRegistration',
        method: 'GET',
        path: `/app-registrations/${id}`,
        preconditions: [validId('appRegistrationId', id)],
        decode: recordsAnswer,
      },
      options,
    ),

  deleteVendorRecord: ({ kind, id }, options) => {
    const { endpoint, path } = DELETIONS[kind];
    return asClient(
      {
        endpoint,
        method: 'DELETE',
        path: `${path}/${id}`,
        preconditions: [validId(`${kind} id`, id)],
        decode: () => E.right(undefined),
      },
      options,
    );
  },

  close,
});
