import type { OnboardingClient } from '../../client/index.js';
import { callerOf } from '../auth/authentication.js';
import { type Api, routesOf } from '../codecs.js';
import { FunnelCodec, FunnelQuery } from '../schemas/funnel.js';
import { prefixOf } from './resolve-onboarding.js';

const route = routesOf('onboardings');

/** Adds the counts of the tenant's onboardings. */
export const addFunnel = (app: Api, client: OnboardingClient): void => {
  app.get(
    '/v1/funnel',
    route('read', [], {
      operationId: 'readFunnel',
      summary: 'Count the onboardings of a period by how far they have got',
      description:
        'Counts onboardings that match all of the given filters. The counts can lag behind by about a second, and those of pending checks by five minutes.',
      querystring: FunnelQuery,
      response: { 200: FunnelCodec },
    }),
    (request) => client.funnel({ ...request.query, referencePrefix: prefixOf(callerOf(request).tenant) }),
  );
};
