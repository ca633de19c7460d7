import type * as t from 'io-ts';
import type { OnboardingClient } from '../../client/index.js';
import { ReviewFields } from '../../domain/review.js';
import { callerOf } from '../callers/authentication.js';
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
import { refuseEnded, unlessEnded } from './ended.js';
import { named, registrationOf } from './named.js';

const TOKEN_PROBLEMS = [
  'notFound',
  'ended',
  'registrationOver',
  'alreadyRegistered',
  'stopped',
  'misconfigured',
  'refusedByPolicy',
  'contractBroken',
  'unreachable',
] as const;

const tags = ['onboarding'];

const onceBy = ({ 'idempotency-key': key }: t.TypeOf<typeof OnceHeaders>) =>
  key === undefined ? {} : { idempotencyKey: key };

/** Looking at one onboarding. */
export const addReading = (app: Api, client: OnboardingClient): void => {
  app.get(
    '/v1/onboardings/:id',
    {
      config: { scope: 'read', problems: ['notFound'] },
      schema: {
        operationId: 'getOnboarding',
        summary: 'See where an onboarding stands',
        tags,
        params: OnboardingPath,
        response: { 200: OnboardingCodec },
      },
    },
    async (request) => {
      const { id, workflowId } = named(request, request.params.id);
      return { id, ...(await client.status(workflowId)) };
    },
  );

  app.get(
    '/v1/onboardings/:id/applicant',
    {
      config: { scope: 'personal-data', problems: ['notFound'] },
      schema: {
        operationId: 'getApplicant',
        summary: 'Read who is being onboarded',
        tags,
        params: OnboardingPath,
        response: { 200: ApplicantCodec },
      },
    },
    async (request) => client.applicant(named(request, request.params.id).workflowId),
  );
};

/** Getting another token. */
export const addTokens = (app: Api, client: OnboardingClient): void => {
  app.post(
    '/v1/onboardings/:id/token',
    {
      config: { scope: 'start', problems: TOKEN_PROBLEMS },
      schema: {
        operationId: 'getToken',
        summary: 'Get a live token',
        description: 'Verifik is asked for a new one only where there is none. Takes no body.',
        tags,
        params: OnboardingPath,
        response: { 200: RegistrationCodec },
      },
    },
    async (request) => {
      const { id, workflowId } = named(request, request.params.id);
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
          'With a new contact, whole, where it has changed. It needs what the required checks check. Finished email and phone checks may have to be done again.',
        tags,
        headers: OnceHeaders,
        params: OnboardingPath,
        body: ReRegistrationBody,
        response: { 200: RegistrationCodec },
      },
    },
    async (request) => {
      const { id, workflowId } = named(request, request.params.id);
      const again = () => client.reRegister(workflowId, request.body, onceBy(request.headers));
      return registrationOf(id, await unlessEnded(client, workflowId, again, refuseEnded));
    },
  );
};

/** Deciding about an onboarding, and ending it. */
export const addDecisions = (app: Api, client: OnboardingClient): void => {
  app.post(
    '/v1/onboardings/:id/review',
    {
      config: { scope: 'review', problems: ['notFound', 'ended', 'nothingToReview', 'stopped'] },
      schema: {
        operationId: 'decideReview',
        summary: 'Approve or reject what is under review',
        tags,
        headers: OnceHeaders,
        params: OnboardingPath,
        body: ReviewFields,
        response: { 200: OnboardingCodec },
      },
    },
    async (request) => {
      const { id, workflowId } = named(request, request.params.id);
      const decide = () => client.decideReview(workflowId, request.body, onceBy(request.headers));
      return { id, ...(await unlessEnded(client, workflowId, decide, refuseEnded)) };
    },
  );

  app.post(
    '/v1/onboardings/:id/withdrawal',
    {
      config: { scope: 'start', problems: ['notFound', 'ended', 'stopped'] },
      schema: {
        operationId: 'withdraw',
        summary: 'End an onboarding as withdrawn',
        description: 'Takes no body. Has no effect where the onboarding ends otherwise at the same moment.',
        tags,
        params: OnboardingPath,
        response: { 202: IdCodec },
      },
    },
    async (request, reply) => {
      const { id, workflowId } = named(request, request.params.id);
      await unlessEnded(
        client,
        workflowId,
        () => client.withdraw(workflowId),
        ({ outcome }) => {
          if (outcome !== 'withdrawn') refuseEnded();
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
          'Deletes everything that Temporal has of the customer, and answers when nothing is left: after two seconds at least, and half a minute or more where an onboarding closed just before. Takes no body.',
        tags,
        params: OnboardingPath,
        response: { 200: ReceiptCodec },
      },
    },
    async (request) => {
      const { id } = named(request, request.params.id);
      const { reference: _, ...receipt } = await client.erase(referenceIn(callerOf(request).tenant, id));
      return { id, ...receipt };
    },
  );
};
