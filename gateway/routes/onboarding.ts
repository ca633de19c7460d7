import type { FastifyRequest } from 'fastify';
import type { OnboardingClient, StartedOnboarding } from '../../client/index.js';
import { callerOf } from '../auth/authentication.js';
import { type Api, routesOf } from '../codecs.js';
import { OnboardingPath, OnceHeaders, onceBy } from '../schemas/ids.js';
import {
  ApplicantCodec,
  EraseQuery,
  IdCodec,
  ReceiptCodec,
  RegistrationCodec,
  ReRegistrationBody,
} from '../schemas/onboarding.js';
import {
  type Learn,
  referenceIn,
  registrationOf,
  rejectEnded,
  resolveOnboarding,
  TOKEN_PROBLEMS,
  unlessEnded,
} from './resolve-onboarding.js';

const route = routesOf('onboarding');

/** Adds the calls of one onboarding, except its status. */
export const addOnboarding = (app: Api, client: OnboardingClient, learn: Learn): void => {
  const tokenFrom = async (
    request: FastifyRequest,
    given: string,
    call: (workflowId: string) => Promise<StartedOnboarding>,
  ) => {
    const { id, workflowId } = resolveOnboarding(request, given);
    const started = await unlessEnded(client, workflowId, () => call(workflowId));
    learn(started);
    return registrationOf(id, started);
  };

  app.get(
    '/v1/onboardings/:id/applicant',
    route('personal-data', ['notFound'], {
      operationId: 'getApplicant',
      summary: "Get the applicant's name and contact",
      params: OnboardingPath,
      response: { 200: ApplicantCodec },
    }),
    async (request) => client.applicant(resolveOnboarding(request, request.params.id).workflowId),
  );

  app.post(
    '/v1/onboardings/:id/token',
    route('start', TOKEN_PROBLEMS, {
      operationId: 'getToken',
      summary: 'Get a live token',
      description: 'Verifik is asked for a new one only if no token is live. The request has no body.',
      params: OnboardingPath,
      response: { 200: RegistrationCodec },
    }),
    (request) => tokenFrom(request, request.params.id, (workflowId) => client.registration(workflowId)),
  );

  app.post(
    '/v1/onboardings/:id/re-registration',
    route('start', TOKEN_PROBLEMS, {
      operationId: 'registerAgain',
      summary: 'Register the applicant again',
      description:
        'Pass the whole contact if it has changed. It must have the fields that the required checks verify. The applicant may have to repeat email and phone checks that have passed.',
      headers: OnceHeaders,
      params: OnboardingPath,
      body: ReRegistrationBody,
      response: { 200: RegistrationCodec },
    }),
    (request) =>
      tokenFrom(request, request.params.id, (workflowId) =>
        client.reRegister(workflowId, request.body, onceBy(request.headers)),
      ),
  );

  app.post(
    '/v1/onboardings/:id/withdrawal',
    route('start', ['notFound', 'alreadyEnded', 'closedWithoutOutcome'], {
      operationId: 'withdraw',
      summary: 'End an onboarding as withdrawn',
      description:
        'Has no effect if the onboarding ends with another outcome at the same time. The request has no body.',
      params: OnboardingPath,
      response: { 202: IdCodec },
    }),
    async (request, reply) => {
      const { id, workflowId } = resolveOnboarding(request, request.params.id);
      const withdraw = () => client.withdraw(workflowId);
      await unlessEnded(client, workflowId, withdraw, ({ outcome }) => {
        if (outcome !== 'withdrawn') rejectEnded();
      });
      return reply.code(202).send({ id });
    },
  );

  app.delete(
    '/v1/onboardings/:id',
    route('erase', ['legalHold', 'unreachable'], {
      operationId: 'erase',
      summary: 'Erase a customer',
      description:
        'Deletes all data of the customer in Temporal, and responds when nothing is left. This takes two seconds, or half a minute and more if an onboarding has closed just before. With `atVerifik`, the data at Verifik is deleted as well: if Verifik does not answer, repeat the request. The request has no body.',
      params: OnboardingPath,
      querystring: EraseQuery,
      response: { 200: ReceiptCodec },
    }),
    async (request) => {
      const { id } = resolveOnboarding(request, request.params.id);
      const { reference: _, ...receipt } = await client.erase(referenceIn(callerOf(request).tenant, id), request.query);
      return { id, ...receipt };
    },
  );
};
