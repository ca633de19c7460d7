import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import {
  createdAnswer,
  type Decode,
  pageAnswer,
  registrationAnswer,
  resentAnswer,
  sessionAnswer,
  syncAnswer,
  tokenExpiry,
  validationAnswer,
} from './answers.js';
import type { Call, ListRequest, SyncStep, VerifikCall, VerifikClient } from './api.js';
import { type Endpoint, sentence, type VerifikError } from './errors.js';
import { createSession, type TokenSource } from './session.js';
import { type CallOptions, contractBroken, createTransport, type Request, type TransportConfig } from './transport.js';

/** Lifetimes as documented, for tokens that do not say themselves: 120 min from create, 30 min from resend-link. */
const CREATED_TOKEN_LIFETIME_MS = 120 * 60_000;
const RESENT_TOKEN_LIFETIME_MS = 30 * 60_000;

/** The client token is renewed for this many months: the vendor's own tokens live for 30 days. */
const SESSION_MONTHS = 1;

/** What a reading is made of: without populates the vendor answers with bare ids, which say nothing of a check's result. */
const POPULATES = [
  'emailValidation',
  'phoneValidation',
  'documentValidation',
  'biometricValidation',
  'compareFaceVerification',
] as const;

export interface VerifikClientConfig extends TransportConfig {
  readonly tokenSource: TokenSource;
  readonly onCall?: (call: VerifikCall) => void;
}

/** A request without its token: that of the client's session, or the applicant's where the call names it. */
type Unsigned = Omit<Request, 'token'>;

/** What Verifik's ids look like: anything else would only be a way into another path. */
const isId = (id: string): boolean => /^[A-Za-z0-9_-]{1,64}$/.test(id);

const refuseId = (endpoint: Endpoint, options: CallOptions): VerifikError => ({
  type: 'InvalidRequest',
  endpoint,
  code: 'malformed_id',
  message: sentence('InvalidRequest', endpoint, 'malformed_id'),
  requestId: options.requestId ?? '',
});

const listQuery = ({ page, limit, project, projectFlow, status, statuses }: ListRequest): URLSearchParams => {
  const query = new URLSearchParams({ page: String(page), limit: String(limit) });
  if (project !== undefined) query.set('where_project', project);
  if (projectFlow !== undefined) query.set('where_projectFlow', projectFlow);
  if (status !== undefined) query.set('where_status', status);
  for (const word of statuses ?? []) query.append('in_status[]', word);
  return query;
};

/** The status that goes with a step: the vendor takes no other. */
const syncStatus = (step: SyncStep): string => {
  if (step === 'end') return 'COMPLETED';
  return step === 'skipKYC' ? 'COMPLETED_WITHOUT_KYC' : 'ONGOING';
};

const populates = new URLSearchParams(POPULATES.map((name): [string, string] => ['populates[]', name]));

/** Verifik's API over HTTP. */
export const createVerifikClient = (config: VerifikClientConfig): VerifikClient => {
  const now = config.now ?? Date.now;
  const transport = createTransport(config);

  const send = <A>(request: Request, decode: Decode<A>, options: CallOptions): Call<A> => {
    const call = pipe(
      transport.send(request, options),
      TE.chainEitherK((body) =>
        pipe(
          decode(body),
          E.mapLeft((errors) => {
            const paths = errors.map(({ field, expected }) => `${field} (expected ${expected})`);
            return contractBroken(request.endpoint, options.requestId ?? '', 'wrong_shape', paths);
          }),
        ),
      ),
    );
    return async () => {
      const startedAt = performance.now();
      const answer = await call();
      const outcome = E.isRight(answer) ? 'ok' : answer.left.type;
      config.onCall?.({ endpoint: request.endpoint, outcome, durationMs: performance.now() - startedAt });
      return answer;
    };
  };

  const session = createSession({
    source: config.tokenSource,
    now,
    refresh: (token) => {
      const query = new URLSearchParams({ origin: 'refresh', expiresIn: String(SESSION_MONTHS) });
      return send(
        { endpoint: 'refreshSession', method: 'GET', path: '/auth/session', query, token },
        sessionAnswer,
        {},
      );
    },
  });

  const asClient = <A>(request: Unsigned, decode: Decode<A>, options: CallOptions = {}): Call<A> =>
    session.withToken((token) => send({ ...request, token }, decode, options));

  /** A call about one registration or validation, by its id. */
  const about = <A>(id: string, request: Unsigned, decode: Decode<A>, options: CallOptions = {}): Call<A> =>
    isId(id) ? asClient(request, decode, options) : TE.left(refuseId(request.endpoint, options));

  const asApplicant = <A>(token: string, request: Unsigned, decode: Decode<A>, options: CallOptions = {}): Call<A> =>
    send({ ...request, token }, decode, options);

  return {
    createAppRegistration: (body, options) =>
      asClient(
        { endpoint: 'createAppRegistration', method: 'POST', path: '/app-registrations', body },
        createdAnswer(tokenExpiry(now, CREATED_TOKEN_LIFETIME_MS)),
        options,
      ),

    getAppRegistration: (id, options) =>
      about(
        id,
        { endpoint: 'getAppRegistration', method: 'GET', path: `/app-registrations/${id}`, query: populates },
        registrationAnswer,
        options,
      ),

    listAppRegistrations: (request, options) =>
      asClient(
        { endpoint: 'listAppRegistrations', method: 'GET', path: '/app-registrations', query: listQuery(request) },
        pageAnswer,
        options,
      ),

    me: ({ token }, options) =>
      asApplicant(
        token,
        { endpoint: 'me', method: 'POST', path: '/app-registrations/me', body: { populates: POPULATES } },
        registrationAnswer,
        options,
      ),

    updateAppRegistration: (id, body, options) =>
      about(
        id,
        { endpoint: 'updateAppRegistration', method: 'PUT', path: `/app-registrations/${id}`, body },
        registrationAnswer,
        options,
      ),

    syncAppRegistration: (id, { token, step, outcome }, options = {}) => {
      const body = { step, status: outcome ?? syncStatus(step) };
      const path = `/app-registrations/${id}/sync`;
      return isId(id)
        ? asApplicant(token, { endpoint: 'syncAppRegistration', method: 'PUT', path, body }, syncAnswer, options)
        : TE.left(refuseId('syncAppRegistration', options));
    },

    resendLink: (id, { sendEmail }, options) =>
      about(
        id,
        { endpoint: 'resendLink', method: 'POST', path: `/app-registrations/${id}/resend-link`, body: { sendEmail } },
        resentAnswer(tokenExpiry(now, RESENT_TOKEN_LIFETIME_MS)),
        options,
      ),

    createEmailValidation: ({ token, ...contact }, options) =>
      asApplicant(
        token,
        {
          endpoint: 'createEmailValidation',
          method: 'POST',
          path: '/email-validations/app-registration',
          body: { validationMethod: 'verificationCode', type: 'onboarding', ...contact },
        },
        validationAnswer('email'),
        options,
      ),

    validateEmail: ({ token, validationId, ...body }, options = {}) => {
      if (validationId !== undefined && !isId(validationId)) return TE.left(refuseId('validateEmail', options));
      const where: Pick<Request, 'method' | 'path'> =
        validationId === undefined
          ? { method: 'POST', path: '/email-validations/validate' }
          : { method: 'PUT', path: `/email-validations/${validationId}` };
      return asApplicant(token, { endpoint: 'validateEmail', ...where, body }, validationAnswer('email'), options);
    },

    createPhoneValidation: ({ token, ...contact }, options) =>
      asApplicant(
        token,
        {
          endpoint: 'createPhoneValidation',
          method: 'POST',
          path: '/phone-validations/app-registration',
          body: { validationMethod: 'verificationCode', type: 'onboarding', ...contact },
        },
        validationAnswer('phone'),
        options,
      ),

    validatePhone: ({ token, hosted, ...body }, options) => {
      const where: Pick<Request, 'method' | 'path'> =
        hosted === true
          ? { method: 'POST', path: '/phone-validations/validate' }
          : { method: 'PUT', path: '/phone-validations' };
      return asApplicant(token, { endpoint: 'validatePhone', ...where, body }, validationAnswer('phone'), options);
    },

    createDocumentValidation: ({ token, ...body }, options) =>
      asApplicant(
        token,
        {
          endpoint: 'createDocumentValidation',
          method: 'POST',
          path: '/document-validations/app-registration',
          body,
        },
        validationAnswer('document'),
        options,
      ),

    getDocumentValidation: (id, options) =>
      about(
        id,
        { endpoint: 'getDocumentValidation', method: 'GET', path: `/document-validations/${id}` },
        validationAnswer('document'),
        options,
      ),

    createBiometricValidation: ({ token, ...body }, options) =>
      asApplicant(
        token,
        {
          endpoint: 'createBiometricValidation',
          method: 'POST',
          path: '/biometric-validations/app-registration',
          body,
        },
        registrationAnswer,
        options,
      ),

    compareFace: ({ token }, options) =>
      asApplicant(
        token,
        { endpoint: 'compareFace', method: 'POST', path: '/face-recognition/compare/app-registration', body: {} },
        registrationAnswer,
        options,
      ),

    close: transport.close,
  };
};
