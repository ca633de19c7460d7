import type { ListedOnboarding, OnboardingClient } from '../../client/index.js';
import type { OnboardingRequestInput } from '../../domain/request.js';
import { defined } from '../../shared/defined.js';
import type { ApiKey } from '../auth/api-keys.js';
import { callerOf } from '../auth/authentication.js';
import { type Api, routesOf } from '../codecs.js';
import { Problem } from '../problems.js';
import { StartHeaders } from '../schemas/ids.js';
import { ListCodec, ListQuery, RegistrationCodec, StartBody } from '../schemas/onboarding.js';
import { idIn, type Learn, prefixOf, referenceIn, registrationOf, TOKEN_PROBLEMS } from './resolve-onboarding.js';

const route = routesOf('onboardings');

/** A listed onboarding with the caller's id. */
const listedFor = (tenant: string, { reference = '', ...listed }: ListedOnboarding) => {
  const { execution, pending, registrationIds, status, startedAt, deadline, validUntil, stopped } = listed;
  const { reviewDue, reviewReasons, claimedBy } = listed;
  return {
    id: idIn(tenant, reference),
    startedAt: startedAt.getTime(),
    ...defined({ execution, pending, registrationIds, status, stopped }),
    ...defined({ deadline: deadline?.getTime(), validUntil: validUntil?.getTime() }),
    ...defined({ reviewDue: reviewDue?.getTime(), reviewReasons, claimedBy }),
  };
};

/**
 * Rejects a start that the key does not permit: in another project or flow, or with a registration that Verifik has.
 */
const rejectForeign = (
  { scopes, projects, projectFlows }: ApiKey,
  { project, projectFlow, appRegistrationId }: OnboardingRequestInput,
): void => {
  if (appRegistrationId !== undefined && !scopes.includes('adopt')) throw new Problem('scope');
  if (projects?.includes(project) === false || projectFlows?.includes(projectFlow) === false)
    throw new Problem('projectNotPermitted');
};

export const addOnboardings = (app: Api, client: OnboardingClient, learn: Learn): void => {
  app.post(
    '/v1/onboardings',
    route('start', ['projectNotPermitted', 'requestMismatch', ...TOKEN_PROBLEMS], {
      operationId: 'startOnboarding',
      summary: 'Start an onboarding, or find the one already started',
      description:
        'Returns a live token for the applicant. Repeating the request returns the same registration. The contact must have an email or a phone; a phone needs its `countryCode`. It must also have the fields that the checks in `policy.required` verify.',
      headers: StartHeaders,
      body: StartBody,
      response: { 201: RegistrationCodec },
    }),
    async (request, reply) => {
      const caller = callerOf(request);
      const { tenant, callbacks } = caller;
      rejectForeign(caller, request.body);
      const { reference, restart, ...asked } = request.body;
      const id = reference ?? client.referenceOf(asked);
      request.context.onboarding = id;
      const key = request.headers['idempotency-key'];
      const started = await client.start(asked, {
        reference: referenceIn(tenant, id),
        rejectIfDifferent: true,
        fairnessKey: tenant,
        ...defined({
          restart,
          idempotencyKey: key && `${tenant}:${key}`,
          callbacks: callbacks === undefined ? undefined : { endpoint: callbacks, id },
        }),
      });
      learn(started);
      return reply.code(201).header('location', `/v1/onboardings/${id}`).send(registrationOf(id, started));
    },
  );

  app.get(
    '/v1/onboardings',
    route('read', [], {
      operationId: 'listOnboardings',
      summary: 'List onboardings, newest first',
      description:
        'Returns onboardings that match all of the given filters. The list can lag behind by about a second.',
      querystring: ListQuery,
      response: { 200: ListCodec },
    }),
    async (request) => {
      const { tenant } = callerOf(request);
      const { limit, cursor, ...filter } = request.query;
      const page = await client.listPage({ ...filter, referencePrefix: prefixOf(tenant) }, defined({ limit, cursor }));
      return { ...page, onboardings: page.onboardings.map((one) => listedFor(tenant, one)) };
    },
  );
};
