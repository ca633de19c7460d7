import type { ListRequest, RegistrationCalls, SyncRequest } from './api.js';
import { type Calls, type Check, idCheck } from './calls.js';
import { itemAnswer, pageAnswer } from './list-answer.js';
import { createdAnswer, registrationAnswer, resentAnswer, syncAnswer } from './registration-answers.js';
import { tokenExpiry } from './token.js';

/** Lifetimes as documented, for tokens that do not say themselves: 120 min from create, 30 min from resend-link. */
const CREATED_TOKEN_LIFETIME_MS = 120 * 60_000;
const RESENT_TOKEN_LIFETIME_MS = 30 * 60_000;

/** The vendor's own limit for a page of its list. */
const MAX_PAGE_SIZE = 100;

/** What a reading is made of: without populates the vendor answers with bare ids, which say nothing of a check's result. */
const POPULATES = [
  'emailValidation',
  'phoneValidation',
  'documentValidation',
  'biometricValidation',
  'compareFaceVerification',
] as const;

/** With who the applicant is. */
const WHOLE = [...POPULATES, 'informationValidation'] as const;

const populate = (query: URLSearchParams, names: readonly string[] = POPULATES): URLSearchParams => {
  for (const name of names) query.append('populates[]', name);
  return query;
};

const listQuery = (request: ListRequest): URLSearchParams => {
  const { page, limit, project, projectFlow, status, statuses, populated } = request;
  const query = new URLSearchParams({ page: String(page), limit: String(limit) });
  if (project !== undefined) query.set('where_project', project);
  if (projectFlow !== undefined) query.set('where_projectFlow', projectFlow);
  if (status !== undefined) query.set('where_status', status);
  for (const word of statuses ?? []) query.append('in_status[]', word);
  return populated === true ? populate(query, WHOLE) : query;
};

const wholeCheck = (field: string, value: number, most: number): Check => ({
  code: `malformed_${field}`,
  field,
  expected: `a whole number from 1 to ${most}`,
  holds: Number.isSafeInteger(value) && value >= 1 && value <= most,
});

/** The status that goes with a step: the vendor takes no other. */
const syncStatus = (request: SyncRequest): string => {
  switch (request.step) {
    case 'end':
      return request.outcome ?? 'COMPLETED';
    case 'skipKYC':
      return 'COMPLETED_WITHOUT_KYC';
    default:
      return 'ONGOING';
  }
};

/** The calls about app registrations. */
export const registrationCalls = ({ asClient, asApplicant, now }: Calls): RegistrationCalls => ({
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
        checks: [idCheck('appRegistrationId', id)],
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
        checks: [idCheck('appRegistrationId', id)],
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
        checks: [
          wholeCheck('page', request.page, Number.MAX_SAFE_INTEGER),
          wholeCheck('limit', request.limit, MAX_PAGE_SIZE),
        ],
        decode: pageAnswer,
      },
      options,
    ),

  me: ({ token }, options) =>
    asApplicant(
      token,
      {
        endpoint: 'me',
        method: 'POST',
        path: '/app-registrations/me',
        body: { populates: POPULATES },
        decode: registrationAnswer,
      },
      options,
    ),

  updateAppRegistration: (id, { token, ...body }, options) => {
    const plan = {
      endpoint: 'updateAppRegistration',
      method: 'PUT',
      path: `/app-registrations/${id}`,
      body,
      checks: [idCheck('appRegistrationId', id)],
      decode: registrationAnswer,
    } as const;
    return token === undefined ? asClient(plan, options) : asApplicant(token, plan, options);
  },

  syncAppRegistration: (id, request, options) =>
    asApplicant(
      request.token,
      {
        endpoint: 'syncAppRegistration',
        method: 'PUT',
        path: `/app-registrations/${id}/sync`,
        body: { step: request.step, status: syncStatus(request) },
        checks: [idCheck('appRegistrationId', id)],
        decode: syncAnswer,
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
        checks: [idCheck('appRegistrationId', id)],
        decode: resentAnswer(tokenExpiry(now, RESENT_TOKEN_LIFETIME_MS)),
      },
      options,
    ),
});
