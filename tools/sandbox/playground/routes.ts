import type { FastifyInstance } from 'fastify';
import { FAULT_PROFILES } from '../faults.js';
import { inventPeople } from '../people.js';
import { DEFAULT_PROJECT, DEFAULT_PROJECT_FLOW } from '../settings.js';
import type { GatewayConnection } from './gateway.js';
import { addGatewayProxy } from './gateway-proxy.js';
import { guard } from './guard.js';
import { addPageFiles } from './page-files.js';

/** How many people the page has to choose from before it is loaded again. */
const PEOPLE = 20;

/** Whoever is proposed to be registered is somebody new, until the sandbox starts anew. */
const proposals = (seed: number) => {
  let asked = 0;
  return () => {
    asked += 1;
    return inventPeople(seed + 7_919 * asked, PEOPLE);
  };
};

/** What the page has to know: nothing secret. */
const viewConfig = ({ options }: GatewayConnection) => ({
  gateway: options !== undefined,
  project: DEFAULT_PROJECT,
  projectFlow: DEFAULT_PROJECT_FLOW,
  faultProfiles: FAULT_PROFILES,
  ...(options?.temporalUiUrl === undefined ? {} : { temporalUi: options.temporalUiUrl }),
  ...(options?.workflowIdPrefix === undefined ? {} : { workflowIdPrefix: options.workflowIdPrefix }),
  ...(options?.codecServerUrl === undefined ? {} : { codecServer: options.codecServerUrl }),
  ...(options === undefined ? {} : { namespace: options.namespace ?? 'default' }),
});

/** The playground: a page at `/` on which a person plays the applicant, the backend and the vendor. */
export const addPlayground = (app: FastifyInstance, connection: GatewayConnection, seed: number): void => {
  const propose = proposals(seed);
  guard(app);
  addPageFiles(app);
  app.get('/playground/config.json', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    return { ...viewConfig(connection), people: propose() };
  });
  app.register(async (proxy) => addGatewayProxy(proxy, connection), { prefix: '/playground/gateway' });
};
