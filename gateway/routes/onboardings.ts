import type { ListedOnboarding, OnboardingClient } from '../../client/index.js';
import { callerOf } from '../callers/authentication.js';
import type { Api } from '../codecs.js';
import { StartHeaders } from '../schemas/ids.js';
import { ListCodec, ListQuery, RegistrationCodec, StartBody } from '../schemas/onboarding.js';
import { idOf, prefixOf, referenceIn } from '../tenants.js';
import { registrationOf } from './named.js';

const listedFor = (tenant: string, { reference = '', startedAt, deadline, ...listed }: ListedOnboarding) => {
  const { execution, pending, registrationIds, status } = listed;
  return {
    id: idOf(tenant, reference),
    ...{ execution, pending, registrationIds, startedAt: startedAt.getTime() },
    ...(status === undefined ? {} : { status }),
    ...(deadline === undefined ? {} : { deadline: deadline.getTime() }),
  };
};

/** Starting onboardings, and listing them. */
export const addOnboardings = (app: Api, client: OnboardingClient): void => {
  app.post(
    '/v1/onboardings',
    {
      config: {
        scope: 'start',
        problems: [
          'notFound',
          'otherRequest',
          'alreadyRegistered',
          'registrationOver',
          'ended',
          'stopped',
          'misconfigured',
          'refusedByPolicy',
          'contractBroken',
          'unreachable',
        ],
      },
      schema: {
        operationId: 'startOnboarding',
        summary: 'Start an onboarding, or find it',
        description:
          'Answers with a live token for the applicant. The same start again has the same answer. An email or a phone is needed; a phone needs its `countryCode`; the checks that `policy.required` names need what they check.',
        tags: ['onboardings'],
        headers: StartHeaders,
        body: StartBody,
        response: { 201: RegistrationCodec },
      },
    },
    async (request, reply) => {
      const { tenant, callbacks } = callerOf(request);
      const { reference, again, ...asked } = request.body;
      const id = reference ?? client.referenceOf(asked);
      request.call.onboarding = id;
      const key = request.headers['idempotency-key'];
      const started = await client.start(asked, {
        reference: referenceIn(tenant, id),
        refuseOther: true,
        ...(again === undefined ? {} : { again }),
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
        description: 'All that is asked for must hold. The list may lag behind by a second or so.',
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
