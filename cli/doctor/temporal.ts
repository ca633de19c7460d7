import { Connection, isGrpcServiceError } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { plain } from '../showing/plain.js';
import { type Finding, ok, skipped, wrong } from './finding.js';
import { lookAtWorkers } from './workers.js';
import { lookAtWorkflowTasks } from './workflow-tasks.js';

const ABOUT = {
  server: 'Temporal',
  namespace: 'namespace',
  attributes: 'search attributes',
  workers: 'workers',
  workflowTasks: 'workflow tasks',
} as const;

export interface TemporalLook {
  readonly taskQueue: string;
  readonly timeoutMs: number;
}

const problemOf = (error: unknown): string =>
  plain(
    isGrpcServiceError(error) ? error.details || error.message : error instanceof Error ? error.message : 'it failed',
  );

const told = async (about: string, mend: string, look: () => Promise<Finding>): Promise<Finding> =>
  look().catch((error: unknown) => wrong(about, problemOf(error), mend));

const lookAtNamespace = ({ workflowService }: Connection, namespace: string): Promise<Finding> =>
  told(ABOUT.namespace, 'Look at TEMPORAL_NAMESPACE and at the credentials, or register the namespace.', async () => {
    await workflowService.describeNamespace({ namespace });
    return ok(ABOUT.namespace, `${namespace} is there`);
  });

const lookAtAttributes = ({ operatorService }: Connection, namespace: string): Promise<Finding> => {
  const setup = 'npm run temporal:setup';
  return told(
    ABOUT.attributes,
    `They cannot be listed: look at the credentials. ${setup} registers them.`,
    async () => {
      const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
      const all = Object.values(SEARCH_ATTRIBUTES);
      const missing = all.filter(({ name }) => customAttributes[name] === undefined);
      const others = all.filter(
        (key) =>
          customAttributes[key.name] !== undefined &&
          customAttributes[key.name] !== encodeSearchAttributeIndexedValueType(key.type),
      );
      if (missing.length > 0)
        return wrong(
          ABOUT.attributes,
          `missing: ${missing.map(({ name }) => name).join(', ')}`,
          `Register them: ${setup}.`,
        );
      if (others.length > 0)
        return wrong(
          ABOUT.attributes,
          `of another type: ${others.map(({ name }) => name).join(', ')}`,
          'Temporal cannot change the type: take another namespace.',
        );
      return ok(ABOUT.attributes, `all ${all.length} are registered`);
    },
  );
};

const workersIn = (connection: Connection, namespace: string, taskQueue: string): Promise<Finding> =>
  told(ABOUT.workers, 'Look at the namespace and at the credentials.', () =>
    lookAtWorkers(connection, namespace, taskQueue),
  );

const workflowTasksIn = ({ workflowService }: Connection, namespace: string): Promise<Finding> =>
  told(ABOUT.workflowTasks, 'Look at the credentials.', () => lookAtWorkflowTasks({ workflowService, namespace }));

/** The findings for which the namespace has to be there. */
const lookInto = async (connection: Connection, namespace: string, taskQueue: string): Promise<readonly Finding[]> => [
  await lookAtAttributes(connection, namespace),
  await workersIn(connection, namespace, taskQueue),
  await workflowTasksIn(connection, namespace),
];

const connect = async (
  connectionOptions: ReturnType<typeof loadClientConnectConfig>['connectionOptions'],
  timeoutMs: number,
): Promise<readonly [Connection | undefined, Finding]> => {
  const address = connectionOptions.address ?? 'its default address';
  try {
    const connection = await Connection.connect({ ...connectionOptions, connectTimeout: timeoutMs });
    const { serverVersion } = await connection.workflowService.getSystemInfo({});
    return [connection, ok(ABOUT.server, `${serverVersion || 'a server'} answers at ${address}`)];
  } catch (error) {
    const mend = 'Look at TEMPORAL_ADDRESS, TEMPORAL_API_KEY and TEMPORAL_TLS…, and whether the server runs.';
    return [undefined, wrong(ABOUT.server, `no answer at ${address}: ${problemOf(error)}`, mend)];
  }
};

/** Whether Temporal is there with all that onboardings need. What it is looked for in comes first. */
export const lookAtTemporal = async (
  look: TemporalLook,
): Promise<{ readonly namespace: string; readonly findings: readonly Finding[] }> => {
  let config: ReturnType<typeof loadClientConnectConfig>;
  try {
    config = loadClientConnectConfig();
  } catch {
    const mend = 'Look at the TEMPORAL_… variables, and at the file and the profile that they name.';
    return { namespace: 'default', findings: [wrong(ABOUT.server, 'its settings cannot be read', mend)] };
  }
  const { connectionOptions, namespace = 'default' } = config;
  const [connection, server] = await connect(connectionOptions, look.timeoutMs);
  const inNamespace = [ABOUT.attributes, ABOUT.workers, ABOUT.workflowTasks];
  if (connection === undefined) {
    const rest = [ABOUT.namespace, ...inNamespace];
    return { namespace, findings: [server, ...rest.map((about) => skipped(about, 'not looked at, without a server'))] };
  }
  return connection.withDeadline(Date.now() + look.timeoutMs, async () => {
    const there = await lookAtNamespace(connection, namespace);
    const within =
      there.state === 'ok'
        ? await lookInto(connection, namespace, look.taskQueue)
        : inNamespace.map((about) => skipped(about, 'not looked at, without the namespace'));
    return { namespace, findings: [server, there, ...within] };
  });
};
