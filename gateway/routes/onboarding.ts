import type * as t from 'io-ts';
import type { OnboardingClient } from '../../client/index.js';
import { ReviewFields } from '../../domain/review.js';
import { callerOf } from '../auth/authentication.js';
import type { Api } from '../codecs.js';
import { OnboardingPath, OnceHeaders } from '../schemas/ids.js';
import {
  ApplicantCodec,
  IdCodec,
  OnboardingCodec,
  ReceiptCodec,
  RegistrationCodec,
  ReRegistrationBody,
} from '../schemas/onboarding.js';
import { referenceIn } from '../tenants.js';
import { registrationOf, rejectEnded, resolveOnboarding, unlessEnded } from './resolve-onboarding.js';

const TOKEN_PROBLEMS = [
  'notFound',
  'alreadyEnded',
  'registrationClosed',
  'alreadyRegistered',
  'closedWithoutOutcome',
  'misconfigured',
  'refusedByPolicy',
  'unexpectedVendorResponse',
  'unreachable',
] as const;

const tags = ['onboarding'];

const onceBy = ({ 'idempotency-key': key }: t.TypeOf<typeof OnceHeaders>) =>
  key === undefined ? {} : { idempotencyKey: key };

export const addReading = (app: Api, client: OnboardingClient): void => {
  app.get(
    '/v1/onboardings/:id',
    {
      config: { scope: 'read', problems: ['notFound'] },
      schema: {
        operationId: 'getOnboarding',
        summary: 'Get the status of an onboarding',
        tags,
        params: OnboardingPath,
        response: { 200: OnboardingCodec },
      },
    },
    async (request) => {
      const { id, workflowId } = resolveOnboarding(request, request.params.id);
      return { id, ...(await client.status(workflowId)) };
    },
  );

  app.get(
    '/v1/onboardings/:id/applicant',
    {
      config: { scope: 'personal-data', problems: ['notFound'] },
      schema: {
        operationId: 'getApplicant',
        summary: "Get the applicant's name and contact",
        tags,
        params: OnboardingPath,
        response: { 200: ApplicantCodec },
      },
    },
    async (request) => client.applicant(resolveOnboarding(request, request.params.id).workflowId),
  );
};

export const addTokens = (app: Api, client: OnboardingClient): void => {
  app.post(
    '/v1/onboardings/:id/token',
    {
      config: { scope: 'start', problems: TOKEN_PROBLEMS },
      schema: {
        operationId: 'getToken',
        summary: 'Get a live token',
        description: 'Verifik is asked for a new one only if no token is live. The request has no body.',
        tags,
        params: OnboardingPath,
        response: { 200: RegistrationCodec },
      },
    },
    async (request) => {
      const { id, workflowId } = resolveOnboarding(request, request.params.id);
      return registrationOf(id, await client.registration(workflowId));
    },
  );

  app.post(
    '/v1/onboardings/:id/re-registration',
    {
      config: { scope: 'start', problems: TOKEN_PROBLEMS },
      schema: {
        operationId: 'registerAgain',
        summary: 'Register the applicant again',
        description:
          'Pass the whole contact if it has changed. It must have the fields that the required checks verify. The applicant may have to repeat email and phone checks that have passed.',
        tags,
        headers: OnceHeaders,
        params: OnboardingPath,
        body: ReRegistrationBody,
        response: { 200: RegistrationCodec },
      },
    },
    async (request) => {
      const { id, workflowId } = resolveOnboarding(request, request.params.id);
      const again = () => client.reRegister(workflowId, request.body, onceBy(request.headers));
      return registrationOf(id, await unlessEnded(client, workflowId, again, rejectEnded));
    },
  );
};

export const addDecisions = (app: Api, client: OnboardingClient): void => {
  app.post(
    '/v1/onboardings/:id/review',
    {
      config: {
        scope: 'review',
        problems: ['notFound', 'alreadyEnded', 'nothingToReview', 'reviewChanged', 'closedWithoutOutcome'],
      },
      schema: {
        operationId: 'decideReview',
        summary: 'Approve or reject a check or onboarding under review',
        tags,
        headers: OnceHeaders,
        params: OnboardingPath,
        body: ReviewFields,
        response: { 200: OnboardingCodec },
      },
    },
    async (request) => {
      const { id, workflowId } = resolveOnboarding(request, request.params.id);
      const decide = () => client.decideReview(workflowId, request.body, onceBy(request.headers));
      return { id, ...(await unlessEnded(client, workflowId, decide, rejectEnded)) };
    },
  );

  app.post(
    '/v1/onboardings/:id/withdrawal',
    {
      config: { scope: 'start', problems: ['notFound', 'alreadyEnded', 'closedWithoutOutcome'] },
      schema: {
        operationId: 'withdraw',
        summary: 'End an onboarding as withdrawn',
        description:
          'Has no effect if the onboarding ends with another outcome at the same time. The request has no body.',
        tags,
        params: OnboardingPath,
        response: { 202: IdCodec },
      },
    },
    async (request, reply) => {
      const { id, workflowId } = resolveOnboarding(request, request.params.id);
      await unlessEnded(
        client,
        workflowId,
        () => client.withdraw(workflowId),
        ({ outcome }) => {
          if (outcome !== 'withdrawn') rejectEnded();
        },
      );
      return reply.code(202).send({ id });
    },
  );

  app.delete(
    '/v1/onboardings/:id',
    {
      config: { scope: 'erase', problems: ['legalHold'] },
      schema: {
        operationId: 'erase',
        summary: 'Erase a customer',
        description:
          'Deletes all data of the customer in Temporal, and responds when nothing is left. This takes two seconds, or half a minute and more if an onboarding has closed just before. The request has no body.',
        tags,
        params: OnboardingPath,
        response: { 200: ReceiptCodec },
      },
    },
    async (request) => {
      const { id } = resolveOnboarding(request, request.params.id);
      const { reference: _, ...receipt } = await client.erase(referenceIn(callerOf(request).tenant, id));
      return { id, ...receipt };
    },
  );
};
