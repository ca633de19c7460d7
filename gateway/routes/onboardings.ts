import type { ListedOnboarding, OnboardingClient } from '../../client/index.js';
import { callerOf } from '../auth/authentication.js';
import type { Api } from '../codecs.js';
import { StartHeaders } from '../schemas/ids.js';
import { ListCodec, ListQuery, RegistrationCodec, StartBody } from '../schemas/onboarding.js';
import { idOf, prefixOf, referenceIn } from '../tenants.js';
import { registrationOf } from './resolve-onboarding.js';

const listedFor = (tenant: string, { reference = '', startedAt, deadline, ...listed }: ListedOnboarding) => {
  const { execution, pending, registrationIds, status } = listed;
  return {
    id: idOf(tenant, reference),
    ...{ execution, pending, registrationIds, startedAt: startedAt.getTime() },
    ...(status === undefined ? {} : { status }),
    ...(deadline === undefined ? {} : { deadline: deadline.getTime() }),
  };
};

export const addOnboardings = (app: Api, client: OnboardingClient): void => {
  app.post(
    '/v1/onboardings',
    {
      config: {
        scope: 'start',
        problems: [
          'notFound',
          'requestMismatch',
          'alreadyRegistered',
          'registrationClosed',
          'alreadyEnded',
          'closedWithoutOutcome',
          'misconfigured',
          'refusedByPolicy',
          'unexpectedVendorResponse',
          'unreachable',
        ],
      },
      schema: {
        operationId: 'startOnboarding',
        summary: 'Start an onboarding, or find the one already started',
        description:
          'Returns a live token for the applicant. Repeating the request returns the same registration. The contact must have an email or a phone; a phone needs its `countryCode`. It must also have the fields that the checks in `policy.required` verify.',
        tags: ['onboardings'],
        headers: StartHeaders,
        body: StartBody,
        response: { 201: RegistrationCodec },
      },
    },
    async (request, reply) => {
      const { tenant, callbacks } = callerOf(request);
      const { reference, restart, ...asked } = request.body;
      const id = reference ?? client.referenceOf(asked);
      request.context.onboarding = id;
      const key = request.headers['idempotency-key'];
      const started = await client.start(asked, {
        reference: referenceIn(tenant, id),
        rejectIfDifferent: true,
        ...(restart === undefined ? {} : { restart }),
        ...(key === undefined ? {} : { idempotencyKey: `${tenant}:${key}` }),
        ...(callbacks === undefined ? {} : { callbacks: { endpoint: callbacks, id } }),
      });
      return reply.code(201).header('location', `/v1/onboardings/${id}`).send(registrationOf(id, started));
    },
  );

  app.get(
    '/v1/onboardings',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listOnboardings',
        summary: 'List onboardings, newest first',
        description:
          'Returns onboardings that match all of the given filters. The list can lag behind by about a second.',
        tags: ['onboardings'],
        querystring: ListQuery,
        response: { 200: ListCodec },
      },
    },
    async (request) => {
      const { tenant } = callerOf(request);
      const { limit, cursor, ...filter } = request.query;
      const page = await client.listPage(
        { ...filter, referencePrefix: prefixOf(tenant) },
        { ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) },
      );
      return {
        onboardings: page.onboardings.map((one) => listedFor(tenant, one)),
        ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
      };
    },
  );
};
