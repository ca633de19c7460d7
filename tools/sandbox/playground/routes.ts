import type { FastifyInstance } from 'fastify';
import { FAULT_PROFILES } from '../faults.js';
import { inventPeople } from '../people.js';
import { DEFAULT_PROJECT, DEFAULT_PROJECT_FLOW } from '../settings.js';
import type { GatewayConnection } from './gateway.js';
import { addGatewayProxy } from './gateway-proxy.js';
import { guard } from './guard.js';
import { addPageFiles } from './page-files.js';

const PEOPLE = 20;

/** Offers different people on each page load, until the sandbox restarts. */
const proposals = (seed: number) => {
  let loads = 0;
  return () => {
    loads += 1;
    return inventPeople(seed + 7_919 * loads, PEOPLE);
  };
};

/** The page's configuration. It contains no secrets. */
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

/** Adds the playground: a page at `/` to act as the applicant, the backend and Verifik. */
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
